//! Atomic counters of the kernel, with the kernel's memory model. Rust's own
//! atomics follow another one, and must not meet C code at the same variable.

use core::cell::UnsafeCell;
use core::ffi::c_int;

use crate::bindings;

/// `atomic_t`
#[repr(transparent)]
pub struct Atomic(UnsafeCell<bindings::atomic_t>);

// SAFETY: all access goes through atomic operations.
unsafe impl Sync for Atomic {}

impl Atomic {
    /// With a first value.
    pub const fn new(counter: c_int) -> Self {
        Self(UnsafeCell::new(bindings::atomic_t { counter }))
    }

    /// The value.
    #[inline]
    pub fn read(&self) -> c_int {
        // SAFETY: the pointer is to a live atomic_t, here and below.
        unsafe { bindings::atomic_read(self.0.get()) }
    }

    /// Replaces the value.
    #[inline]
    pub fn set(&self, value: c_int) {
        // SAFETY: see read().
        unsafe { bindings::atomic_set(self.0.get(), value) }
    }

    /// Adds 1.
    #[inline]
    pub fn inc(&self) {
        // SAFETY: see read().
        unsafe { bindings::atomic_inc(self.0.get()) }
    }

    /// Takes 1 off.
    #[inline]
    pub fn dec(&self) {
        // SAFETY: see read().
        unsafe { bindings::atomic_dec(self.0.get()) }
    }

    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: c_int) {
        // SAFETY: see read().
        unsafe { bindings::atomic_add(n, self.0.get()) }
    }

    /// Takes `n` off.
    #[inline]
    pub fn sub(&self, n: c_int) {
        // SAFETY: see read().
        unsafe { bindings::atomic_sub(n, self.0.get()) }
    }

    /// Stores `new` where `old` was; returns what was there.
    #[inline]
    pub fn cmpxchg(&self, old: c_int, new: c_int) -> c_int {
        // SAFETY: see read().
        unsafe { bindings::atomic_cmpxchg(self.0.get(), old, new) }
    }
}

/// `atomic64_t`
#[repr(transparent)]
pub struct Atomic64(UnsafeCell<bindings::atomic64_t>);

// SAFETY: all access goes through atomic operations.
unsafe impl Sync for Atomic64 {}

impl Atomic64 {
    /// With a first value.
    pub const fn new(counter: i64) -> Self {
        Self(UnsafeCell::new(bindings::atomic64_t { counter }))
    }

    /// The value.
    #[inline]
    pub fn read(&self) -> i64 {
        // SAFETY: the pointer is to a live atomic64_t, here and below.
        unsafe { bindings::atomic64_read(self.0.get()) }
    }

    /// Adds 1.
    #[inline]
    pub fn inc(&self) {
        // SAFETY: see read().
        unsafe { bindings::atomic64_inc(self.0.get()) }
    }

    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: i64) {
        // SAFETY: see read().
        unsafe { bindings::atomic64_add(n, self.0.get()) }
    }

    /// Adds `n`; returns what was there.
    #[inline]
    pub fn fetch_add(&self, n: i64) -> i64 {
        // SAFETY: see read().
        unsafe { bindings::atomic64_fetch_add(n, self.0.get()) }
    }
}
