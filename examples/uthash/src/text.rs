//! `utstring.h`: a string that grows. One of its functions is variadic, which Rust
//! reaches by a wrapper for one list of arguments.

use crate::bindings::{self, UT_string};
use std::ffi::c_long;
use std::mem::MaybeUninit;

/// A string of bytes.
pub struct Text(UT_string);

impl Text {
    /// An empty string.
    #[must_use]
    pub fn new() -> Self {
        let mut string = MaybeUninit::uninit();
        // SAFETY: this initializes all of it.
        unsafe {
            bindings::utstring_init(string.as_mut_ptr());
            Text(string.assume_init())
        }
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        // SAFETY: the pointer and the length are those of one slice.
        unsafe { bindings::utstring_bincpy(&mut self.0, bytes.as_ptr().cast(), bytes.len()) };
    }

    /// Appends another string.
    pub fn push_text(&mut self, other: &Text) {
        // SAFETY: both strings are whole.
        unsafe { bindings::utstring_concat(&mut self.0, &other.0) };
    }

    /// Appends a number, in decimal.
    pub fn push_number(&mut self, number: c_long) {
        // SAFETY: the string is whole.
        unsafe { bindings::utstring_number(&mut self.0, number) };
    }

    /// Empties it.
    pub fn clear(&mut self) {
        // SAFETY: the string is whole.
        unsafe { bindings::utstring_clear(&mut self.0) };
    }

    /// Where some bytes stand first.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        let string = (&raw const self.0).cast_mut();
        // SAFETY: the function only reads, the string and the slice.
        let at = unsafe { bindings::utstring_find(string, 0, bytes.as_ptr().cast(), bytes.len()) };
        usize::try_from(at).ok()
    }

    /// All bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: a string's body has that many bytes, and is there from the first.
        unsafe {
            let body = bindings::utstring_body(&self.0).cast::<u8>();
            std::slice::from_raw_parts(body, bindings::utstring_len(&self.0))
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: nothing uses the string any more.
        unsafe { bindings::utstring_done(&mut self.0) };
    }
}
