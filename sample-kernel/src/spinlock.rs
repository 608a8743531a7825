//! Data behind a spin lock. Nothing may sleep while a guard lives.

use core::cell::UnsafeCell;
use core::ffi::c_ulong;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::bindings;

/// `spinlock_t` and what it protects, in this order.
#[repr(C)]
pub struct SpinLock<T> {
    raw: UnsafeCell<bindings::spinlock_t>,
    data: UnsafeCell<T>,
}

// SAFETY: the lock lets one task at a time reach the data.
unsafe impl<T: Send> Sync for SpinLock<T> {}
// SAFETY: a lock that nobody holds owns its data.
unsafe impl<T: Send> Send for SpinLock<T> {}

impl<T> SpinLock<T> {
    /// Makes a lock in place.
    ///
    /// # Safety
    /// `slot` can hold a lock, holds nothing, and what is in it will not move.
    #[inline]
    pub unsafe fn init(slot: *mut Self, data: T) {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*slot).data).write(UnsafeCell::new(data));
            bindings::spin_lock_init(UnsafeCell::raw_get(&raw const (*slot).raw));
        }
    }

    /// Waits until the data is free.
    #[inline]
    pub fn lock(&self) -> SpinGuard<'_, T> {
        // SAFETY: the lock was initialised, here and below.
        unsafe { bindings::spin_lock(self.raw.get()) };
        SpinGuard {
            lock: self,
            here: PhantomData,
        }
    }

    /// The lock when it is free, without waiting.
    #[inline]
    pub fn try_lock(&self) -> Option<SpinGuard<'_, T>> {
        // SAFETY: see lock().
        let taken = unsafe { bindings::spin_trylock(self.raw.get()) } != 0;
        taken.then_some(SpinGuard {
            lock: self,
            here: PhantomData,
        })
    }

    /// Also keeps interrupts off this processor while the guard lives.
    #[inline]
    pub fn lock_irqsave(&self) -> SpinIrqGuard<'_, T> {
        // SAFETY: see lock().
        let flags = unsafe { bindings::spin_lock_irqsave(self.raw.get()) };
        SpinIrqGuard {
            lock: self,
            flags,
            here: PhantomData,
        }
    }
}

/// The right to use the data until it is dropped.
pub struct SpinGuard<'a, T> {
    lock: &'a SpinLock<T>,
    /// The task that locks unlocks.
    here: PhantomData<*mut ()>,
}

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held, here and below.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: see deref().
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard stands for a lock that is held.
        unsafe { bindings::spin_unlock(self.lock.raw.get()) }
    }
}

/// As [`SpinGuard`], with interrupts off. Guards of this kind must be dropped
/// in the reverse order of their making, as scopes do by themselves.
pub struct SpinIrqGuard<'a, T> {
    lock: &'a SpinLock<T>,
    flags: c_ulong,
    here: PhantomData<*mut ()>,
}

impl<T> Deref for SpinIrqGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held, here and below.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T> DerefMut for SpinIrqGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: see deref().
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T> Drop for SpinIrqGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the lock is held, and the flags are from its taking.
        unsafe { bindings::spin_unlock_irqrestore(self.lock.raw.get(), self.flags) }
    }
}
