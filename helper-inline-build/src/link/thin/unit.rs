//! What is done to units of crates and of helpers alike: their calls of helpers are
//! marked, what they define is described and hidden, and they are written.
//!
//! Not here: reading them.

use super::facts::{Facts, Site};
use super::job::Target;
use super::references::symbols;
use crate::files;
use crate::link::adapt::adapt;
use crate::link::count::{mark_calls, number_calls, undefined};
use crate::link::engine::failed_write;
use crate::link::frames::{Frames, Terms};
use crate::link::harmonize::{Profile, Side};
use crate::link::imports::imports;
use crate::link::inputs::{self, HelperModule, Inputs, link_failure};
use crate::link::internalize::is_llvms_own;
use crate::link::job::{Failure, HelperInput, Job};
use crate::link::linking::Linking;
use crate::link::llvm::{Function, Global, Linkage, Machine, Module};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The source file that a unit's object names. No symbol is called like that.
#[must_use]
pub fn source_name(unit: &str) -> String {
    format!("{unit}.bc")
}

/// A link of one unit, as the parts of a whole link take it.
pub(super) fn as_link(target: &Target, unit: &str, helpers: Vec<HelperInput>) -> Job {
    Job {
        llvm: target.llvm.clone(),
        name: source_name(unit),
        helpers,
        crates: Vec::new(),
        libraries: Vec::new(),
        keep: Vec::new(),
        kernel: target.kernel,
        inline: target.inline,
        debug: target.debug,
        object: PathBuf::new(),
    }
}

/// Begins a unit that is harmonized with the helpers' declarations, and gives it the C
/// build's module flags.
pub(super) fn begin<'a>(
    inputs: &mut Inputs<'a>,
    interface: &[HelperModule<'a>],
    target: &inputs::Target,
    path: &Path,
) -> Result<Linking<'a>, Failure> {
    let mut linking = Linking::begin(inputs, interface, target)?;
    // Read once more: what is linked is gone.
    let flags = inputs.interface(path)?;
    inputs.link(&mut linking.linked, flags.module, &flags.input)?;
    Ok(linking)
}

/// Declares the helpers that a unit does not define as C defines them, adapts its calls
/// and numbers them by the unit's name.
pub(super) fn mark(
    module: &Module<'_>,
    helpers: &[Function<'_>],
    profile: &Profile,
    target: &Target,
    unit: &str,
    facts: &mut Facts,
) {
    let mut used = BTreeSet::new();
    for helper in helpers {
        let Some(own) = module.function(&helper.name()) else {
            continue;
        };
        if own.global().is_declaration() {
            module.declare_like(*helper);
        }
        used.insert(helper.name());
    }
    if target.inline {
        facts
            .harmonized
            .extend(adapt(module, &used, |_| true, profile));
    }
    // Aliases and ifuncs are declared where they are not.
    let others = module.aliases().into_iter().chain(module.ifuncs());
    let is_helper = |other: &Global<'_>| helpers.iter().any(|h| h.name() == other.name());
    for other in others.filter(is_helper).collect::<Vec<_>>() {
        for site in number_calls(other, &format!("{unit}.")) {
            facts.sites.push(Site {
                helper: other.name(),
                number: site.number,
                caller: site.call.function().name(),
                location: site.call.location().map(|place| place.to_string()),
                bar: site.bar,
            });
        }
    }
    let side = if target.kernel {
        Side::Kernel
    } else {
        Side::Rust
    };
    let mut frames = Frames::of(module, &used, &Terms::of(side));
    let found = used.iter().filter_map(|name| module.function(name));
    for helper in found {
        let marked = mark_calls(
            module,
            helper,
            profile,
            &mut frames,
            target.inline,
            &format!("{unit}."),
        );
        let hidden = marked.hidden.into_iter();
        facts
            .hidden
            .extend(hidden.map(|name| (name, helper.name())));
        for site in marked.sites {
            facts.sites.push(Site {
                helper: helper.name(),
                number: site.number,
                caller: site.call.function().name(),
                location: site.call.location().map(|place| place.to_string()),
                bar: site.bar,
            });
        }
    }
}

/// Describes a unit whose calls are marked. `helpers` are all of the module's.
pub(super) fn describe(
    module: &Module<'_>,
    helpers: &BTreeSet<String>,
    prefixes: &[String],
    facts: &mut Facts,
) {
    facts.symbols = symbols(module);
    facts.missing = undefined(module, prefixes, helpers);
    facts.imports = imports(module, helpers);
    facts
        .imports
        .retain(|import| !helpers.contains(&import.symbol));
}

/// Hides what a unit defines from everything but the module, except its exports, and
/// writes it with its summary.
pub(super) fn write_thin(
    mut module: Module<'_>,
    facts: &Facts,
    machine: &Machine<'_>,
    target: &Target,
    path: &Path,
) -> Result<(), Failure> {
    for global in module.symbols() {
        let name = global.name();
        let stays = global.is_declaration()
            || global.is_local()
            || global.has_linkage(Linkage::AvailableExternally)
            || is_llvms_own(&name)
            || facts.exports.contains(&name);
        if !stays {
            global.hide();
        }
    }
    if !target.debug {
        // Where calls are is noted.
        module.strip_debug_info();
    }
    let shown = path.display().to_string();
    let bitcode = module.into_thin_bitcode(machine);
    put(path, &bitcode.map_err(|why| link_failure(&shown, why))?)
}

/// Writes an output, unless it is as it was: an engine that goes by times then sees that
/// nothing follows.
pub(super) fn put(path: &Path, content: &[u8]) -> Result<(), Failure> {
    files::write_if_changed(path, content).map_err(|error| failed_write(path, error))
}
