//! Memory for transfers that go around the page cache, which must be aligned;
//! and what bytes a disk should hold.

use std::io;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Bytes that begin at a page.
pub struct Buffer {
    start: NonNull<u8>,
    len: usize,
}

impl Buffer {
    /// So many zeros.
    pub fn zeroed(len: usize) -> Result<Self, String> {
        // SAFETY: asks for new memory.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len.max(1),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(format!("mapping memory: {}", io::Error::last_os_error()));
        }
        NonNull::new(start.cast())
            .map(|start| Self { start, len })
            .ok_or_else(|| "mapping memory gave address 0".to_owned())
    }

    /// What belongs at `position` when it was written with `seed`.
    pub fn pattern(position: u64, len: usize, seed: u8) -> Result<Self, String> {
        let mut buffer = Self::zeroed(len)?;
        for (place, at) in buffer.iter_mut().zip(position..) {
            *place = byte(at, seed);
        }
        Ok(buffer)
    }

    /// Whether it is what belongs there; the first place that is not.
    pub fn differs(&self, position: u64, seed: u8) -> Option<u64> {
        let places = self.iter().zip(position..);
        places
            .filter(|(is, at)| **is != byte(*at, seed))
            .map(|(_, at)| at)
            .next()
    }

    pub fn is_zero(&self) -> bool {
        self.iter().all(|byte| *byte == 0)
    }
}

/// The byte at a place: another one in the next place, the next block and the
/// next page.
fn byte(position: u64, seed: u8) -> u8 {
    let mixed = (position ^ (position >> 9) ^ (position >> 16)).wrapping_mul(31);
    // Never 0, which is what was not written.
    ((mixed as u8) ^ seed) | 1
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: mapped for this length as long as self.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: see deref(); borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: mapped by zeroed(), and nobody refers to it any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.len.max(1)) };
    }
}
