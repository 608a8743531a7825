//! Compiles the C helpers for the kernel that the module is built for.

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    helper_inline_build::Helpers::new()
        .dir("helpers")
        // Exported functions and constants need no helper, only their names here.
        .bindgen(|bindgen| bindgen.allowlist_var("EINVAL"))
        // `cargo check` and editors know the helpers without a kernel; after a change of
        // the helpers `cargo helper-inline dist --save-bindings` writes it anew.
        .bindings_without_kernel("helpers/saved-bindings.rs")
        .compile()
        .map(drop)
}
