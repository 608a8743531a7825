//! Waiting for one thing to be done, once.

use core::cell::UnsafeCell;

use crate::bindings;

/// `struct completion`
pub struct Completion(UnsafeCell<bindings::completion>);

// SAFETY: a completion has a lock of its own.
unsafe impl Sync for Completion {}
// SAFETY: it belongs to no task.
unsafe impl Send for Completion {}

impl Completion {
    /// Makes a completion in place.
    ///
    /// # Safety
    /// `slot` can hold one, holds nothing, and what is in it will not move.
    pub unsafe fn init(slot: *mut Self) {
        // SAFETY: the caller's promise.
        unsafe { bindings::init_completion(UnsafeCell::raw_get(&raw const (*slot).0)) }
    }

    /// Says that it is done.
    pub fn complete(&self) {
        // SAFETY: the completion was initialised, here and below.
        unsafe { bindings::complete(self.0.get()) }
    }

    /// Sleeps until it is done.
    pub fn wait(&self) {
        // SAFETY: see complete().
        unsafe { bindings::wait_for_completion(self.0.get()) }
    }
}
