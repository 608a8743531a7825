//! Variables that something writes to of which the units of a thin link do not know:
//! constructors, assembly, and functions that may not be copied.
//!
//! Of a variable that nobody is seen to write to, a thin link takes the value for known. Not
//! here: what has no part in a thin link (`link::copyable`).

use super::facts::Symbol;
use crate::link::copyable::Copyable;
use crate::link::llvm::{Global, Module};
use std::collections::BTreeSet;

/// Their names. `symbols` are all of the unit's, with what each refers to.
pub(super) fn variables(
    module: &Module<'_>,
    copyable: &Copyable,
    symbols: &[Symbol],
) -> BTreeSet<String> {
    let mut roots: BTreeSet<String> = module
        .constructors()
        .into_iter()
        .map(Global::name)
        .collect();
    roots.extend(module.used().into_iter().map(Global::name));
    let all = module.symbols().into_iter().chain(module.ifuncs());
    let withheld = all.filter(|global| {
        copyable.reason(*global).is_some() || copyable.is_named_in_assembly(&global.name())
    });
    roots.extend(withheld.map(Global::name));
    let reached = reached(symbols, &roots);
    let variables = module.variables().into_iter();
    let mutable =
        variables.filter(|variable| !variable.is_declaration() && !variable.is_constant());
    mutable
        .map(Global::name)
        .filter(|name| reached.contains(name.as_str()))
        .collect()
}

/// What is reached from some symbols, these included.
fn reached<'s>(symbols: &'s [Symbol], roots: &BTreeSet<String>) -> BTreeSet<&'s str> {
    let mut reached = BTreeSet::new();
    let is_root = |symbol: &&Symbol| roots.contains(&symbol.name);
    let mut next: Vec<&Symbol> = symbols.iter().filter(is_root).collect();
    while let Some(symbol) = next.pop() {
        if reached.insert(symbol.name.as_str()) {
            let references = symbol.references.iter();
            next.extend(references.map(|place| &symbols[*place as usize]));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, references: &[u32]) -> Symbol {
        Symbol {
            name: name.into(),
            is_function: true,
            is_defined: true,
            is_local: false,
            is_kept: false,
            references: references.to_vec(),
        }
    }

    #[test]
    fn what_a_constructor_calls_writes_too() {
        let symbols = [
            symbol("constructor", &[1]),
            symbol("called", &[2, 0]),
            symbol("counter", &[]),
            symbol("helper", &[4]),
            symbol("other", &[]),
        ];
        let roots = BTreeSet::from(["constructor".to_owned()]);
        let expected = BTreeSet::from(["called", "constructor", "counter"]);
        assert_eq!(reached(&symbols, &roots), expected);
    }
}
