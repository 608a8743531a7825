//! Lines in the kernel log, formatted here because the kernel's own formatting
//! takes variable arguments.

use core::fmt::{self, Write};

use crate::bindings;

/// The longest line; the rest is cut off.
const LINE: usize = 160;

/// How urgent a line is.
#[derive(Clone, Copy)]
pub enum Level {
    /// KERN_ERR
    Error,
    /// KERN_INFO
    Info,
}

/// A line that is being made.
struct Line {
    bytes: [u8; LINE],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            let Some(place) = self.bytes.get_mut(self.len) else {
                return Err(fmt::Error);
            };
            *place = byte;
            self.len += 1;
        }
        Ok(())
    }
}

/// Prints one line, with who says it before it. For the macros.
#[inline(never)] // the line is large for a kernel stack: not in callers too
pub fn line(level: Level, prefix: &str, text: fmt::Arguments<'_>) {
    let mut line = Line {
        bytes: [0; LINE],
        len: 0,
    };
    // The only error is a line that is full, and a cut line is better than none.
    let _ = write!(line, "{prefix}: {text}");
    let (start, len) = (line.bytes.as_ptr().cast(), line.len);
    // SAFETY: the text is that long, and printk copies it.
    unsafe {
        match level {
            Level::Error => bindings::pr_err_str(start, len),
            Level::Info => bindings::pr_info_str(start, len),
        }
    }
}

/// Prints an informational line, with the crate's `LOG_PREFIX` before it.
#[macro_export]
#[expect(clippy::crate_in_macro_def, reason = "the caller's prefix is meant")]
macro_rules! pr_info {
    ($($text:tt)*) => {
        $crate::print::line(
            $crate::print::Level::Info,
            crate::LOG_PREFIX,
            ::core::format_args!($($text)*),
        )
    };
}

/// Prints an error, with the crate's `LOG_PREFIX` before it.
#[macro_export]
#[expect(clippy::crate_in_macro_def, reason = "the caller's prefix is meant")]
macro_rules! pr_err {
    ($($text:tt)*) => {
        $crate::print::line(
            $crate::print::Level::Error,
            crate::LOG_PREFIX,
            ::core::format_args!($($text)*),
        )
    };
}
