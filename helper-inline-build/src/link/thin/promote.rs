//! Names of the whole module's for what is local to a unit of helpers.
//!
//! Not here: which unit is compiled when.

use crate::link::copyable::Copyable;
use crate::link::internalize::is_llvms_own;
use crate::link::llvm::{Linkage, Module};
use crate::link::prepare::PROMOTED;
use crate::link::replace::is_replaceable;
use crate::manifest::BASELINE;

/// Has everything local to a unit be seen in all of the module, under a name that no other
/// unit has. What assembly names keeps its name, and is returned.
pub(super) fn promote(module: &Module<'_>, tag: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let copyable = Copyable::of(module);
    for global in module.symbols().into_iter().chain(module.ifuncs()) {
        let name = global.name();
        if global.is_declaration() || is_llvms_own(&name) || name == BASELINE {
            continue;
        }
        if global.has_linkage(Linkage::AvailableExternally) {
            continue;
        }
        if global.is_local() {
            if copyable.is_named_in_assembly(&name) {
                kept.push(name);
            } else {
                global.set_name(&format!("{PROMOTED}{tag}.{name}"));
            }
            global.set_linkage(Linkage::External);
        }
        // What the final linker may replace it has to see.
        if !is_replaceable(global) {
            global.hide();
        }
    }
    kept
}
