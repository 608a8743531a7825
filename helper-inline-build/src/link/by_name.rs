//! Calls of helpers by their C names, by other C or by declarations that were written by
//! hand: they are the helper's, though its symbol is another.
//!
//! Not here: what is told by C names (`c_names`).

use super::inputs::{link_failure, show};
use super::job::{Failure, HelperInput};
use super::llvm::Module;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The helpers of several crates by their C names, each with the input that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByName(BTreeMap<String, Vec<Named>>);

/// A helper, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Named {
    symbol: String,
    input: String,
}

impl ByName {
    /// The helpers that have another symbol than their C name, which is no other's symbol.
    #[must_use]
    pub fn of(helpers: &[HelperInput]) -> ByName {
        let mut names: BTreeMap<String, Vec<Named>> = BTreeMap::new();
        let is_symbol = |name: &str| helpers.iter().any(|h| h.helpers.contains(name));
        for helper in helpers {
            let own = helper.c_names.iter();
            for (symbol, name) in own.filter(|(_, name)| !is_symbol(name)) {
                names.entry(name.clone()).or_default().push(Named {
                    symbol: symbol.clone(),
                    input: show(&helper.bitcode),
                });
            }
        }
        ByName(names)
    }

    /// Has a module that declares helpers by their C names call them. `is_defined` says what
    /// another module has under that name.
    pub(super) fn bind(
        &self,
        module: &Module<'_>,
        is_defined: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        for function in module.functions() {
            let (global, name) = (function.global(), function.name());
            let Some(helpers) = self.0.get(&name).filter(|_| global.is_declaration()) else {
                continue;
            };
            if is_defined(&name) || global.users().is_empty() {
                continue;
            }
            let [helper] = helpers.as_slice() else {
                let [other, .., helper] = helpers.as_slice() else {
                    continue;
                };
                let reason = format!(
                    "`{name}` is also defined in `{}`, and is called by that name; rename one of \
                     them, or call each as its crate's `helpers.rs` declares it",
                    other.input
                );
                return Err(link_failure(&helper.input, reason));
            };
            match module.function(&helper.symbol) {
                Some(own) => global.replace_uses_with(own.global()),
                None => global.set_name(&helper.symbol),
            }
        }
        Ok(())
    }
}
