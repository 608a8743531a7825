//! Which function or variable of a unit refers to which.
//!
//! Not here: what is alive by it (`alive`).

use super::facts::Symbol;
use crate::link::internalize::is_llvms_own;
use crate::link::llvm::{Global, Module};
use std::collections::{BTreeSet, HashMap};

/// The functions, variables and aliases of a unit with what they refer to.
pub(super) fn symbols(module: &Module<'_>) -> Vec<Symbol> {
    let functions = module.functions();
    let count = functions.len();
    let globals: Vec<Global<'_>> = functions
        .into_iter()
        .map(|function| function.global())
        .chain(module.variables())
        .chain(module.aliases())
        .collect();
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
    let places: HashMap<Global<'_>, u32> = globals.iter().copied().zip(0..).collect();
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
