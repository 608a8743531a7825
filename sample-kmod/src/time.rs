//! Clocks.

use core::ffi::c_ulong;

use crate::bindings;

/// Nanoseconds since the system started.
pub fn nanoseconds() -> u64 {
    // SAFETY: reads a clock.
    unsafe { bindings::ktime_get_ns() }
}

/// A moment, in ticks.
#[derive(Clone, Copy)]
pub struct Ticks(c_ulong);

impl Ticks {
    /// The moment `ms` milliseconds from now.
    pub fn after(ms: u32) -> Self {
        // SAFETY: a computation, and a read of the tick counter.
        unsafe { Self(bindings::jiffies().wrapping_add(bindings::msecs_to_jiffies(ms))) }
    }

    pub fn has_passed(self) -> bool {
        // SAFETY: see after().
        unsafe { bindings::time_after(bindings::jiffies(), self.0) }
    }
}
