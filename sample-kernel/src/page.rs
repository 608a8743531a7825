//! Whole pages of memory.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use crate::alloc::Flags;
use crate::bindings;
use crate::error::{Error, Result};
use crate::xarray::Owner;

/// How large a page is, in bytes.
pub const SIZE: usize = bindings::rust_const_page_size as usize;

/// `struct page` of a page that someone owns. Its bytes belong to all who have
/// it, at once: as on a disk, what is written by two at a time is either's or a
/// mixture.
#[repr(transparent)]
pub struct Frame(bindings::page);

// SAFETY: the bytes are only copied, never referred to.
unsafe impl Sync for Frame {}

impl Frame {
    fn as_ptr(&self) -> *mut bindings::page {
        (&raw const self.0).cast_mut()
    }

    /// Copies `len` bytes from `offset` on to `to`.
    ///
    /// # Safety
    /// `to` can be written for `len` bytes.
    ///
    /// # Panics
    /// When that is not all in the page.
    #[inline]
    pub unsafe fn read(&self, offset: usize, to: *mut u8, len: usize) {
        assert!(offset <= SIZE && len <= SIZE - offset);
        // SAFETY: the caller's promise, and the assertion for the page.
        unsafe { bindings::memcpy_from_page(to.cast(), self.as_ptr(), offset, len) }
    }

    /// Copies `len` bytes from `from` to `offset`.
    ///
    /// # Safety
    /// `from` can be read for `len` bytes.
    ///
    /// # Panics
    /// When that is not all in the page.
    #[inline]
    pub unsafe fn write(&self, offset: usize, from: *const u8, len: usize) {
        assert!(offset <= SIZE && len <= SIZE - offset);
        // SAFETY: the caller's promise, and the assertion for the page.
        unsafe { bindings::memcpy_to_page(self.as_ptr(), offset, from.cast(), len) }
    }
}

/// The owner of a page.
pub struct Page(NonNull<Frame>);

// SAFETY: a page belongs to no task.
unsafe impl Send for Page {}
// SAFETY: shared, it gives a shared frame.
unsafe impl Sync for Page {}

impl Page {
    /// A page with whatever was in it before. May sleep.
    ///
    /// # Errors
    /// [`Error::NO_MEMORY`]
    #[inline]
    pub fn new() -> Result<Self> {
        Self::allocate(Flags::KERNEL)
    }

    /// A page as `flags` want it.
    ///
    /// # Errors
    /// [`Error::NO_MEMORY`]
    #[inline]
    pub fn allocate(flags: Flags) -> Result<Self> {
        // SAFETY: any flags may be given; those that may sleep are the caller's
        // to use where it may.
        NonNull::new(unsafe { bindings::alloc_page(flags.to_c()) })
            .map(|page| Self(page.cast()))
            .ok_or(Error::NO_MEMORY)
    }

    /// Maps the page and fills it; returns its last byte as read back.
    #[inline]
    pub fn fill(&mut self, byte: u8) -> u8 {
        // SAFETY: the page is ours alone, and mapped for its whole length
        // between the two calls.
        unsafe {
            let start = bindings::kmap_local_page(self.as_ptr()).cast::<u8>();
            start.write_bytes(byte, SIZE);
            let last = start.add(SIZE - 1).read_volatile();
            unmap_local(start);
            last
        }
    }
}

impl Deref for Page {
    type Target = Frame;

    #[inline]
    fn deref(&self) -> &Frame {
        // SAFETY: the page lives as long as its owner.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Page {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the page is ours, and mapped no more.
        unsafe { bindings::__free_page(self.as_ptr()) }
    }
}

// SAFETY: the frame is the page's own until it is taken back; the kernel aligns
// its records of pages to words.
unsafe impl Owner for Page {
    type Object = Frame;

    #[inline]
    fn into_raw(self) -> NonNull<Frame> {
        ManuallyDrop::new(self).0
    }

    #[inline]
    unsafe fn from_raw(object: NonNull<Frame>) -> Self {
        Self(object)
    }
}

/// Ends a mapping for this task.
///
/// # Safety
/// `address` is in the mapping that this task made last and has not ended.
#[inline]
pub unsafe fn unmap_local(address: *const u8) {
    // SAFETY: the caller's promise.
    unsafe { bindings::kunmap_local(address.cast()) }
}
