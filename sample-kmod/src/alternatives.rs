//! Instructions that the kernel has replaced when it loaded the module, or has not.

use crate::bindings;

/// 1 when that was done for a feature that nearly every processor has, else 0.
pub fn common() -> u32 {
    // SAFETY: an instruction that gives a number, here and below.
    unsafe { bindings::alternative_common() }
}

/// The same for one that few have.
pub fn rare() -> u32 {
    // SAFETY: see common().
    unsafe { bindings::alternative_rare() }
}
