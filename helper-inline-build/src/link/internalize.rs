//! Linkage: which definitions are linked at all, and which stay visible.
//!
//! Not here: what the optimizer then drops.

use super::llvm::{Global, Linkage, Module};
use std::collections::BTreeSet;

/// Has LLVM link a module's definitions only where something already linked
/// needs them. Returns the names that were visible.
///
/// `always` are names that what is linked later needs: once this module is
/// linked, LLVM has no more of it to take them from.
///
/// An `extern inline` of a header's, as the kernel's checked `memcpy()` is one, is
/// no definition of the module's own: every module that uses it has it, and LLVM
/// takes it from any.
pub(super) fn link_only_needed(module: &Module<'_>, always: &BTreeSet<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for global in definitions(module) {
        let name = global.name();
        let own = !global.is_local() && !global.has_linkage(Linkage::AvailableExternally);
        if own && !is_llvms_own(&name) {
            if !always.contains(&name) {
                global.set_linkage(Linkage::LinkOnceOdr);
            }
            names.insert(name);
        }
    }
    names
}

/// The functions and variables that a module takes from elsewhere.
pub(super) fn needs(module: &Module<'_>) -> impl Iterator<Item = String> {
    let functions = module.functions().into_iter().map(|f| f.global());
    functions
        .chain(module.variables())
        .filter(|global| global.is_declaration())
        .map(Global::name)
}

/// The unmangled definitions that a Rust crate exports: its `#[no_mangle]` and
/// `#[export_name]` items.
pub(super) fn exports(module: &Module<'_>) -> BTreeSet<String> {
    definitions(module)
        .into_iter()
        .filter(|global| !global.is_local() && !global.has_linkage(Linkage::AvailableExternally))
        .map(Global::name)
        .filter(|name| !is_llvms_own(name) && !is_mangled(name))
        .collect()
}

/// Makes every definition local but the exports, so that what nothing uses can
/// be dropped. Returns how many were not local before.
pub(super) fn internalize(module: &Module<'_>, exports: &BTreeSet<String>) -> u64 {
    let mut internalized = 0;
    for function in module.functions() {
        if !function.global().is_declaration() {
            function.global().clear_comdat();
        }
    }
    for variable in module.variables() {
        if !variable.is_declaration() && !is_llvms_own(&variable.name()) {
            variable.clear_comdat();
        }
    }
    for global in definitions(module) {
        let name = global.name();
        if !is_llvms_own(&name) && !global.is_local() && !exports.contains(&name) {
            global.set_linkage(Linkage::Internal);
            internalized += 1;
        }
    }
    internalized
}

/// Functions, variables, aliases and ifuncs that a module defines.
fn definitions<'m>(module: &'m Module<'_>) -> Vec<Global<'m>> {
    let symbols = module.symbols().into_iter().chain(module.ifuncs());
    symbols.filter(|global| !global.is_declaration()).collect()
}

pub(super) fn is_llvms_own(name: &str) -> bool {
    name.starts_with("llvm.")
}

/// Whether a name is one that rustc made up.
fn is_mangled(name: &str) -> bool {
    [
        "_R",
        "_ZN",
        "__rust",
        "anon.",
        "alloc_",
        "vtable.",
        "switch.table.",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
        || name == "rust_eh_personality"
        || name == "rust_begin_unwind"
}

#[cfg(test)]
mod tests {
    use super::is_mangled;

    #[test]
    fn only_the_authors_own_names_are_exports() {
        for name in ["init_module", "cleanup_module", "my_export"] {
            assert!(!is_mangled(name), "{name}");
        }
        for name in [
            "_RNvCs1_7___rustc17rust_begin_unwind",
            "_ZN4core9panicking5panic17hE",
            "__rust_no_alloc_shim_is_unstable",
        ] {
            assert!(is_mangled(name), "{name}");
        }
    }
}
