//! Reading files by io_uring: what liburing does inline for each entry is compiled
//! into the Rust loop that does it, in a build that inlines.

/// liburing's own names: its functions, and those that its header defines inline.
#[allow(
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks)]
pub mod sys {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::process::abort;
use std::ptr;

/// One read: from where, and where to.
#[derive(Debug)]
pub struct Read<'a> {
    /// The file.
    pub file: BorrowedFd<'a>,
    /// Where in the file it begins.
    pub offset: u64,
    /// What is filled, from its beginning.
    pub buffer: &'a mut [u8],
}

/// An io_uring of a fixed number of entries.
pub struct Ring(sys::io_uring);

impl Ring {
    /// Sets a ring up; the kernel rounds the number of entries up to a power of two.
    ///
    /// # Errors
    /// The kernel's: `Unsupported` where it has no io_uring, `PermissionDenied` where
    /// this process may not use it.
    pub fn new(entries: u32) -> io::Result<Ring> {
        let mut ring = MaybeUninit::zeroed();
        // SAFETY: this initializes all of it, unless it fails.
        unsafe {
            check(sys::io_uring_queue_init(entries, ring.as_mut_ptr(), 0))?;
            Ok(Ring(ring.assume_init()))
        }
    }

    /// Does all reads, as many at a time as there are entries, in any order, and
    /// returns what came of each: how many bytes, or the kernel's error.
    pub fn read(&mut self, reads: &mut [Read<'_>]) -> Vec<io::Result<usize>> {
        let mut results: Vec<_> = reads.iter().map(|_| Ok(0)).collect();
        let mut reads = reads.iter_mut().enumerate();
        let mut in_flight = 0;
        while in_flight > 0 || reads.len() > 0 {
            while in_flight < self.0.sq.ring_entries {
                let Some((number, read)) = reads.next() else {
                    break;
                };
                self.prepare(number as u64, read);
                in_flight += 1;
            }
            // While the kernel fills the buffers nobody may have them back.
            let Ok((number, result)) = self.submit().and_then(|()| self.wait()) else {
                abort();
            };
            results[number as usize] = result;
            in_flight -= 1;
        }
        results
    }

    /// Takes an entry for a read; there is one when fewer reads are in flight.
    fn prepare(&mut self, number: u64, read: &mut Read<'_>) {
        let length = u32::try_from(read.buffer.len()).unwrap_or(u32::MAX);
        let address = read.buffer.as_mut_ptr().cast();
        // SAFETY: the ring is whole; the buffer stays borrowed until the read is done.
        unsafe {
            let entry = sys::io_uring_get_sqe(&mut self.0);
            if entry.is_null() {
                // Nor may this unwind, with other reads in flight.
                abort();
            }
            sys::io_uring_prep_read(entry, read.file.as_raw_fd(), address, length, read.offset);
            sys::io_uring_sqe_set_data64(entry, number);
        }
    }

    /// Hands the kernel all entries that were taken.
    fn submit(&mut self) -> io::Result<()> {
        // SAFETY: the ring is whole.
        uninterrupted(|| unsafe { sys::io_uring_submit(&mut self.0) })
    }

    /// Waits for one completion.
    fn wait(&mut self) -> io::Result<(u64, io::Result<usize>)> {
        let mut completion = ptr::null_mut();
        // SAFETY: the ring is whole, and the completion its own until it is seen.
        unsafe {
            uninterrupted(|| sys::io_uring_wait_cqe(&mut self.0, &mut completion))?;
            let number = sys::io_uring_cqe_get_data64(completion);
            let result = check((*completion).res);
            sys::io_uring_cqe_seen(&mut self.0, completion);
            Ok((number, result))
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the ring is whole, and no read in flight.
        unsafe { sys::io_uring_queue_exit(&mut self.0) };
    }
}

/// liburing's results: a count, or an error below zero.
fn check(result: i32) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::from_raw_os_error(-result))
}

/// Calls again when a signal came in between.
fn uninterrupted(mut call: impl FnMut() -> i32) -> io::Result<()> {
    loop {
        match check(call()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map(drop),
        }
    }
}
