//! Units of helpers, made ready for a thin link.
//!
//! A function that is imported elsewhere may refer to what is local here. So that there is
//! one of it, and the same name for it everywhere, everything local gets a name of the
//! whole module's (`promote`). What is imported from has neither assembly outside of
//! functions nor lists of what is used or run at the start: these are of the one object
//! that is made of the helpers at the end (`rest`). Not here: crates (`krate`).

use super::facts::{Facts, HelperFacts};
use super::job::{HelperUnit, HelpersJob};
use super::promote::promote;
use super::unit::{self, describe, mark, put, write_thin};
use super::unseen;
use crate::link::assembly_names::ambiguous;
use crate::link::below::{WrappedCalls, mark_wrapped};
use crate::link::by_name::ByName;
use crate::link::constructors;
use crate::link::copyable::Copyable;
use crate::link::count::mark_definition;
use crate::link::engine;
use crate::link::frames;
use crate::link::harmonize::{self, Profile};
use crate::link::inputs::{HelperModule, Inputs, link_failure};
use crate::link::internalize::{is_llvms_own, link_only_needed};
use crate::link::job::{Cause, Failure, Harmonized, HelperInput};
use crate::link::llvm::{
    AttributeKey, CodeModel, CodegenLevel, Function, Global, Linkage, Machine, Module,
};
use crate::link::prepare::PROMOTED;
use crate::link::replace::{self, is_replaceable, resolve};
use crate::link::strays::strays;
use crate::manifest::BASELINE;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;

/// What is run before the summary is written: what is marked so is inlined, and what LLVM
/// does to a function early and not again after a thin link, so that this sees how small
/// it is. Nothing here decides whether an argument is constant.
const SHRINK: &str =
    "always-inline,function(lower-expect,simplifycfg,sroa,early-cse,simplifycfg),globaldce";

/// Does a job. `stage` is told what begins, for the case that LLVM ends the process.
pub(in crate::link) fn run(
    job: &HelpersJob,
    stage: &mut dyn FnMut(String),
) -> Result<HelperFacts, Failure> {
    let link = unit::as_link(&job.target, "the helpers", job.helpers.clone());
    engine::with_inputs(&link, stage, |inputs| prepare(inputs, job))
}

fn prepare(inputs: &mut Inputs<'_>, job: &HelpersJob) -> Result<HelperFacts, Failure> {
    // As they were; what is linked below is read anew.
    let originals = ManuallyDrop::new(inputs.helpers()?);
    let (originals, target) = &*originals;
    for helper in originals {
        harmonize::allow_inlining(&helper.module, helper.baseline()?);
    }
    let work = Work {
        job,
        profile: inputs.profile(originals)?,
        strong: replace::strong(originals.iter().map(|helper| &helper.module)),
        helpers: helpers_of(originals)?,
        first: &originals[0],
    };
    let machine = target.machine(inputs.llvm, CodegenLevel::Default);
    let failed = |reason| link_failure(&originals[0].input, reason);
    let machine = machine.map_err(failed)?;

    let mut bars = BTreeMap::new();
    let mut units = Vec::new();
    let mut wrapped_calls = WrappedCalls::new();
    let mut replaceable = BTreeSet::new();
    let mut in_assembly = BTreeSet::new();
    let read = inputs.helpers()?.0;
    for ((helper, input), unit) in read.into_iter().zip(&job.helpers).zip(&job.units) {
        let pic = harmonize::is_pic(&helper.module);
        let mut facts = Facts {
            pic,
            ..Facts::default()
        };
        let (module, kept) = work.link(inputs, helper, unit, &mut facts)?;
        for name in kept {
            if work.strong.contains_key(&name) || !in_assembly.insert(name.clone()) {
                return Err(link_failure(&input.package, ambiguous(&name)));
            }
        }
        let copyable = Copyable::of(&module);
        let withheld = withheld(&module, &copyable);
        if !job.target.kernel {
            replaceable.extend(
                replace::replaceable(&module)
                    .into_iter()
                    .map(|(name, _)| name),
            );
        }
        let wrapped = input.wrapped.iter().cloned().collect();
        if job.target.inline {
            wrapped_calls.extend(mark_wrapped(&module, &wrapped, &work.profile, &withheld));
        }
        frames::note(&module, &work.helpers);
        let own = work.helpers.iter().filter_map(|helper| {
            let own = module.function(&helper.name())?;
            (!own.global().is_declaration()).then_some(own)
        });
        for function in own.collect::<Vec<_>>() {
            let name = function.name();
            let exempt = input.exempt.contains(&name);
            let bar = mark_definition(function, job.target.inline, exempt);
            bars.insert(name, bar);
        }
        let own = withheld
            .iter()
            .filter(|(name, _)| input.helpers.contains(*name));
        for (name, (cause, text)) in own {
            if job.target.inline {
                bars.insert(name.clone(), Some((*cause, Some(text.clone()))));
            } else {
                // Functions have it already.
                let off = Some((Cause::InliningOff, None));
                bars.entry(name.clone()).or_insert(off);
            }
        }
        work.finish(module, &copyable, &machine, input, unit, &mut facts)?;
        units.push(facts);
    }
    work.write_interface(inputs)?;
    Ok(HelperFacts {
        units,
        triple: target.triple.clone(),
        code_model: name_of(target.code_model).map(str::to_owned),
        helpers: bars,
        wrapped: wrapped_calls,
        replaceable,
    })
}

/// What all units of helpers share.
struct Work<'w, 'a> {
    job: &'w HelpersJob,
    profile: Profile,
    /// All helpers, as C defines them.
    helpers: Vec<Function<'w>>,
    /// What units define so that nothing may take its place.
    strong: BTreeMap<String, usize>,
    first: &'w HelperModule<'a>,
}

impl<'a> Work<'_, 'a> {
    /// Writes the helpers' declarations and the C build's module flags, which is all that
    /// a crate is prepared with.
    fn write_interface(&self, inputs: &mut Inputs<'a>) -> Result<(), Failure> {
        let mut interface = self.empty(inputs, "interface")?.0;
        for mut helper in inputs.helpers()?.0 {
            helper.module.clear_used();
            helper.module.clear_inline_asm();
            helper.module.clear_constructors();
            // Of definitions that nobody needs, LLVM links the flags.
            link_only_needed(&helper.module, &BTreeSet::new());
            inputs.link(&mut interface, helper.module, &helper.input)?;
        }
        for helper in &self.helpers {
            interface.declare_like(*helper);
        }
        interface.declare_like(self.first.baseline()?);
        put(&self.job.interface, &interface.to_bitcode())
    }

    /// A module with the C build's flags and nothing else, and what was made equal by it.
    fn empty(
        &self,
        inputs: &Inputs<'a>,
        name: &str,
    ) -> Result<(Module<'a>, Vec<Harmonized>), Failure> {
        let module = Module::new(inputs.context, name);
        let first = &self.first.module;
        module.set_triple(&first.triple());
        module.set_data_layout(&first.data_layout());
        let harmonized = harmonize::apply_flags(&module, first, inputs.side)
            .map_err(|reason| link_failure(&self.first.input, reason))?;
        Ok((module, harmonized))
    }

    /// Links a unit into a module of its own, with nothing local left in it. Returns also
    /// what of that kept its name.
    fn link(
        &self,
        inputs: &mut Inputs<'a>,
        helper: HelperModule<'a>,
        unit: &HelperUnit,
        facts: &mut Facts,
    ) -> Result<(Module<'a>, Vec<String>), Failure> {
        let (mut module, flags) = self.empty(inputs, &unit.tag)?;
        if helper.input == self.first.input {
            facts.harmonized.extend(flags);
        }
        let baseline = helper.baseline()?;
        facts
            .harmonized
            .extend(harmonize::allow_inlining(&helper.module, baseline));
        baseline.global().set_linkage(Linkage::Internal);
        facts.harmonized.extend(helper.harmonized);
        facts.harmonized.extend(strays(&helper.module));
        ByName::of(&self.job.helpers).bind(&helper.module, |_| false)?;
        inputs.link(&mut module, helper.module, &helper.input)?;
        let target_is_kernel = self.job.target.kernel;
        if target_is_kernel {
            constructors::check(&module).map_err(|why| link_failure(&helper.input, why))?;
        }
        resolve(&module, &self.strong, target_is_kernel);
        let kept = promote(&module, &unit.tag);
        Ok((module, kept))
    }

    /// Marks a unit's calls, describes it and writes both of its shapes.
    fn finish(
        &self,
        mut module: Module<'_>,
        copyable: &Copyable,
        machine: &Machine<'_>,
        input: &HelperInput,
        unit: &HelperUnit,
        facts: &mut Facts,
    ) -> Result<(), Failure> {
        let target = &self.job.target;
        mark(
            &module,
            &self.helpers,
            &self.profile,
            target,
            &unit.tag,
            facts,
        );
        let names = self.helpers.iter().map(|helper| helper.name()).collect();
        let prefixes = std::slice::from_ref(&input.prefix);
        describe(&module, &names, prefixes, facts);
        if !target.debug {
            module.strip_debug_info();
        }
        let unseen = unseen::variables(&module, copyable, &facts.symbols);
        let promoted = |name: &str| format!("{PROMOTED}{}.{name}", unit.tag);
        let labels = copyable.export_labels(&mut module, promoted);
        copyable.define_once(&module);
        put(&unit.whole, &module.to_bitcode())?;
        for label in labels {
            label.rename(&module);
        }
        withhold(&module, copyable, &unseen);
        module.clear_used();
        module.clear_inline_asm();
        module.clear_constructors();
        if target.inline {
            self.unname_results(&module, unit);
        }
        let failed = |reason| link_failure(&input.package, reason);
        module.run_passes(SHRINK, machine).map_err(failed)?;
        write_thin(module, facts, machine, target, &unit.thin)
    }

    /// Has helpers return structs without names, as crates call them: a name is of one
    /// unit. What they were is inlined into that at once.
    fn unname_results(&self, module: &Module<'_>, unit: &HelperUnit) {
        let always = AttributeKey::Enum("alwaysinline");
        for name in self.helpers.iter().map(|helper| helper.name()) {
            let Some(own) = module.function(&name) else {
                continue;
            };
            let mut calls = own.calls().direct.into_iter();
            let stays = own.global().is_declaration()
                || own.attribute(&always).is_none()
                || calls.any(|call| call.function().name() == name);
            if !stays {
                module.unname_result(own, &format!("{PROMOTED}{}.{name}", unit.tag));
            }
        }
    }
}

/// The helpers of all units. What two units define is told.
fn helpers_of<'m>(units: &'m [HelperModule<'_>]) -> Result<Vec<Function<'m>>, Failure> {
    let mut defined = BTreeMap::new();
    let mut helpers: BTreeMap<String, Function<'m>> = BTreeMap::new();
    for unit in units {
        let all = unit
            .module
            .symbols()
            .into_iter()
            .chain(unit.module.ifuncs());
        for global in all.collect::<Vec<_>>() {
            let name = global.name();
            let is_own = !global.is_declaration()
                && !global.is_local()
                && !global.has_linkage(Linkage::AvailableExternally)
                && !is_llvms_own(&name)
                && name != BASELINE;
            if !is_own {
                continue;
            }
            if !is_replaceable(global) {
                if let Some(other) = defined.insert(name.clone(), &unit.input) {
                    let reason =
                        format!("`{name}` is also defined in `{other}`; rename one of them");
                    return Err(link_failure(&unit.input, reason));
                }
            }
            if !unit.has_helper(&name) {
                continue;
            }
            // What is no function of its own is declared as crates call it.
            let function = unit.module.function(&name);
            let function = function.or_else(|| unit.module.declare_instead(global));
            helpers.extend(function.map(|function| (name, function)));
        }
    }
    Ok(helpers.into_values().collect())
}

/// What of a unit only the object has that is made of the helpers at the end, and why.
fn withheld(module: &Module<'_>, copyable: &Copyable) -> BTreeMap<String, (Cause, String)> {
    let all = module.functions().into_iter().map(|f| f.global());
    let all = all.chain(module.aliases()).chain(module.ifuncs());
    all.filter_map(|global| {
        let why = copyable.reason(global)?;
        Some((global.name(), (why.cause(), why.to_string())))
    })
    .collect()
}

/// Declares what may not be copied in the place of its definition, and variables that
/// something writes to which is not here.
fn withhold(module: &Module<'_>, copyable: &Copyable, unseen: &BTreeSet<String>) {
    // Aliases first: they have their attributes of what they name.
    let all = module.aliases().into_iter().chain(module.ifuncs());
    let functions = module.functions().into_iter().map(|f| f.global());
    let all = all.chain(functions).chain(module.variables());
    let all = all.filter(|global| !is_llvms_own(&global.name()));
    let is_withheld =
        |global: &Global<'_>| copyable.reason(*global).is_some() || unseen.contains(&global.name());
    let withheld = all.filter(is_withheld);
    for global in withheld.collect::<Vec<_>>() {
        module.declare_instead(global);
    }
}

/// clang's name for a code model, if it is not the default.
fn name_of(model: CodeModel) -> Option<&'static str> {
    match model {
        CodeModel::Default => None,
        CodeModel::Tiny => Some("tiny"),
        CodeModel::Small => Some("small"),
        CodeModel::Kernel => Some("kernel"),
        CodeModel::Medium => Some("medium"),
        CodeModel::Large => Some("large"),
    }
}
