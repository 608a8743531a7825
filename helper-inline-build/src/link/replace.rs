//! Definitions of helpers that another may take the place of: weak ones and the like.
//!
//! Of one name in several units of helpers, the strong definition counts, whichever comes
//! first. What then is left has the final linker choose, where there is one. Not here:
//! which definitions may be copied (`copyable`).

use super::internalize::is_llvms_own;
use super::llvm::{Global, Linkage, Module};
use crate::manifest::BASELINE;
use std::collections::{BTreeMap, BTreeSet};

/// Linkages of what may be replaced.
const REPLACEABLE: [Linkage; 3] = [Linkage::WeakAny, Linkage::LinkOnceAny, Linkage::Common];

/// Returns true if another definition may take this one's place.
pub(super) fn is_replaceable(global: Global<'_>) -> bool {
    REPLACEABLE
        .iter()
        .any(|linkage| global.has_linkage(*linkage))
}

fn definitions<'m>(module: &'m Module<'_>) -> impl Iterator<Item = Global<'m>> {
    let symbols = module.symbols().into_iter().chain(module.ifuncs());
    symbols.filter(|global| !global.is_declaration() && !is_llvms_own(&global.name()))
}

/// The names that units define so that nothing may take their place, and how many do.
pub(super) fn strong<'m, 'c: 'm>(
    modules: impl Iterator<Item = &'m Module<'c>>,
) -> BTreeMap<String, usize> {
    let mut strong = BTreeMap::new();
    for global in modules.flat_map(|module| definitions(module)) {
        let is_shared = global.is_local()
            || is_replaceable(global)
            || global.has_linkage(Linkage::AvailableExternally);
        if !is_shared && global.name() != BASELINE {
            *strong.entry(global.name()).or_default() += 1;
        }
    }
    strong
}

/// What of a unit may be replaced, each with its linkage. It is asked before the linkage is
/// changed for the link.
pub(super) fn replaceable(module: &Module<'_>) -> Vec<(String, Linkage)> {
    let all = definitions(module).filter_map(|global| {
        let linkage = REPLACEABLE.iter().find(|l| global.has_linkage(**l))?;
        Some((global.name(), *linkage))
    });
    all.collect()
}

/// Declares here what another unit has the strong definition of.
pub(super) fn give_way(module: &Module<'_>, strong: &BTreeMap<String, usize>) {
    let all = definitions(module).filter(|global| is_replaceable(*global));
    for global in all.collect::<Vec<_>>() {
        if strong.contains_key(&global.name()) {
            module.declare_instead(global);
        }
    }
}

/// Has what may be replaced stay so in a link. Returns its names.
pub(super) fn keep_replaceable(
    module: &Module<'_>,
    replaceable: &[(String, Linkage)],
) -> BTreeSet<String> {
    let linkages: BTreeMap<&str, Linkage> = replaceable
        .iter()
        .map(|(name, l)| (name.as_str(), *l))
        .collect();
    let mut kept = BTreeSet::new();
    if linkages.is_empty() {
        return kept;
    }
    for global in definitions(module) {
        let name = global.name();
        let Some(linkage) = linkages.get(name.as_str()) else {
            continue;
        };
        // LLVM drops what nothing needs of the latter.
        global.set_linkage(match linkage {
            Linkage::Common => Linkage::Common,
            _ => Linkage::LinkOnceAny,
        });
        kept.insert(name);
    }
    kept
}

/// Decides in a unit that is linked whole: what another unit defines is declared here, and in
/// a kernel, for which no one else defines anything, what is left is the definition.
pub(super) fn resolve(module: &Module<'_>, strong: &BTreeMap<String, usize>, is_kernel: bool) {
    give_way(module, strong);
    if is_kernel {
        let left = definitions(module).filter(|global| is_replaceable(*global));
        left.for_each(|global| global.set_linkage(Linkage::External));
    }
}
