//! Compiles the C helpers that the wrappers need, for the kernel that
//! `HELPER_INLINE_KERNEL` names. The modules' own build scripts compile others: a
//! helper is one crate's.

/// Helper sources, by subsystem.
const SOURCES: &[&str] = &[
    "access_once",
    "atomic",
    "barrier",
    "bitops",
    "bug",
    "err",
    "list",
    "module",
    "mutex",
    "page",
    "percpu",
    "printk",
    "refcount",
    "slab",
    "spinlock",
    "uaccess",
    "xarray",
];

/// Exported functions, which need no helper.
const FUNCTIONS: &[&str] = &[
    "free_percpu",
    "xa_destroy",
    "xa_find",
    "xa_find_after",
    "xa_load",
];

/// Constants: those of the helper sources, and macros of the kernel's.
const CONSTANTS: &[&str] = &[
    "rust_const_.*",
    "EAGAIN|EFAULT|EINTR|EINVAL|EMSGSIZE|ENODEV|ENOMEM|ENOTTY|ERESTARTSYS|ESPIPE",
];

/// Types of which only pointers are used.
const POINTEES: &[&str] = &["module", "page"];

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut helpers = helper_inline_build::Helpers::new().header("../helpers/helpers.h");
    for name in SOURCES {
        helpers = helpers.file(format!("../helpers/{name}.c"));
    }
    helpers
        .bindgen(|mut bindgen| {
            for function in FUNCTIONS {
                bindgen = bindgen.allowlist_function(function);
            }
            for name in CONSTANTS {
                bindgen = bindgen.allowlist_var(name);
            }
            for name in POINTEES {
                let all = format!("{name}(__bindgen_ty_.*)?");
                bindgen = bindgen
                    .opaque_type(&all)
                    .blocklist_type(&all)
                    .raw_line(format!(
                        "#[repr(C)] pub struct {name} {{ _opaque: [u8; 0] }}"
                    ));
            }
            bindgen
        })
        .bindings_without_kernel("saved-bindings.rs")
        .compile()
        .map(drop)
}
