//! A whole page of memory.

use core::ptr::NonNull;

use crate::bindings;
use crate::error::{Error, Result};

/// How large a page is.
const SIZE: usize = bindings::rust_const_page_size as usize;

/// A page that nobody else uses.
pub struct Page(NonNull<bindings::page>);

impl Page {
    pub fn new() -> Result<Self> {
        // SAFETY: it may sleep, as every caller here may.
        NonNull::new(unsafe { bindings::alloc_page(bindings::rust_const_gfp_kernel) })
            .map(Self)
            .ok_or(Error::NO_MEMORY)
    }

    /// Maps the page and fills it; returns its last byte as read back.
    pub fn fill(&mut self, byte: u8) -> u8 {
        // SAFETY: the page is ours alone, and mapped for its whole length
        // between the two calls.
        unsafe {
            let start = bindings::kmap_local_page(self.0.as_ptr()).cast::<u8>();
            start.write_bytes(byte, SIZE);
            let last = start.add(SIZE - 1).read_volatile();
            bindings::kunmap_local(start.cast());
            last
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: the page is ours, and mapped no more.
        unsafe { bindings::__free_page(self.0.as_ptr()) }
    }
}
