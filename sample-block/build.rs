//! Compiles the C helpers of block devices, and the C that does what the module
//! does, for the kernel that
//! `HELPER_INLINE_KERNEL` names, and declares them with the tables of the
//! kernel's that the module fills in.

/// Exported functions, which need no helper.
const FUNCTIONS: &[&str] = &[
    "blk_mq_alloc_tag_set",
    "blk_mq_end_request",
    "blk_mq_free_tag_set",
    "blk_mq_start_request",
    "del_gendisk",
    "put_disk",
    "set_capacity",
];

/// Tables that the module fills in, and what its functions are given.
const TYPES: &[&str] = &[
    "bio_vec",
    "blk_mq_ops",
    "blk_mq_queue_data",
    "blk_mq_tag_set",
    "block_device_operations",
    "twin_device",
];

/// Constants: those of the helper sources, macros of the kernel's, and the tables
/// of the C that does the same.
const CONSTANTS: &[&str] = &[
    "rust_const_.*",
    "BLK_MQ_F_BLOCKING|NUMA_NO_NODE|SECTOR_SHIFT",
    "twin_in_c|twin_not_at_all",
];

/// Structures that the module has, but does not look into.
const OPAQUE: &[&str] = &["mutex", "req_iterator", "srcu_struct", "xarray"];

/// Types of which only pointers are used.
const POINTEES: &[&str] = &[
    "bio",
    "blk_mq_hw_ctx",
    "blk_mq_tags",
    "blk_zone",
    "block_device",
    "gendisk",
    "hd_geometry",
    "io_comp_batch",
    "module",
    "page",
    "pr_ops",
    "request",
    "request_queue",
    "rq_list",
    "seq_file",
];

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rerun-if-changed=build.rs");
    helper_inline_build::Helpers::new()
        .file("../helpers/block.c")
        .file("twin.c")
        .header("../helpers/helpers.h")
        .bindgen(|mut bindgen| {
            for function in FUNCTIONS {
                bindgen = bindgen.allowlist_function(function);
            }
            for name in TYPES {
                bindgen = bindgen.allowlist_type(name);
            }
            for name in CONSTANTS {
                bindgen = bindgen.allowlist_var(name);
            }
            for name in OPAQUE {
                bindgen = bindgen.opaque_type(name);
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
