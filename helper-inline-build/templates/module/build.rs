//! Compiles the C helpers for the kernel that the module is built for.

fn main() -> Result<(), helper_inline_build::Error> {
    // On the machine itself there is no kernel to be a module of, and nothing to compile.
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os != "none") {
        return Ok(());
    }
    helper_inline_build::Helpers::new()
        .dir("helpers")
        // Exported functions and constants need no helper, only their names here.
        .bindgen(|bindgen| bindgen.allowlist_var("EINVAL"))
        .compile()
        .map(drop)
}
