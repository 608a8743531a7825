//! Wraps what the loops call of three libraries' headers.

fn main() -> Result<(), helper_inline_build::Error> {
    for library in ["uring", "urcu-memb"] {
        println!("cargo::rustc-link-lib={library}");
    }
    helper_inline_build::Helpers::new()
        .define("_LGPL_SOURCE", "")
        .define("URCU_INLINE_SMALL_FUNCTIONS", "")
        .define("XXH_INLINE_ALL", "")
        .header("<liburing.h>")
        .header("<xxhash.h>")
        .header("<urcu/urcu-memb.h>")
        .wrap_function(
            "io_uring_(get_sqe|prep_read|sqe_set_data64|cqe_get_data64|cqe_seen|peek_cqe)",
        )
        .wrap_function("XXH64")
        .wrap_function("urcu_memb_read_(un)?lock")
        .wrap_expression(
            "const unsigned long *rcu_load(const unsigned long **p)",
            "rcu_dereference(*p)",
        )
        .bindgen(|bindgen| bindgen.allowlist_function("urcu_memb_(un)?register_thread"))
        .compile()
        .map(drop)
}
