//! Strings across the border: copied out of LLVM's memory, or made for it.

use super::context::Llvm;
use std::ffi::{CStr, CString, c_char};

/// Copies a message and frees it.
///
/// # Safety
/// `message` is null or a message that LLVM handed over to its caller.
pub(super) unsafe fn take_message(llvm: &Llvm, message: *mut c_char) -> String {
    if message.is_null() {
        return String::new();
    }
    // SAFETY: as this function's caller promises.
    unsafe {
        let text = CStr::from_ptr(message).to_string_lossy().into_owned();
        (llvm.api.DisposeMessage)(message);
        text
    }
}

/// A string for C; names with a NUL inside do not occur in what this crate does.
pub(super) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "?")).expect("no NUL is left")
}

/// Copies a NUL-terminated string.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub(super) unsafe fn copy(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// Copies a string of a given length.
///
/// # Safety
/// `start` is null or valid for reads of `length` bytes.
pub(super) unsafe fn copy_slice(start: *const c_char, length: usize) -> String {
    if start.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}
