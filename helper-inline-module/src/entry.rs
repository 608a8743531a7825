//! How the kernel comes to a module's beginning and end: by the names of two
//! functions in a module, by a list of initial calls in its own image.
//!
//! Not here: what happens at either (`life`).

/// Where the value lives, and what the kernel calls.
#[cfg(not(helper_inline_built_in))]
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($module:ty) => {
        const _: () = {
            use ::core::ffi::c_int;

            static MODULE: $crate::Slot<$module> = $crate::Slot::new();

            /// What the kernel calls when the module is loaded.
            // SAFETY: the names and sections are those the kernel's loader looks
            // for; this is called once, and its section is freed after it.
            #[unsafe(no_mangle)]
            #[unsafe(link_section = ".init.text")]
            pub extern "C" fn init_module() -> c_int {
                // SAFETY: the loader calls this, once.
                unsafe { MODULE.begin() }
            }

            /// What the kernel calls before the module is unloaded.
            // SAFETY: see init_module().
            #[unsafe(no_mangle)]
            #[unsafe(link_section = ".exit.text")]
            pub extern "C" fn cleanup_module() {
                // SAFETY: the kernel only unloads what it has loaded, once.
                unsafe { MODULE.end() }
            }

            // The kernel calls the two through pointers that are made outside of
            // this object. A kernel with indirect branch tracking wants to see
            // such a pointer here, as C modules have one.
            // SAFETY: pointers, in the sections that are freed with what they
            // point to.
            #[used]
            #[unsafe(link_section = ".init.data")]
            static mut INIT_MODULE: extern "C" fn() -> c_int = init_module;
            // SAFETY: see INIT_MODULE.
            #[used]
            #[unsafe(link_section = ".exit.data")]
            static mut CLEANUP_MODULE: extern "C" fn() = cleanup_module;
        };
    };
}

/// What `module_init()` is in built-in code: one of the initial calls of the level
/// for devices. There is no end.
#[cfg(helper_inline_built_in)]
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    ($module:ty) => {
        // A module, because assembly stands nowhere else than in one.
        mod __initcall {
            #[allow(unused_imports)]
            use super::*;

            static MODULE: $crate::Slot<$module> = $crate::Slot::new();

            /// What the kernel calls once, while it starts.
            // SAFETY: the section is freed when all initial calls are over.
            #[unsafe(link_section = ".init.text")]
            extern "C" fn init() -> ::core::ffi::c_int {
                // SAFETY: the list has this once.
                unsafe { MODULE.begin() }
            }

            // An entry of the list is the distance from itself to the function, of
            // which Rust can make no constant.
            ::core::arch::global_asm!(
                ".pushsection .initcall6.init, \"a\"",
                ".balign 4",
                ".long {init} - .",
                ".popsection",
                init = sym init,
            );
        }
    };
}
