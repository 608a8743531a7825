//! Module flags: the C build's values win, and Rust's position-independence
//! goes where the C build has none.
//!
//! LLVM merges some flags to the lower value and drops them to 0 when one side
//! lacks them, which would switch landing pads off. Flags that override, in the
//! module that all others are linked into, prevent that. Not here: function
//! attributes.

use super::Side;
use crate::link::job::Harmonized;
use crate::link::llvm::{CodeModel, FlagBehavior, FlagValue, Module};
use std::collections::BTreeMap;

/// Flags of position-independence. In a kernel they must be 0 when the C build
/// does not have them; otherwise relocations through a GOT remain, which a module
/// loader refuses.
const POSITION: &[&str] = &["PIC Level", "PIE Level", "RtLibUseGOT"];

/// Flags about debug information, which LLVM merges well by itself.
const LEFT_TO_LLVM: &[&str] = &["Dwarf Version", "Debug Info Version", "DWARF64"];

/// Flags whose meaning rustc's code cannot follow, and why.
const REFUSED: &[(&str, &str)] = &[(
    "kcfi",
    "rustc on stable gives no kCFI type identifiers to functions (CONFIG_CFI_CLANG)",
)];

/// Gives an empty module the C module's flags. Position-independence is the
/// Rust build's to decide, except in a kernel.
///
/// The error names a flag that cannot be served.
pub(in crate::link) fn apply_flags(
    linked: &Module<'_>,
    c: &Module<'_>,
    side: Side,
) -> Result<Vec<Harmonized>, String> {
    let in_c = c.flags();
    let mut harmonized = Vec::new();
    let mut note = |key: &str, action: String| {
        harmonized.push(Harmonized {
            attribute: format!("module flag {key}"),
            action,
            functions: 0,
        });
    };
    for (key, value) in &in_c {
        if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| refused == key) {
            return Err(format!(
                "the C build sets the module flag `{key}`: {reason}"
            ));
        }
        match value {
            _ if is_left_alone(key, side) => {}
            FlagValue::Int(value) => {
                linked.add_int_flag(FlagBehavior::Override, key, *value);
                note(key, format!("adopted from C: {value}"));
            }
            // Only C has such flags, and linking takes them over; named because
            // they decide where the stack guard is.
            FlagValue::String(value) => note(key, format!("adopted from C: {value}")),
        }
    }
    for key in POSITION.iter().filter(|_| side == Side::Kernel) {
        if !in_c.iter().any(|(name, _)| name == key) {
            linked.add_int_flag(FlagBehavior::Override, key, 0);
            note(key, "0, as in C".to_owned());
        }
    }
    Ok(harmonized)
}

/// The first flag in which two units of helpers differ, with both values. One of
/// the two would win without a word.
pub(in crate::link) fn flags_differ(
    first: &Module<'_>,
    other: &Module<'_>,
    side: Side,
) -> Option<String> {
    let flags = |module: &Module<'_>| -> BTreeMap<String, FlagValue> {
        let flags = module.flags().into_iter();
        flags.filter(|(key, _)| !is_left_alone(key, side)).collect()
    };
    let (first, other) = (flags(first), flags(other));
    let mut keys = first.keys().chain(other.keys());
    let key = keys.find(|key| first.get(*key) != other.get(*key))?;
    let show = |value: Option<&FlagValue>| match value {
        None => "not set".to_owned(),
        Some(FlagValue::Int(value)) => value.to_string(),
        Some(FlagValue::String(value)) => value.clone(),
    };
    Some(format!(
        "module flag {key}: {} and {}",
        show(other.get(key)),
        show(first.get(key))
    ))
}

/// Whether a flag is not for the C build to decide.
fn is_left_alone(key: &str, side: Side) -> bool {
    LEFT_TO_LLVM.contains(&key) || (side == Side::Rust && POSITION.contains(&key))
}

/// The code model that the C module was compiled for.
pub(in crate::link) fn code_model(c: &Module<'_>) -> CodeModel {
    // The flag's numbers are those of `llvm::CodeModel::Model`.
    match flag(c, "Code Model") {
        Some(0) => CodeModel::Tiny,
        Some(1) => CodeModel::Small,
        Some(2) => CodeModel::Kernel,
        Some(3) => CodeModel::Medium,
        Some(4) => CodeModel::Large,
        _ => CodeModel::Default,
    }
}

/// Whether a module was compiled to be position-independent.
pub(in crate::link) fn is_pic(module: &Module<'_>) -> bool {
    flag(module, "PIC Level").is_some_and(|level| level > 0)
}

fn flag(module: &Module<'_>, wanted: &str) -> Option<u64> {
    module
        .flags()
        .into_iter()
        .find_map(|(key, value)| match value {
            FlagValue::Int(value) if key == wanted => Some(value),
            _ => None,
        })
}
