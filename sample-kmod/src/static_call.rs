//! A call whose target is patched into the code. The functions that it can go to
//! are in the C helper, as the call itself is.

use crate::bindings;

/// Calls the function that is in force with `n`.
#[inline(always)]
pub fn call(n: u32) -> u32 {
    // SAFETY: both functions only compute.
    unsafe { bindings::static_call_sample(n) }
}

/// Has the call go to the second function, or to the first again. May sleep.
pub fn set_second(second: bool) {
    // SAFETY: called from processes only, which may sleep.
    unsafe { bindings::static_call_update_sample(second) }
}
