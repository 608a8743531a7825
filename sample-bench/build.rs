//! Compiles the C loops and the counter of instructions, for the kernel that
//! `HELPER_INLINE_KERNEL` names. The helpers that the Rust loops use are those of
//! `sample-kernel`.

use std::env;

fn main() -> Result<(), helper_inline_build::Error> {
    // For a hosted target the crate is empty, and needs no kernel.
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os != "none") {
        return Ok(());
    }
    helper_inline_build::Helpers::new()
        .header("../helpers/helpers.h")
        .file("loops.c")
        .bindgen(|bindgen| bindgen.allowlist_function("bench_.*"))
        .compile()
        .map(drop)
}
