//! Compiles the C helpers for the kernel that `HELPER_INLINE_KERNEL` names, and
//! declares them together with the few types and exported functions of the
//! kernel that the module uses directly.

/// Helper sources, by subsystem. Those of `sample-kernel` are its own.
const SOURCES: &[&str] = &[
    "alternative",
    "char",
    "completion",
    "file",
    "jump_label",
    "rcu",
    "seq_file",
    "static_call",
    "task",
    "time",
    "wait",
];

/// Exported functions, which need no helper.
const FUNCTIONS: &[&str] = &[
    "complete",
    "finish_wait",
    "misc_deregister",
    "misc_register",
    "prepare_to_wait",
    "proc_create",
    "remove_proc_entry",
    "schedule",
    "seq_lseek",
    "seq_read",
    "seq_write",
    "single_open",
    "single_release",
    "wait_for_completion",
];

/// Tables that the module fills in.
const TYPES: &[&str] = &["file_operations", "miscdevice", "proc_ops"];

/// Constants: those of the helper sources, and macros of the kernel's.
const CONSTANTS: &[&str] = &[
    "rust_const_.*",
    "MISC_DYNAMIC_MINOR|O_NONBLOCK|SEEK_CUR|TASK_INTERRUPTIBLE",
];

/// Types that the module only has pointers to. bindgen must not look into
/// them: what it would find differs between kernels, and some of it (packed
/// and aligned at once) cannot be said in Rust.
const POINTEES: &[&str] = &[
    "address_space",
    "attribute_group",
    "dentry",
    "device",
    "dir_context",
    "file",
    "file_lease",
    "file_lock",
    "inode",
    "io_comp_batch",
    "io_uring_cmd",
    "iov_iter",
    "kiocb",
    "mm_struct",
    "module",
    "page",
    "pipe_inode_info",
    "poll_table_struct",
    "proc_dir_entry",
    "seq_file",
    "super_block",
    "task_struct",
    "vm_area_struct",
];

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
            for name in TYPES {
                bindgen = bindgen.allowlist_type(name);
            }
            for name in CONSTANTS {
                bindgen = bindgen.allowlist_var(name);
            }
            for name in POINTEES {
                // With the types nested in it, which have names of bindgen's.
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
