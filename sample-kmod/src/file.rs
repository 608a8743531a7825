//! The kernel's `struct file`, for the length of one file operation.

use core::ffi::c_void;
use core::marker::PhantomData;

use crate::bindings;
use crate::wait::WaitQueue;

/// An open file as an operation is given it.
#[derive(Clone, Copy)]
pub struct File<'a> {
    raw: *mut bindings::file,
    operation: PhantomData<&'a ()>,
}

impl File<'_> {
    /// # Safety
    /// The kernel passed `raw` to the file operation that is running.
    pub unsafe fn new(raw: *mut bindings::file) -> Self {
        Self {
            raw,
            operation: PhantomData,
        }
    }

    /// Whether the caller would rather have EAGAIN than wait.
    pub fn is_nonblocking(self) -> bool {
        // SAFETY: the file lives while its operation runs, here and below.
        unsafe { bindings::file_flags(self.raw) & bindings::O_NONBLOCK != 0 }
    }

    /// The minor number of the device that was opened.
    pub fn minor(self) -> u32 {
        // SAFETY: see is_nonblocking().
        unsafe { bindings::iminor(bindings::file_inode(self.raw)) }
    }

    pub fn private_data(self) -> *mut c_void {
        // SAFETY: see is_nonblocking().
        unsafe { bindings::file_private_data(self.raw) }
    }

    /// Only the open operation does this, before anyone else has the file.
    pub fn set_private_data(self, data: *mut c_void) {
        // SAFETY: see is_nonblocking().
        unsafe { bindings::file_set_private_data(self.raw, data) }
    }

    /// Adds the poller to a wait queue that lives as long as the file.
    ///
    /// # Safety
    /// `table` is what the kernel passed to the poll operation, and the queue
    /// lives until the file is released.
    pub unsafe fn poll_wait(self, queue: &WaitQueue, table: *mut bindings::poll_table) {
        // SAFETY: the caller's promise.
        unsafe { bindings::poll_wait(self.raw, queue.as_ptr(), table) }
    }
}
