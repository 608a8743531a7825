//! `char` by value, declared as the compiler's flags have it: `u8` under
//! `-funsigned-char`, `i8` under `-fsigned-char`.
//!
//! bindgen declares each as `c_char`, whose sign is the target's habit and no flag's: a
//! negative value would come back as another, or as the same, by how the call is made.
//! Pointers stay pointers to `c_char`, for they are `CStr`'s. Not here: which of the two
//! it is (`wrap::own`).

use regex::{Captures, Regex};

/// The declarations with the type that `char` is where a value is meant: parameters,
/// results, fields, elements, names of types.
pub(super) fn by_value(declarations: &str, is_unsigned: bool) -> String {
    let path = Regex::new(r"(\*(?:const|mut) )?::(?:core::ffi|std::os::raw)::c_char\b");
    let path = path.expect("the expression is one");
    let replaced = path.replace_all(declarations, |found: &Captures<'_>| {
        match found.get(1).is_some() {
            true => found[0].to_owned(),
            false => rust_type(is_unsigned).to_owned(),
        }
    });
    replaced.into_owned()
}

/// The Rust type of a `char`.
pub(super) fn rust_type(is_unsigned: bool) -> &'static str {
    if is_unsigned { "u8" } else { "i8" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_flag_and_pointers_stay() {
        let text = "\
pub type letter = ::core::ffi::c_char;
pub struct named {
    pub name: [::core::ffi::c_char; 4usize],
    pub text: *const ::core::ffi::c_char,
}
pub fn f(c: ::core::ffi::c_char, s: *mut *mut ::std::os::raw::c_char) -> ::std::os::raw::c_char;
pub fn g(cb: ::core::option::Option<unsafe extern \"C\" fn(arg1: ::core::ffi::c_char)>, u: ::core::ffi::c_uchar);
";
        expect_test::expect![[r#"
            pub type letter = u8;
            pub struct named {
                pub name: [u8; 4usize],
                pub text: *const ::core::ffi::c_char,
            }
            pub fn f(c: u8, s: *mut *mut ::std::os::raw::c_char) -> u8;
            pub fn g(cb: ::core::option::Option<unsafe extern "C" fn(arg1: u8)>, u: ::core::ffi::c_uchar);
        "#]]
        .assert_eq(&by_value(text, true));
        assert!(by_value(text, false).contains("f(c: i8, "));
    }
}
