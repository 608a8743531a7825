//! Memory from the slab allocator: boxes that do not move, and bytes
//! of a length known at run time. May sleep: every caller here is a process.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use crate::bindings;
use crate::error::{Error, Result};

/// How memory is asked for.
#[derive(Clone, Copy)]
pub struct Flags(bindings::gfp_t);

impl Flags {
    /// May sleep, and write other memory out.
    pub const KERNEL: Self = Self(bindings::rust_const_gfp_kernel);
    /// May sleep, but not for input and output, in which the caller has a part.
    pub const NO_IO: Self = Self(bindings::rust_const_gfp_noio);

    /// All bytes zero.
    #[must_use]
    pub const fn zeroed(self) -> Self {
        Self(self.0 | bindings::rust_const_gfp_zero)
    }

    /// Without a line in the log when there is none.
    #[must_use]
    pub const fn quiet(self) -> Self {
        Self(self.0 | bindings::rust_const_gfp_nowarn)
    }

    /// As the kernel's functions take them.
    #[must_use]
    pub const fn to_c(self) -> bindings::gfp_t {
        self.0
    }
}

/// What kmalloc() promises on every architecture.
const KMALLOC_ALIGN: usize = 8;

/// A block of `size` bytes, not cleared, aligned to 8.
#[inline(always)] // so that a constant size is one in C
fn allocate(size: usize) -> Result<NonNull<u8>> {
    // SAFETY: any size may be asked for.
    let block = unsafe { bindings::kmalloc(size, bindings::rust_const_gfp_kernel) };
    NonNull::new(block.cast()).ok_or(Error::NO_MEMORY)
}

/// Gives a block back.
///
/// # Safety
/// It came from this module and nobody uses it any more.
unsafe fn release(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    unsafe { bindings::kfree(block.as_ptr().cast()) }
}

/// An object in memory of its own. It is only ever lent out shared, so it
/// cannot be moved, as locks and wait queues ask for.
pub struct KBox<T>(NonNull<T>);

// SAFETY: a box owns its object.
unsafe impl<T: Send> Send for KBox<T> {}
// SAFETY: a shared box gives a shared object and nothing more.
unsafe impl<T: Sync> Sync for KBox<T> {}

impl<T> KBox<T> {
    const FITS: () = assert!(
        size_of::<T>() > 0 && align_of::<T>() <= KMALLOC_ALIGN,
        "kmalloc() cannot hold this type"
    );

    /// Puts a value into memory of its own.
    ///
    /// # Errors
    /// [`Error::NO_MEMORY`]
    #[inline]
    pub fn new(value: T) -> Result<Self> {
        const { Self::FITS };
        let slot = allocate(size_of::<T>())?.cast::<T>();
        // SAFETY: the block has T's size and alignment.
        unsafe { slot.write(value) };
        Ok(Self(slot))
    }

    /// Lets `init` make the object where it is going to stay, in cleared
    /// memory. When it fails nothing remains.
    ///
    /// # Errors
    /// Those of `init`; [`Error::NO_MEMORY`].
    ///
    /// # Safety
    /// When `init` succeeds the object is whole; when it fails there is
    /// nothing in it left to drop.
    pub unsafe fn try_init(init: impl FnOnce(*mut T) -> Result) -> Result<Self> {
        const { Self::FITS };
        // SAFETY: any size may be asked for.
        let block = unsafe { bindings::kzalloc(size_of::<T>(), bindings::rust_const_gfp_kernel) };
        let slot = NonNull::new(block.cast::<T>()).ok_or(Error::NO_MEMORY)?;
        match init(slot.as_ptr()) {
            Ok(()) => Ok(Self(slot)),
            Err(error) => {
                // SAFETY: the block is from just above.
                unsafe { release(slot.cast()) };
                Err(error)
            }
        }
    }

    /// Gives the object to the caller; pair with [`KBox::from_raw`].
    pub fn into_raw(self) -> *mut T {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// Takes an object back.
    ///
    /// # Safety
    /// `object` came from [`KBox::into_raw`], and this takes it back.
    pub unsafe fn from_raw(object: *mut T) -> Self {
        // SAFETY: into_raw() never gives null.
        Self(unsafe { NonNull::new_unchecked(object) })
    }

    /// Where the object is, for the kernel's own pointers to it.
    pub fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T> Deref for KBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the box owns a whole object.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Drop for KBox<T> {
    fn drop(&mut self) {
        // SAFETY: the box owns a whole object, in a block of its own.
        unsafe {
            self.0.drop_in_place();
            release(self.0.cast());
        }
    }
}

/// A piece of memory whose length is known at run time only.
pub struct KBytes {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the bytes are this object's own.
unsafe impl Send for KBytes {}
// SAFETY: shared, they are only read.
unsafe impl Sync for KBytes {}

impl KBytes {
    /// Lets `fill` write all of the bytes.
    ///
    /// # Errors
    /// Those of `fill`; [`Error::NO_MEMORY`].
    ///
    /// # Safety
    /// When `fill` succeeds it has written `len` bytes where it was told.
    pub unsafe fn try_fill(len: usize, fill: impl FnOnce(*mut u8) -> Result) -> Result<Self> {
        let start = allocate(len)?;
        // From here on an early return gives the block back. The bytes are
        // not looked at before `fill` has written them.
        let bytes = Self { start, len };
        fill(start.as_ptr())?;
        Ok(bytes)
    }
}

impl Deref for KBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: all the bytes were written when this was made.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Drop for KBytes {
    fn drop(&mut self) {
        // SAFETY: the block is this object's own.
        unsafe { release(self.start) }
    }
}
