//! C's `char` by value. It is `i8` for one kernel and `u8` for another, so neither is
//! named here.

use core::hint::black_box;

use crate::abi::Chars;
use crate::bindings;

/// Fills in what C makes of the lowest byte of a value, passed as a `char` and not.
pub fn fill_in(chars: &mut Chars) {
    // Else all of it were known when this is compiled.
    let value = black_box(chars.value);
    // SAFETY: these only compute.
    unsafe {
        chars.widened = bindings::char_widen(value as _);
        chars.next = bindings::char_next(value as _).into();
        chars.widened_in_c = bindings::char_widen_in_c(value);
        chars.next_in_c = bindings::char_next_in_c(value);
    }
}
