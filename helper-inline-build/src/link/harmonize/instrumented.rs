//! Helpers to which clang's own passes have added instrumentation.
//!
//! What they add is code of each body, and stays with it wherever that is inlined; so what
//! asked for it is taken off. Not here: which flags ask for passes (`clang`).

use super::table::{ASSUMED_BEFORE, ROWS};
use super::{Rule, key_of};
use crate::clang::instrumentation::INSTRUMENTED_SECTION;
use crate::link::job::Harmonized;
use crate::link::llvm::{AttributeKey, Function, Module};

/// Takes off what is done, if passes have run.
pub(super) fn settle(module: &Module<'_>, baseline: Function<'_>) -> Vec<Harmonized> {
    if baseline.global().section() != INSTRUMENTED_SECTION {
        return Vec::new();
    }
    for alias in module.aliases() {
        // AddressSanitizer has its lists name variables so, lest another definition is
        // meant. A local one has no other.
        let aliasee = alias.aliased_object().filter(|aliasee| aliasee.is_local());
        if let Some(aliasee) = aliasee.filter(|_| alias.is_local()) {
            alias.replace_uses_with(aliasee);
        }
    }
    let defined = || {
        let functions = module.functions().into_iter();
        functions.filter(|function| !function.global().is_declaration())
    };
    for function in defined() {
        for row in ASSUMED_BEFORE {
            function.remove_attribute(&AttributeKey::Enum(row.name));
        }
    }
    let rows = ROWS.iter().filter(|row| row.rule == Rule::Instrument);
    rows.filter_map(|row| {
        let key = key_of(row);
        let mut functions = 0;
        for function in defined().filter(|function| function.attribute(&key).is_some()) {
            function.remove_attribute(&key);
            functions += 1;
        }
        (functions > 0).then(|| Harmonized {
            attribute: row.name.to_owned(),
            action: "removed from C: its checks are in the bodies".to_owned(),
            functions,
        })
    })
    .collect()
}
