//! What helpers keep between calls: statics of each unit, and variables that one
//! unit defines for all.

use super::model::Scalar;
use fastrand::Rng;
use std::fmt::Write as _;

/// Mutable statics that every unit has of its own; their names and types.
pub const STATICS: &[(&str, Scalar)] = &[
    ("state_a", Scalar::U64),
    ("state_b", Scalar::I32),
    ("state_c", Scalar::U16),
    ("state_d", Scalar::Bool),
];

/// Variables that the first unit defines and all units use.
pub const SHARED: &[(&str, Scalar)] = &[("shared_a", Scalar::U64), ("shared_b", Scalar::I16)];

/// One unit's tables and statics, and the shared variables.
pub fn state(rng: &mut Rng, unit: usize) -> String {
    let mut text = String::new();
    for (name, scalar) in SHARED {
        let external = if unit == 0 { "" } else { "extern " };
        let _ = writeln!(text, "{external}{} {name};", scalar.c());
    }
    for (name, scalar) in STATICS {
        let _ = writeln!(text, "static {} {name} = {};", scalar.c(), rng.u32(0..2));
    }
    let bytes: Vec<String> = (0..16).map(|_| rng.u8(..).to_string()).collect();
    let _ = writeln!(
        text,
        "static const u8 bytes[16] = {{ {} }};",
        bytes.join(", ")
    );
    let words: Vec<String> = (0..8).map(|_| format!("{:#x}ULL", rng.u64(..))).collect();
    let _ = writeln!(text, "static u64 words[8] = {{ {} }};", words.join(", "));
    text
}
