//! Read-copy-update for Rust threads, by liburcu's flavour with `membarrier`: a reader
//! takes no lock and writes to nothing that is shared. In a build that inlines, its
//! side is the few instructions that it is in C.
//!
//! liburcu is under the LGPL, which lets its short inline functions into any program;
//! `_LGPL_SOURCE` is how a program asks for them.

#[allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

thread_local! {
    static IS_REGISTERED: Cell<bool> = const { Cell::new(false) };
}

/// This thread as one that liburcu knows, which all readers and writers must be.
pub struct Thread {
    /// liburcu keeps it by thread.
    not_send: PhantomData<*const ()>,
}

impl Thread {
    /// Makes this thread known; `None` when it is already, by another `Thread`.
    #[must_use]
    pub fn register() -> Option<Thread> {
        if IS_REGISTERED.replace(true) {
            return None;
        }
        // SAFETY: the thread is not registered, and its `Thread` undoes it.
        unsafe { bindings::urcu_memb_register_thread() };
        Some(Thread {
            not_send: PhantomData,
        })
    }

    /// Begins to read. What is read stays until the guard is dropped.
    #[inline]
    #[must_use]
    pub fn read_lock(&self) -> ReadGuard<'_> {
        // SAFETY: the thread is registered. These nest.
        unsafe { bindings::rcu_read_lock() };
        ReadGuard { thread: self }
    }

    /// Whether a guard of this thread is there.
    #[inline]
    #[must_use]
    pub fn is_reading(&self) -> bool {
        // SAFETY: the thread is registered.
        unsafe { bindings::rcu_read_ongoing() != 0 }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: the thread is registered, and its guards are gone.
        unsafe { bindings::urcu_memb_unregister_thread() };
        IS_REGISTERED.set(false);
    }
}

/// A critical section of reading.
pub struct ReadGuard<'t> {
    #[expect(dead_code, reason = "a thread with guards is not unregistered")]
    thread: &'t Thread,
}

impl Drop for ReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard's own lock, of this thread.
        unsafe { bindings::rcu_read_unlock() };
    }
}

/// A value that is read while others replace it.
pub struct Rcu<T> {
    /// A `Box`'s.
    pointer: UnsafeCell<*mut c_void>,
    updates: Mutex<()>,
    owned: PhantomData<T>,
}

// SAFETY: any thread may drop the value.
unsafe impl<T: Send> Send for Rcu<T> {}
// SAFETY: threads share the value, and any of them may get the old one.
unsafe impl<T: Send + Sync> Sync for Rcu<T> {}

impl<T> Rcu<T> {
    /// With its first value.
    pub fn new(value: T) -> Self {
        Rcu {
            pointer: UnsafeCell::new(Box::into_raw(Box::new(value)).cast()),
            updates: Mutex::new(()),
            owned: PhantomData,
        }
    }

    /// The value of this moment.
    #[inline]
    pub fn read<'g>(&'g self, _guard: &'g ReadGuard<'_>) -> &'g T {
        // SAFETY: the pointer is a `Box`'s, published after it was filled, and freed
        // after the guard is gone.
        unsafe { &*bindings::rcu_dereference(self.pointer.get()).cast::<T>() }
    }

    /// Replaces the value by what `update` makes of it, waits until nobody reads the
    /// old one any more, and returns that.
    ///
    /// It asks for the thread alone, as one that waited for its own guards would wait
    /// for ever.
    pub fn update(&self, _thread: &mut Thread, update: impl FnOnce(&T) -> T) -> T {
        let alone = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: only updates free a value, and this is the only one.
        let old = unsafe { *self.pointer.get() };
        // SAFETY: as above.
        let new = Box::new(update(unsafe { &*old.cast::<T>() }));
        // SAFETY: the new value is whole. When all who could have read the old pointer
        // are done, the old value is this thread's.
        unsafe {
            bindings::rcu_assign_pointer(self.pointer.get(), Box::into_raw(new).cast());
            bindings::urcu_memb_synchronize_rcu();
            drop(alone);
            *Box::from_raw(old.cast())
        }
    }
}

impl<T> Drop for Rcu<T> {
    fn drop(&mut self) {
        // SAFETY: the value is a `Box`, and nobody reads it any more.
        drop(unsafe { Box::from_raw(self.pointer.get_mut().cast::<T>()) });
    }
}
