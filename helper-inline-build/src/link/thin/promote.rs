//! Names of the whole module's for what is local to a unit of helpers.
//!
//! Not here: which unit is compiled when.

use crate::link::internalize::is_llvms_own;
use crate::link::llvm::{Linkage, Module};
use crate::link::prepare::PROMOTED;
use crate::manifest::BASELINE;
use std::collections::BTreeSet;

/// Has everything local to a unit be seen in all of the module, under a name that no other
/// unit has. What assembly outside of functions names keeps its name.
pub(super) fn promote(module: &Module<'_>, tag: &str) {
    let asm = module.inline_asm();
    let in_asm: BTreeSet<&str> = asm
        .split(|c: char| !(c.is_ascii_alphanumeric() || "_.$".contains(c)))
        .collect();
    for global in module.symbols() {
        let name = global.name();
        if global.is_declaration() || is_llvms_own(&name) || name == BASELINE {
            continue;
        }
        if global.has_linkage(Linkage::AvailableExternally) {
            continue;
        }
        if global.is_local() {
            if name.is_empty() || !in_asm.contains(name.as_str()) {
                global.set_name(&format!("{PROMOTED}{tag}.{name}"));
            }
            global.set_linkage(Linkage::External);
        }
        global.hide();
    }
}
