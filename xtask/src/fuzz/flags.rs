//! clang's flags that change what C means, or add checks to it.
//!
//! The ordinary build and the engine's get the same. Not here: optimization (`levels`).

use fastrand::Rng;

/// The check that a program ends by.
pub const LOCAL_BOUNDS: &str = "-fsanitize=local-bounds";

/// The helper that reads past an array, without its prefix.
pub const OUT_OF_BOUNDS: &str = "out_of_bounds";

/// Flags for all units of a program.
pub fn choose(rng: &mut Rng) -> Vec<&'static str> {
    let mut flags = Vec::new();
    // What `char` is; the prelude makes a type of it that Rust has as well.
    flags.extend(match rng.u32(0..4) {
        0 => Some("-funsigned-char"),
        1 => Some("-fsigned-char"),
        _ => None,
    });
    flags.extend((rng.u32(0..4) == 0).then_some("-fshort-enums"));
    match rng.u32(0..8) {
        0 => flags.extend([LOCAL_BOUNDS, "-fsanitize-trap=local-bounds"]),
        // Rust's callbacks have no type for C to check.
        1 => flags.extend([
            "-fsanitize=undefined",
            "-fno-sanitize=function",
            "-fsanitize-trap=undefined",
        ]),
        _ => {}
    }
    flags
}

/// C's text of the helper that reads where it is told to in an array of four.
pub fn out_of_bounds(prefix: &str) -> String {
    format!(
        "u64 {prefix}{OUT_OF_BOUNDS}(u64 a)\n{{\n\tu64 room[4] = {{ 1, 2, 3, 4 }};\n\
         \t__asm__ volatile(\"\" : : \"r\"(room) : \"memory\");\n\treturn room[a];\n}}\n"
    )
}
