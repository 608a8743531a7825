//! Wraps xxHash's functions, which its header defines itself under `XXH_INLINE_ALL`.
//! Their names are macros then, which are wrapped by these names all the same.

fn main() -> Result<(), helper_inline_build::Error> {
    helper_inline_build::Helpers::new()
        .define("XXH_INLINE_ALL", "1")
        .header("<xxhash.h>")
        .wrap_function("XXH(32|64|3_64bits_withSeed|3_128bits_withSeed)")
        .wrap_function("XXH64_(reset|update|digest)")
        .wrap_function("XXH3_64bits_(reset_withSeed|update|digest)")
        .wrap_function("XXH3_128bits_digest")
        .compile()
        .map(drop)
}
