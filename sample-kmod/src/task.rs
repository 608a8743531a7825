//! The calling task, and tasks held by reference.

use core::ptr::NonNull;

use crate::bindings;

/// A reference to a task.
pub struct Task(NonNull<bindings::task_struct>);

// SAFETY: a task's reference count is atomic, and the rest is only read.
unsafe impl Send for Task {}
// SAFETY: see Send.
unsafe impl Sync for Task {}

impl Task {
    /// The calling task.
    pub fn current() -> Self {
        // SAFETY: the calling task lives, so another reference can be taken;
        // there always is one, so it is not null.
        unsafe {
            let task = bindings::get_task_struct(bindings::get_current());
            Self(NonNull::new_unchecked(task))
        }
    }

    /// The number of its process.
    pub fn process(&self) -> i32 {
        // SAFETY: the reference keeps the task.
        unsafe { bindings::task_tgid_nr(self.0.as_ptr()) }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // SAFETY: the reference is this object's own.
        unsafe { bindings::put_task_struct(self.0.as_ptr()) }
    }
}

/// The number of the calling thread.
pub fn current_thread() -> i32 {
    // SAFETY: the calling task lives.
    unsafe { bindings::task_pid_nr(bindings::get_current()) }
}

/// The user that the calling task acts for.
pub fn current_user() -> u32 {
    // SAFETY: see current_thread().
    unsafe { bindings::current_uid().val }
}

/// Whether the calling task should go back to handle a signal.
pub fn signal_pending() -> bool {
    // SAFETY: see current_thread().
    unsafe { bindings::signal_pending(bindings::get_current()) != 0 }
}

/// Lets other tasks run when it is time. The caller holds no spin lock.
pub fn cond_resched() {
    // SAFETY: called from processes only, which may sleep.
    unsafe { bindings::cond_resched() };
}

/// Warns, on a debugging kernel, when the caller may not sleep.
pub fn might_sleep() {
    // SAFETY: a check.
    unsafe { bindings::might_sleep() }
}

/// The processor of the caller, which may change at once.
pub fn processor() -> u32 {
    // SAFETY: only reads.
    unsafe { bindings::raw_smp_processor_id() }
}
