//! Reference counts that saturate instead of wrapping, and the owner built on
//! them. An object says how it is freed; counting is all done here.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use crate::bindings;

/// `refcount_t`
#[repr(transparent)]
pub struct RefCount(UnsafeCell<bindings::refcount_t>);

// SAFETY: all access goes through atomic operations.
unsafe impl Sync for RefCount {}

impl RefCount {
    /// With a first count.
    pub const fn new(count: c_int) -> Self {
        Self(UnsafeCell::new(bindings::refcount_t {
            refs: bindings::atomic_t { counter: count },
        }))
    }

    /// Replaces the count, of an object that nobody else has.
    #[inline]
    pub fn set(&self, count: c_int) {
        // SAFETY: the pointer is to a live refcount_t, here and below.
        unsafe { bindings::refcount_set(self.0.get(), count) }
    }

    /// The count.
    #[inline]
    pub fn read(&self) -> u32 {
        // SAFETY: see set().
        unsafe { bindings::refcount_read(self.0.get()) }
    }

    /// Adds a reference to those of which the caller has one.
    #[inline]
    pub fn inc(&self) {
        // SAFETY: see set(). A count of zero warns and saturates.
        unsafe { bindings::refcount_inc(self.0.get()) }
    }

    /// Adds a reference unless the last one is gone already.
    #[inline]
    pub fn inc_not_zero(&self) -> bool {
        // SAFETY: see set().
        unsafe { bindings::refcount_inc_not_zero(self.0.get()) }
    }

    /// Drops a reference that is not the last.
    #[inline]
    pub fn dec(&self) {
        // SAFETY: see set(). Reaching zero warns.
        unsafe { bindings::refcount_dec(self.0.get()) }
    }

    /// Drops a reference; true when it was the last.
    #[inline]
    pub fn dec_and_test(&self) -> bool {
        // SAFETY: see set().
        unsafe { bindings::refcount_dec_and_test(self.0.get()) }
    }
}

/// An object with a reference count in it.
///
/// # Safety
/// The object lives while its count is not zero, and `free` gives back exactly
/// what `count` counted.
pub unsafe trait Counted {
    /// The count in the object.
    fn count(&self) -> &RefCount;

    /// Gives the object's memory back.
    ///
    /// # Safety
    /// The count has just reached zero; nobody else has the object.
    unsafe fn free(object: NonNull<Self>);
}

/// One reference to a counted object.
pub struct Ref<T: Counted>(NonNull<T>);

// SAFETY: a reference can be dropped by any task, which may then free a T.
unsafe impl<T: Counted + Send + Sync> Send for Ref<T> {}
// SAFETY: a shared reference to it gives no more than &T and new references.
unsafe impl<T: Counted + Send + Sync> Sync for Ref<T> {}

impl<T: Counted> Ref<T> {
    /// Takes over a reference.
    ///
    /// # Safety
    /// The caller owns one reference and gives it away.
    #[inline]
    pub unsafe fn from_raw(object: NonNull<T>) -> Self {
        Self(object)
    }

    /// Gives the reference to the caller; pair with [`Ref::from_raw`].
    #[inline]
    pub fn into_raw(self) -> NonNull<T> {
        ManuallyDrop::new(self).0
    }
}

impl<T: Counted> Clone for Ref<T> {
    #[inline]
    fn clone(&self) -> Self {
        self.count().inc();
        Self(self.0)
    }
}

impl<T: Counted> Deref for Ref<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the object lives as long as this reference to it.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Counted> Drop for Ref<T> {
    #[inline]
    fn drop(&mut self) {
        if self.count().dec_and_test() {
            // SAFETY: this was the last reference.
            unsafe { T::free(self.0) }
        }
    }
}
