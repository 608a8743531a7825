//! What happens when Rust gives up: a line that says where, and a BUG, which
//! ends the calling process with a backtrace.

use core::ffi::CStr;
use core::panic::PanicInfo;

use helper_inline_module::this_module;

use crate::bindings;
use crate::print::{self, Level};

// A hosted target, for which this is only checked, has one of its own.
#[cfg_attr(target_os = "none", panic_handler)]
#[cfg_attr(not(target_os = "none"), expect(dead_code))]
fn panic(info: &PanicInfo<'_>) -> ! {
    // SAFETY: the kernel keeps the name as long as the module.
    let name = unsafe { CStr::from_ptr(bindings::module_name(this_module())) };
    let name = name.to_str().unwrap_or("a module");
    print::line(Level::Error, name, format_args!("{info}"));
    bug()
}

/// Ends the calling process, with a backtrace.
#[inline]
pub fn bug() -> ! {
    // SAFETY: a report has no preconditions, and this one does not return.
    unsafe { bindings::BUG() }
}

/// Warns, with a backtrace, about what should not have happened.
#[inline]
pub fn warn_on(condition: bool) -> bool {
    // SAFETY: a report has no preconditions.
    unsafe { bindings::WARN_ON(condition) }
}

/// Warns as [`warn_on`] does, but only the first time at each place that this is
/// inlined into.
#[inline]
pub fn warn_on_once(condition: bool) -> bool {
    // SAFETY: a report has no preconditions.
    unsafe { bindings::WARN_ON_ONCE(condition) }
}
