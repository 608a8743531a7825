//! Data behind a lock that sleeps.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::bindings;
use crate::error::{Error, Result};

/// `struct mutex` and what it protects.
pub struct Mutex<T> {
    raw: UnsafeCell<bindings::mutex>,
    data: UnsafeCell<T>,
}

// SAFETY: the lock lets one task at a time reach the data.
unsafe impl<T: Send> Sync for Mutex<T> {}
// SAFETY: a lock that nobody holds owns its data.
unsafe impl<T: Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// Makes a mutex in place.
    ///
    /// # Safety
    /// `slot` can hold a mutex, holds nothing, and what is in it will not
    /// move: the list of waiters points back at it.
    #[inline]
    pub unsafe fn init(slot: *mut Self, data: T) {
        // SAFETY: the caller's promise.
        unsafe {
            (&raw mut (*slot).data).write(UnsafeCell::new(data));
            bindings::mutex_init(UnsafeCell::raw_get(&raw const (*slot).raw));
        }
    }

    /// Waits until the data is free.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        // SAFETY: the mutex was initialised, here and below.
        unsafe { bindings::mutex_lock(self.raw.get()) };
        MutexGuard {
            lock: self,
            here: PhantomData,
        }
    }

    /// As [`Mutex::lock`], but a signal ends the wait.
    #[inline]
    pub fn lock_interruptible(&self) -> Result<MutexGuard<'_, T>> {
        // SAFETY: see lock().
        match unsafe { bindings::mutex_lock_interruptible(self.raw.get()) } {
            0 => Ok(MutexGuard {
                lock: self,
                here: PhantomData,
            }),
            _ => Err(Error::RESTART),
        }
    }
}

impl<T> Drop for Mutex<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the mutex was initialised, and nobody can hold it now.
        unsafe { bindings::mutex_destroy(self.raw.get()) }
    }
}

/// The right to use the data until it is dropped.
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    /// The task that locks unlocks.
    here: PhantomData<*mut ()>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the mutex is held, here and below.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: see deref().
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard stands for a mutex that is held.
        unsafe { bindings::mutex_unlock(self.lock.raw.get()) }
    }
}
