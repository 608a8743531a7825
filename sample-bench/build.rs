//! Compiles the C loops and the counter of instructions, for the kernel that
//! `HELPER_INLINE_KERNEL` names. The helpers that the Rust loops use are those of
//! `sample-kernel`.

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    helper_inline_build::Helpers::new()
        .header("../helpers/helpers.h")
        .file("loops.c")
        .bindgen(|bindgen| bindgen.allowlist_function("bench_.*"))
        .bindings_without_kernel("saved-bindings.rs")
        .compile()
        .map(drop)
}
