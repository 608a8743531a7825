//! Makes the header's inline functions and macros callable. Put your library's header in
//! the place of this one, and the libraries that it needs: `cargo::rustc-link-lib=NAME`.

fn main() -> Result<(), helper_inline_build::Error> {
    helper_inline_build::Helpers::new()
        .header("include/ring.h")
        // Each `static inline` function of the header.
        .wrap_file(r".*/ring\.h")
        // A macro, by its C prototype.
        .wrap_macro("unsigned int RING_MASK(const struct ring *ring)")
        .bindgen(|bindgen| bindgen.derive_default(true))
        .compile()
        .map(drop)
}
