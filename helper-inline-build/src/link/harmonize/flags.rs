//! Module flags: the C build's values win, and Rust's position-independence
//! goes where the C build has none.
//!
//! LLVM merges some flags to the lower value and drops them to 0 when one side
//! lacks them, which would switch landing pads off. Flags that override, in the
//! module that all others are linked into, prevent that. Which flag is treated
//! how is in `table`. Not here: function attributes.

use super::Side;
use super::table::{FLAGS, FlagRow};
use crate::link::job::Harmonized;
use crate::link::llvm::{CodeModel, FlagBehavior, FlagValue, Module};
use std::collections::BTreeMap;

/// What is done about a module flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlagRule {
    /// C's value wins.
    Adopt,
    /// In a kernel C's value, and 0 when C has none; otherwise the Rust build
    /// decides.
    Position,
    /// C's value wins, the first unit's if they differ: it changes no code.
    AdoptFirst,
    /// LLVM merges it well by itself.
    LeaveToLlvm,
    /// Linking is refused when C has it.
    Refuse,
}

fn row_of(key: &str) -> Option<&'static FlagRow> {
    FLAGS.iter().find(|row| match row.name.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => row.name == key,
    })
}

fn rule_of(key: &str) -> FlagRule {
    row_of(key).map_or(FlagRule::Adopt, |row| row.rule)
}

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
        if let Some(row) = row_of(key).filter(|row| row.rule == FlagRule::Refuse) {
            return Err(format!(
                "the C build sets the module flag `{key}`: {}",
                row.reason
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
    let absent = FLAGS
        .iter()
        .filter(|row| row.rule == FlagRule::Position && side == Side::Kernel)
        .filter(|row| !in_c.iter().any(|(name, _)| name == row.name));
    for row in absent {
        linked.add_int_flag(FlagBehavior::Override, row.name, 0);
        note(row.name, "0, as in C".to_owned());
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
        flags
            .filter(|(key, _)| !is_left_alone(key, side))
            .filter(|(key, _)| rule_of(key) != FlagRule::AdoptFirst)
            .collect()
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

/// Whether a warning of LLVM's is about a flag that it merges well by itself.
/// rustc up to 1.85 asks to be warned of another DWARF version than its own.
pub(in crate::link) fn is_needless_warning(text: &str) -> bool {
    let key = text
        .strip_prefix("linking module flags '")
        .and_then(|rest| rest.split('\'').next());
    key.is_some_and(|key| rule_of(key) == FlagRule::LeaveToLlvm)
}

/// Whether a flag is not for the C build to decide.
fn is_left_alone(key: &str, side: Side) -> bool {
    match rule_of(key) {
        FlagRule::LeaveToLlvm => true,
        FlagRule::Position => side == Side::Rust,
        FlagRule::Adopt | FlagRule::AdoptFirst | FlagRule::Refuse => false,
    }
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
