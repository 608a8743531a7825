//! The child's work on one code-generation unit of a crate in an ordinary cargo
//! build: its helpers are inlined, and it is optimized and lowered as rustc did it.
//!
//! Copies of the helpers' functions are only looked into: what is still called, and what
//! has an address, is the archive's (`prepare`). `static` functions below them that have no
//! address are the unit's own. So a unit alone is all that is needed. Not here: which units
//! call helpers.

use super::bystanders::Bystanders;
use super::engine;
use super::inputs::{Inputs, link_failure};
use super::job::{Failure, OptLevel, Outcome, UnitJob};
use super::linking::Linking;
use super::llvm::{CodegenLevel, Function, Linkage, Module};
use super::prepare::{self, PROMOTED};
use crate::clock::Clock;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

impl OptLevel {
    /// What is run once helpers are linked in: what rustc ran before.
    fn passes(self) -> &'static str {
        match self {
            OptLevel::O0 => "always-inline",
            OptLevel::O1 => "default<O1>",
            OptLevel::O2 => "default<O2>",
            OptLevel::O3 => "default<O3>",
            OptLevel::Os => "default<Os>",
            OptLevel::Oz => "default<Oz>",
        }
    }

    fn codegen(self) -> CodegenLevel {
        match self {
            OptLevel::O0 => CodegenLevel::None,
            OptLevel::O1 => CodegenLevel::Less,
            OptLevel::O2 | OptLevel::Os | OptLevel::Oz => CodegenLevel::Default,
            OptLevel::O3 => CodegenLevel::Aggressive,
        }
    }
}

/// Does a job. `stage` is told what begins, for the case that LLVM ends the
/// process.
pub(super) fn run(unit: &UnitJob, stage: &mut dyn FnMut(String)) -> Result<Outcome, Failure> {
    let clock = Clock::start();
    engine::with_inputs(&unit.job, stage, |inputs| link(inputs, unit.level, clock))
}

fn link(inputs: &mut Inputs<'_>, level: OptLevel, mut clock: Clock) -> Result<Outcome, Failure> {
    let job = inputs.job;
    let (helpers, mut target) = inputs.helpers()?;
    let mut linking = ManuallyDrop::new(Linking::begin(inputs, &helpers, &target)?);
    clock.lap("read");
    linking.add_crates(inputs, &mut target)?;
    let functions = linking.linked.functions().into_iter();
    let defined = functions.filter(|f| !f.global().is_declaration());
    let own: BTreeSet<String> = defined.map(Function::name).collect();
    let declared = helpers.iter().flat_map(|helper| helper.module.functions());
    let withheld = declared.filter_map(|f| Some((f.name(), prepare::withheld(f)?)));
    linking.archive = Some(withheld.collect());
    linking.add_helpers(inputs, helpers)?;
    let failed = |reason| link_failure(&job.name, reason);
    linking.linked.verify().map_err(failed)?;
    linking.share_with_archive();
    linking.terms.adds_up = level == OptLevel::O0;
    for krate in &job.crates {
        linking.terms.is_part_of(&krate.name);
    }
    let sites = linking.mark(job);
    clock.lap("link");

    (inputs.stage)(format!("optimizing `{}`", job.name));
    let machine = target.machine(inputs.llvm, level.codegen());
    let machine = machine.map_err(failed)?;
    let bystanders = (level != OptLevel::O0)
        .then(|| Bystanders::leave(&linking.linked, &own, &linking.helpers(job)));
    linking
        .linked
        .run_passes(level.passes(), &machine)
        .map_err(failed)?;
    if let Some(bystanders) = bystanders {
        bystanders.take_back(&linking.linked);
    }
    inputs.context.take_diagnostics();
    let drop_copies = "elim-avail-extern,globaldce";
    let drop_copies = |module: &mut Module<'_>| module.run_passes(drop_copies, &machine);
    drop_copies(&mut linking.linked).map_err(failed)?;
    let outcomes = sites.outcomes(&linking.linked);
    // Those that calls of another type had kept.
    drop_copies(&mut linking.linked).map_err(failed)?;
    clock.lap("optimize");

    (inputs.stage)(format!("lowering `{}`", job.name));
    give_sections(&linking.linked);
    linking.lower(job, &machine)?;
    clock.lap("lower");

    Ok(Outcome {
        llvm: inputs.llvm.version().to_string(),
        helpers: outcomes,
        harmonized: linking.harmonized(),
        exports: Vec::new(),
        imports: Vec::new(),
        timings_ms: clock.laps,
    })
}

impl Linking<'_> {
    /// Has what the helpers define be looked into only: the archive's is for all, whoever
    /// else calls it or names it.
    fn share_with_archive(&self) {
        let functions = self.linked.functions().into_iter().map(|f| f.global());
        for global in functions.chain(self.linked.variables()) {
            let name = global.name();
            if global.is_declaration() || !self.is_helpers(&name) {
                continue;
            }
            global.clear_comdat();
            global.set_linkage(Linkage::AvailableExternally);
            if name.starts_with(PROMOTED) {
                global.hide();
            }
        }
    }
}

/// Gives each function a section of its own, as rustc does, so that the linker can
/// drop those that nothing calls.
pub(super) fn give_sections(module: &Module<'_>) {
    for function in module.functions() {
        let global = function.global();
        let left = global.is_declaration() || global.has_linkage(Linkage::AvailableExternally);
        if !left && global.section().is_empty() {
            global.set_section(&format!(".text.{}", global.name()));
        }
    }
}
