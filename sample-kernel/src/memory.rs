//! Single accesses and barriers for memory that is shared without a lock:
//! a pointer that is published once, and a word for the benchmark.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr;

use crate::bindings;

/// A pointer that one writer publishes and takes back, and others look up.
pub struct Published<T> {
    ready: Word,
    pointer: UnsafeCell<*mut core::ffi::c_void>,
    marker: PhantomData<*const T>,
}

// SAFETY: all access goes through READ_ONCE() and WRITE_ONCE(); whoever
// dereferences the pointer from another task needs T to be Sync.
unsafe impl<T: Sync> Sync for Published<T> {}

impl<T> Published<T> {
    /// Nothing yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only for a static")]
    pub const fn new() -> Self {
        Self {
            ready: Word::new(0),
            pointer: UnsafeCell::new(ptr::null_mut()),
            marker: PhantomData,
        }
    }

    /// Everything written before is seen by whoever gets the pointer.
    #[inline]
    pub fn publish(&self, pointer: *const T) {
        // SAFETY: the cell lives as long as self.
        unsafe { bindings::write_once_ptr(self.pointer.get(), pointer.cast_mut().cast()) };
        self.ready.store_release(1);
    }

    /// Nobody finds it from now on.
    #[inline]
    pub fn withdraw(&self) {
        self.ready.store_release(0);
        // SAFETY: the cell lives as long as self.
        unsafe { bindings::write_once_ptr(self.pointer.get(), ptr::null_mut()) };
    }

    /// The pointer, or null when nothing is published.
    #[inline]
    pub fn get(&self) -> *const T {
        if self.ready.load_acquire() == 0 {
            return ptr::null();
        }
        // SAFETY: the cell lives as long as self.
        unsafe { bindings::read_once_ptr(self.pointer.get()) }
            .cast::<T>()
            .cast_const()
    }
}

/// A `u32` that is shared without a lock.
pub struct Word(UnsafeCell<u32>);

// SAFETY: every access is a single, untorn one.
unsafe impl Sync for Word {}

impl Word {
    /// With a first value.
    pub const fn new(value: u32) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// READ_ONCE()
    #[inline]
    pub fn read_once(&self) -> u32 {
        // SAFETY: the pointer is to a live u32, here and below.
        unsafe { bindings::read_once_u32(self.0.get()) }
    }

    /// WRITE_ONCE()
    #[inline]
    pub fn write_once(&self, value: u32) {
        // SAFETY: see read_once().
        unsafe { bindings::write_once_u32(self.0.get(), value) }
    }

    /// smp_load_acquire()
    #[inline]
    pub fn load_acquire(&self) -> u32 {
        // SAFETY: see read_once().
        unsafe { bindings::smp_load_acquire_u32(self.0.get()) }
    }

    /// smp_store_release()
    #[inline]
    pub fn store_release(&self, value: u32) {
        // SAFETY: see read_once().
        unsafe { bindings::smp_store_release_u32(self.0.get(), value) }
    }
}

/// Orders all accesses before it against all after it.
#[inline]
pub fn smp_mb() {
    // SAFETY: a barrier has no preconditions, here and below.
    unsafe { bindings::smp_mb() }
}

/// Orders reads.
#[inline]
pub fn smp_rmb() {
    // SAFETY: see smp_mb().
    unsafe { bindings::smp_rmb() }
}

/// Orders writes.
#[inline]
pub fn smp_wmb() {
    // SAFETY: see smp_mb().
    unsafe { bindings::smp_wmb() }
}

/// Orders for the compiler alone.
#[inline]
pub fn barrier() {
    // SAFETY: see smp_mb().
    unsafe { bindings::barrier() }
}
