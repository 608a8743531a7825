//! The switch for tracing: code that is patched in and out, not tested. The
//! key itself is in the C helper, where it is a constant to the branch.

use crate::bindings;

/// Whether tracing is on; costs a no-op when it is not.
#[inline(always)]
pub fn tracing() -> bool {
    // SAFETY: a branch has no preconditions, here and below.
    unsafe { bindings::static_branch_unlikely_trace() }
}

/// Turns tracing on or off. May sleep.
pub fn set_tracing(on: bool) {
    // SAFETY: called from processes only, which may sleep.
    unsafe {
        if on {
            bindings::static_branch_enable_trace();
        } else {
            bindings::static_branch_disable_trace();
        }
    }
}

/// The state of the key, read as data.
pub fn is_set() -> bool {
    // SAFETY: see tracing().
    unsafe { bindings::static_key_enabled_trace() }
}
