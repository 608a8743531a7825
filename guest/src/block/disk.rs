//! System calls on an open disk.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use super::buffer::Buffer;

/// An open disk.
pub struct Disk(OwnedFd);

/// `_IO(0x12, 97)`: throw away what the page cache has of it.
const BLKFLSBUF: u32 = 0x1261;
/// `_IO(0x12, 104)`: bytes of a block.
const BLKSSZGET: u32 = 0x1268;
/// `_IO(0x12, 119)`: have a range forgotten.
const BLKDISCARD: u32 = 0x1277;
/// `_IOR(0x12, 114, size_t)`: bytes of the disk.
const BLKGETSIZE64: u32 = 0x8008_1272;

impl Disk {
    /// Opens it anew.
    pub fn open(path: &str, flags: i32) -> Result<Self, String> {
        Self::try_open(path, flags).map_err(|error| format!("opening {path}: {error}"))
    }

    pub fn try_open(path: &str, flags: i32) -> io::Result<Self> {
        let path = CString::new(path)?;
        // SAFETY: the path ends in NUL.
        let fd = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC) };
        length(fd as isize)?;
        // SAFETY: open() has just given the descriptor to this process.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// For a kernel that is told of it.
    pub fn descriptor(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// Reads as many bytes, or it is an error.
    pub fn read(&self, position: u64, len: usize) -> Result<Buffer, String> {
        let mut buffer = Buffer::zeroed(len)?;
        match self.try_read(position, &mut buffer) {
            Ok(read) if read == len => Ok(buffer),
            other => Err(format!("reading {len} bytes at {position}: {other:?}")),
        }
    }

    pub fn try_read(&self, position: u64, to: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the slice can be written for its length.
        length(unsafe {
            libc::pread(
                self.0.as_raw_fd(),
                to.as_mut_ptr().cast(),
                to.len(),
                position as i64,
            )
        })
    }

    /// Writes all of it, or it is an error.
    pub fn write(&self, position: u64, from: &[u8]) -> Result<(), String> {
        match self.try_write(position, from) {
            Ok(written) if written == from.len() => Ok(()),
            other => Err(format!(
                "writing {} bytes at {position}: {other:?}",
                from.len()
            )),
        }
    }

    pub fn try_write(&self, position: u64, from: &[u8]) -> io::Result<usize> {
        // SAFETY: the slice can be read for its length.
        length(unsafe {
            libc::pwrite(
                self.0.as_raw_fd(),
                from.as_ptr().cast(),
                from.len(),
                position as i64,
            )
        })
    }

    /// Writes pieces from different places as one.
    pub fn write_vectored(&self, position: u64, pieces: &[&[u8]]) -> io::Result<usize> {
        let vector: Vec<libc::iovec> = pieces
            .iter()
            .map(|piece| libc::iovec {
                iov_base: piece.as_ptr().cast_mut().cast(),
                iov_len: piece.len(),
            })
            .collect();
        // SAFETY: each piece can be read for its length.
        length(unsafe {
            libc::pwritev(
                self.0.as_raw_fd(),
                vector.as_ptr(),
                vector.len() as i32,
                position as i64,
            )
        })
    }

    pub fn sync(&self) -> io::Result<()> {
        // SAFETY: a descriptor.
        length(unsafe { libc::fsync(self.0.as_raw_fd()) as isize }).map(drop)
    }

    /// Has the next reads come from the disk itself.
    pub fn forget_cached(&self) -> io::Result<()> {
        // SAFETY: this request has no argument.
        length(unsafe { libc::ioctl(self.0.as_raw_fd(), BLKFLSBUF as _, 0) as isize }).map(drop)
    }

    pub fn discard(&self, position: u64, len: u64) -> io::Result<()> {
        let range = [position, len];
        // SAFETY: the request reads two numbers.
        length(unsafe { libc::ioctl(self.0.as_raw_fd(), BLKDISCARD as _, range.as_ptr()) as isize })
            .map(drop)
    }

    /// Bytes of the disk.
    pub fn size(&self) -> io::Result<u64> {
        let mut size = 0u64;
        // SAFETY: the request writes one number of 64 bits.
        length(unsafe {
            libc::ioctl(self.0.as_raw_fd(), BLKGETSIZE64 as _, &raw mut size) as isize
        })?;
        Ok(size)
    }

    /// Bytes of a block.
    pub fn block_size(&self) -> io::Result<i32> {
        let mut size = 0i32;
        // SAFETY: the request writes one int.
        length(unsafe { libc::ioctl(self.0.as_raw_fd(), BLKSSZGET as _, &raw mut size) as isize })?;
        Ok(size)
    }
}

fn length(returned: isize) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| io::Error::last_os_error())
}

/// What the block layer has counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Sectors {
    pub read: u64,
    pub written: u64,
}

impl Sectors {
    pub fn all(&self) -> u64 {
        self.read + self.written
    }
}

/// Of a disk, since it was made: of 512 bytes each.
pub fn sectors(path: &str) -> Result<Sectors, String> {
    let stat = directory(path).join("stat");
    let text = fs::read_to_string(&stat).map_err(|error| format!("{}: {error}", stat.display()))?;
    let fields: Vec<u64> = text
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    match fields[..] {
        [_, _, read, _, _, _, written, ..] => Ok(Sectors { read, written }),
        _ => Err(format!("{}: {text}", stat.display())),
    }
}

/// What the kernel shows of a disk.
pub fn directory(path: &str) -> std::path::PathBuf {
    Path::new("/sys/block").join(path.trim_start_matches("/dev/"))
}
