//! Compiles the helpers of parameters and takes their layout from the kernel
//! that `HELPER_INLINE_KERNEL` names.

use std::env;

/// The kernel build directory.
const KERNEL: &str = "HELPER_INLINE_KERNEL";

/// The `cfg` of a crate that has none.
const WITHOUT_KERNEL: &str = "helper_inline_without_kernel";

/// Types of which only pointers are used.
const POINTEES: &[&str] = &["module", "kparam_string", "kparam_array"];

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={KERNEL}");
    println!("cargo::rustc-check-cfg=cfg(helper_inline_built_in, {WITHOUT_KERNEL})");
    let is_hosted = env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os != "none");
    if is_hosted || env::var_os(KERNEL).is_none() {
        // The crate of a module that is only checked, or documented: what is declared
        // without a kernel serves for that. The module's own helpers need one to be built.
        println!("cargo::rustc-cfg={WITHOUT_KERNEL}");
        return Ok(());
    }
    helper_inline_build::Helpers::new()
        .file("helpers/param.c")
        .bindgen(|mut bindgen| {
            bindgen = bindgen
                .allowlist_type("kernel_param")
                .allowlist_var("param_ops_.*");
            for name in POINTEES {
                bindgen = bindgen
                    .opaque_type(name)
                    .blocklist_type(name)
                    .raw_line(format!(
                        "#[repr(C)] pub struct {name} {{ _opaque: [u8; 0] }}"
                    ));
            }
            bindgen
        })
        .compile()
        .map(drop)
}
