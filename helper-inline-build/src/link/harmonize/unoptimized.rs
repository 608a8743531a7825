//! Helpers of a unit that was compiled without optimization (`-O0`) or without
//! inlining (`-fno-inline`).
//!
//! clang then marks every function `noinline`, which says nothing of any one of
//! them. Not here: a `noinline` of a helper's own, which is kept.

use super::table::OF_A_UNIT;
use crate::link::job::Harmonized;
use crate::link::llvm::{AttributeKey, Function, Module};

/// Takes off every function of a unit what its flags added to the baseline.
pub(super) fn settle(module: &Module<'_>, baseline: Function<'_>) -> Vec<Harmonized> {
    let added: Vec<AttributeKey> = OF_A_UNIT
        .iter()
        .map(|row| AttributeKey::Enum(row.name))
        .filter(|key| baseline.attribute(key).is_some())
        .collect();
    let mut harmonized = Vec::new();
    for key in added {
        let mut functions = 0;
        for function in module.functions() {
            if function.attribute(&key).is_some() {
                function.remove_attribute(&key);
                functions += 1;
            }
        }
        harmonized.push(Harmonized {
            attribute: key.name().to_owned(),
            action: "removed from C: the unit's flags give it to every function".into(),
            functions,
        });
    }
    harmonized
}
