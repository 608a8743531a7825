//! What the module says of itself, and the kernel's object for it. The rest of
//! modinfo (name, vermagic, depends) is modpost's.

use crate::bindings;

/// `key=value` in the section that `modinfo` reads.
macro_rules! modinfo {
    ($($key:literal: $value:literal,)*) => {
        $(const _: () = {
            const TEXT: &[u8] = concat!($key, "=", $value, "\0").as_bytes();
            // SAFETY: the section holds strings that end in NUL, as this does.
            #[used]
            #[unsafe(link_section = ".modinfo")]
            static ENTRY: [u8; TEXT.len()] = match TEXT.first_chunk() {
                Some(bytes) => *bytes,
                None => unreachable!(),
            };
        };)*
    };
}

modinfo! {
    "license": "Dual MIT/GPL",
    "author": "The helper-inline-build authors",
    "description": "Sample of a Rust module with inlined C helpers",
}

unsafe extern "C" {
    /// Made by modpost. Only its address is of use here.
    static __this_module: bindings::module;
}

/// The module, for the kernel to count its users.
pub const fn this_module() -> *mut bindings::module {
    (&raw const __this_module).cast_mut()
}
