//! Which function or variable of a unit refers to which.
//!
//! Not here: what is alive by it (`alive`).

use super::facts::Symbol;
use crate::link::internalize::is_llvms_own;
use crate::link::llvm::{Global, GlobalId, Module};
use std::collections::{BTreeSet, HashMap};

/// The functions, variables and aliases of a unit with what they refer to.
pub(super) fn symbols(module: &Module<'_>) -> Vec<Symbol> {
    // Functions come first.
    let count = module.functions().len();
    let globals = module.symbols();
    let kept: BTreeSet<String> = module.used().into_iter().map(Global::name).collect();
    let mut symbols: Vec<Symbol> = globals
        .iter()
        .enumerate()
        .map(|(place, global)| {
            let name = global.name();
            Symbol {
                is_function: place < count,
                is_defined: !global.is_declaration(),
                is_local: global.is_local(),
                is_kept: kept.contains(&name),
                references: Vec::new(),
                name,
            }
        })
        .collect();
    let ids = globals.iter().map(|global| global.id());
    let places: HashMap<GlobalId, u32> = ids.zip(0..).collect();
    for (global, place) in globals.iter().zip(0..) {
        if is_llvms_own(&symbols[place as usize].name) {
            continue;
        }
        for holder in global.holders() {
            if let Some(holder) = places.get(&holder) {
                symbols[*holder as usize].references.push(place);
            }
        }
    }
    symbols
}
