//! Which symbols a module takes from elsewhere, and which helpers and Rust
//! functions need them.
//!
//! Read before anything is inlined, while each function still has its own code.
//! Not here: whether whoever loads the module has them (`kernel`).

use super::count::demangle;
use super::internalize::is_llvms_own;
use super::job::{Import, ImportUser};
use super::llvm::{Instruction, Module};
use std::collections::{BTreeSet, VecDeque};

/// More users of a symbol than this tell no one more.
const USERS: usize = 4;

/// What a module names and does not define. `helpers` are the helpers' symbols.
pub(super) fn imports(module: &Module<'_>, helpers: &BTreeSet<String>) -> Vec<Import> {
    let functions = module.functions().into_iter().map(|f| f.global());
    let mut imports: Vec<Import> = functions
        .chain(module.variables())
        .filter(|global| global.is_declaration() && !is_llvms_own(&global.name()))
        .map(|global| Import {
            symbol: global.name(),
            users: users(global.instructions(), helpers),
        })
        .filter(|import| !import.users.is_empty())
        .collect();
    imports.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    imports
}

/// Goes from the instructions that name a symbol up to the helpers, or the Rust
/// functions, that they are in. Between them lie a header's inline functions.
fn users(uses: Vec<Instruction<'_>>, helpers: &BTreeSet<String>) -> Vec<ImportUser> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut left: VecDeque<(Instruction<'_>, Vec<String>)> =
        uses.into_iter().map(|at| (at, Vec::new())).collect();
    while let (Some((at, through)), true) = (left.pop_front(), found.len() < USERS) {
        let function = at.function();
        let name = function.name();
        let helper = helpers.contains(&name);
        let callers = function.global().instructions();
        if helper || !function.global().is_local() || is_rust(&name) || callers.is_empty() {
            found.insert(ImportUser {
                helper,
                function: demangle(&name),
                location: at.location().map(|place| place.to_string()),
                through,
            });
        } else if seen.insert(name.clone()) {
            let mut through = through;
            through.insert(0, name);
            left.extend(callers.into_iter().map(|at| (at, through.clone())));
        }
    }
    found.into_iter().collect()
}

fn is_rust(name: &str) -> bool {
    rustc_demangle::try_demangle(name).is_ok()
}
