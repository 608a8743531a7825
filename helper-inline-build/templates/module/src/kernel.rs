//! The kernel as this module sees it: the helpers as bindgen declares them, and what is
//! made of them for the rest of the module.

use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

/// The C helpers without their prefix.
pub mod bindings {
    #![allow(
        clippy::all,
        dead_code,
        missing_docs,
        non_camel_case_types,
        non_snake_case,
        non_upper_case_globals,
        unknown_lints,
        unnecessary_transmutes,
        unsafe_op_in_unsafe_fn
    )]
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

/// A count of users that does not wrap around.
pub struct Count(UnsafeCell<bindings::refcount_t>);

// SAFETY: the kernel changes a refcount_t atomically.
unsafe impl Send for Count {}
// SAFETY: the kernel changes a refcount_t atomically.
unsafe impl Sync for Count {}

impl Count {
    /// One user.
    pub fn new() -> Self {
        // SAFETY: a refcount_t is a number.
        let count = Self(UnsafeCell::new(unsafe { core::mem::zeroed() }));
        // SAFETY: the count is alive and nobody else's.
        unsafe { bindings::refcount_set(count.0.get(), 1) };
        count
    }

    /// One more.
    pub fn get(&self) {
        // SAFETY: the count is alive.
        unsafe { bindings::refcount_inc(self.0.get()) }
    }

    /// One fewer; whether it was the last.
    pub fn put(&self) -> bool {
        // SAFETY: the count is alive.
        unsafe { bindings::refcount_dec_and_test(self.0.get()) }
    }
}

/// A line for the kernel's log. What is longer is cut off.
struct Line {
    bytes: [u8; 120],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            *self.bytes.get_mut(self.len).ok_or(fmt::Error)? = byte;
            self.len += 1;
        }
        Ok(())
    }
}

/// Prints a line. For [`pr_info!`].
#[inline(never)] // the line is large for a kernel's stack: not in callers too
pub fn print(text: fmt::Arguments<'_>) {
    let mut line = Line {
        bytes: [0; 120],
        len: 0,
    };
    // A line that is full is better than none.
    let _ = write!(line, "@MODULE@: {text}");
    // SAFETY: the text is that long, and printk copies it.
    unsafe { bindings::pr_info_str(line.bytes.as_ptr().cast(), line.len) };
}

/// Prints a line to the kernel's log.
macro_rules! pr_info {
    ($($text:tt)*) => { $crate::kernel::print(::core::format_args!($($text)*)) };
}
pub(crate) use pr_info;

// Where it is only checked there is another.
#[cfg_attr(target_os = "none", panic_handler)]
#[cfg_attr(not(target_os = "none"), expect(dead_code))]
fn panic(info: &PanicInfo<'_>) -> ! {
    pr_info!("{info}");
    // SAFETY: a report has no preconditions, and this one does not return.
    unsafe { bindings::BUG() }
}
