//! Wait queues: tasks that sleep until another one has changed something.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::mem::MaybeUninit;

use crate::bindings;
use crate::task;
use sample_kernel::error::{Error, Result};

/// `wait_queue_head_t`
pub struct WaitQueue(UnsafeCell<bindings::wait_queue_head>);

// SAFETY: a wait queue has a lock of its own.
unsafe impl Sync for WaitQueue {}
// SAFETY: it belongs to no task.
unsafe impl Send for WaitQueue {}

impl WaitQueue {
    /// Makes a wait queue in place.
    ///
    /// # Safety
    /// `slot` can hold one, holds nothing, and what is in it will not move.
    pub unsafe fn init(slot: *mut Self) {
        // SAFETY: the caller's promise; Self is transparent over its cell.
        unsafe { bindings::init_waitqueue_head(UnsafeCell::raw_get(&raw const (*slot).0)) }
    }

    /// Sleeps until `ready`, which is asked before and after each sleep and
    /// must not sleep itself. A signal ends the wait.
    pub fn wait_until(&self, mut ready: impl FnMut() -> bool) -> Result {
        let mut entry = MaybeUninit::<bindings::wait_queue_entry>::zeroed();
        // SAFETY: the entry stays where it is until finish_wait() has taken it
        // off the queue, which every way out of the loop leads to.
        unsafe {
            bindings::init_wait(entry.as_mut_ptr());
            let done = loop {
                bindings::prepare_to_wait(
                    self.0.get(),
                    entry.as_mut_ptr(),
                    bindings::TASK_INTERRUPTIBLE as c_int,
                );
                if ready() {
                    break Ok(());
                }
                if task::signal_pending() {
                    break Err(Error::RESTART);
                }
                bindings::schedule();
            };
            bindings::finish_wait(self.0.get(), entry.as_mut_ptr());
            done
        }
    }

    /// Wakes those who wait for one of `events`, which are poll's.
    pub fn wake(&self, events: u32) {
        // SAFETY: the queue was initialised. The question has the barrier
        // that orders the caller's change before it.
        unsafe {
            if bindings::wq_has_sleeper(self.0.get()) != 0 {
                bindings::wake_up_interruptible_poll(self.0.get(), events);
            }
        }
    }

    /// For poll, which adds its own entry.
    pub fn as_ptr(&self) -> *mut bindings::wait_queue_head {
        self.0.get()
    }
}
