//! Wraps every function that liburing's header defines itself; the others are
//! declared, and linked from the library.

fn main() -> Result<(), helper_inline_build::Error> {
    println!("cargo::rustc-link-lib=uring");
    helper_inline_build::Helpers::new()
        .header("<liburing.h>")
        .wrap_file(r".*/liburing\.h")
        .bindgen(|bindgen| {
            bindgen
                .allowlist_function("io_uring_queue_(init|exit)")
                .allowlist_function("io_uring_submit")
                .allowlist_type("io_uring_op")
        })
        .compile()
        .map(drop)
}
