//! Compiles the helpers of parameters and takes their layout from the kernel
//! that `HELPER_INLINE_KERNEL` names.

use std::env;

/// Types of which only pointers are used.
const POINTEES: &[&str] = &["module", "kparam_string", "kparam_array"];

fn main() -> Result<(), helper_inline_build::Error> {
    // Elsewhere there are no parameters, and no kernel is needed.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(helper_inline_built_in)");
    if env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os != "none") {
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
