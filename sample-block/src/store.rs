//! The memory of the disk: pages, each there from when it is first written to.

use sample_kernel::alloc::Flags;
use sample_kernel::error::Result;
use sample_kernel::page::{self, Page};
use sample_kernel::xarray::XArray;

/// Pages by their number. What was never written is zeros.
#[repr(transparent)]
pub struct Store {
    pages: XArray<Page>,
}

/// What lies in one page: its number, where in it, and how many bytes.
struct Part {
    page: u64,
    offset: usize,
    len: usize,
}

impl Store {
    /// Makes an empty store in place.
    ///
    /// # Safety
    /// `slot` can hold one, holds nothing, and what is in it will not move.
    pub unsafe fn init(slot: *mut Self) {
        // SAFETY: the caller's promise.
        unsafe { XArray::init(&raw mut (*slot).pages) }
    }

    /// How many pages it has.
    pub fn pages(&self) -> u64 {
        self.pages.count()
    }

    /// Copies `len` bytes from `position` on to `to`.
    ///
    /// # Safety
    /// `to` can be written for `len` bytes.
    #[inline]
    pub unsafe fn read(&self, position: u64, to: *mut u8, len: usize) {
        let mut done = 0;
        while done < len {
            let part = part(position + done as u64, len - done);
            // SAFETY: the caller's promise: the part ends where `to` does or before.
            unsafe {
                let to = to.add(done);
                match self.pages.get(part.page) {
                    Some(frame) => frame.read(part.offset, to, part.len),
                    None => to.write_bytes(0, part.len),
                }
            }
            done += part.len;
        }
    }

    /// Copies `len` bytes from `from` to `position`. May sleep.
    ///
    /// # Safety
    /// `from` can be read for `len` bytes.
    #[inline]
    pub unsafe fn write(&self, position: u64, from: *const u8, len: usize) -> Result {
        let mut done = 0;
        while done < len {
            let part = part(position + done as u64, len - done);
            let frame = self
                .pages
                .get_or_insert(part.page, FLAGS, || Page::allocate(FLAGS.zeroed()))?;
            // SAFETY: the caller's promise: the part ends where `from` does or
            // before.
            unsafe { frame.write(part.offset, from.add(done), part.len) };
            done += part.len;
        }
        Ok(())
    }
}

/// This is the way on which the kernel writes memory out: it must not take the
/// same way for memory.
const FLAGS: Flags = Flags::NO_IO.quiet();

/// The beginning of `len` bytes from `position` on, as far as one page goes.
#[inline]
fn part(position: u64, len: usize) -> Part {
    let offset = (position % page::SIZE as u64) as usize;
    Part {
        page: position / page::SIZE as u64,
        offset,
        len: len.min(page::SIZE - offset),
    }
}
