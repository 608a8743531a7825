//! Wraps xxHash's functions, which its header defines itself under `XXH_INLINE_ALL`.

/// By name: each is a macro there, for a function of a longer name.
const FUNCTIONS: &str = "XXH32 XXH64 XXH64_reset XXH64_update XXH64_digest \
    XXH3_64bits_withSeed XXH3_128bits_withSeed XXH3_64bits_reset_withSeed \
    XXH3_64bits_update XXH3_64bits_digest XXH3_128bits_digest";

fn main() -> Result<(), helper_inline_build::Error> {
    let helpers = helper_inline_build::Helpers::new()
        .define("XXH_INLINE_ALL", "1")
        .header("<xxhash.h>");
    FUNCTIONS
        .split_whitespace()
        .fold(helpers, |helpers, name| helpers.wrap_function(name))
        .compile()
        .map(drop)
}
