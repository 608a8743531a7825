//! What happens when Rust gives up: a line that says where, and a BUG, which
//! ends the calling process with a backtrace.

use core::panic::PanicInfo;

use crate::bindings;
use crate::print::pr_err;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    pr_err!("{info}");
    // SAFETY: a report has no preconditions, and this one does not return.
    unsafe { bindings::BUG() }
}

/// Warns, with a backtrace, about what should not have happened.
pub fn warn_on(condition: bool) -> bool {
    // SAFETY: a report has no preconditions.
    unsafe { bindings::WARN_ON(condition) }
}
