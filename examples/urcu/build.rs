//! Wraps the read side of userspace RCU, which is inline under `_LGPL_SOURCE`.

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rustc-link-lib=urcu-memb");
    helper_inline_build::Helpers::new()
        .define("_LGPL_SOURCE", "1")
        .header("<urcu.h>")
        .wrap_function("rcu_read_lock")
        .wrap_function("rcu_read_unlock")
        .wrap_function("rcu_read_ongoing")
        // Both take the variable that holds the pointer, not its value.
        .wrap_expression("void *rcu_dereference(void **p)", "rcu_dereference(*p)")
        .wrap_expression(
            "void rcu_assign_pointer(void **p, void *new)",
            "rcu_assign_pointer(*p, new)",
        )
        .bindgen(|b| b.allowlist_function("urcu_memb_((un)?register_thread|synchronize_rcu)"))
        .compile()
        .map(drop)
}
