//! What a module needs of `core` and `alloc`, made one unit that a thin link reads.
//!
//! Not here: which archives these are.

use super::facts::Facts;
use super::job::LibrariesJob;
use super::unit::{self, describe, write_thin};
use crate::link::engine;
use crate::link::inputs::{Inputs, link_failure};
use crate::link::internalize::internalize;
use crate::link::job::Failure;
use crate::link::linking::Linking;
use crate::link::llvm::{CodegenLevel, Linkage};
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

/// Does a job. `stage` is told what begins, for the case that LLVM ends the process.
pub(in crate::link) fn run(
    job: &LibrariesJob,
    stage: &mut dyn FnMut(String),
) -> Result<Facts, Failure> {
    let link = unit::as_link(&job.target, "core", Vec::new());
    engine::with_inputs(&link, stage, |inputs| prepare(inputs, job))
}

fn prepare(inputs: &mut Inputs<'_>, job: &LibrariesJob) -> Result<Facts, Failure> {
    let interface = ManuallyDrop::new([inputs.interface(&job.interface)?]);
    let target = interface[0].target();
    let mut linking = unit::begin(inputs, &*interface, &target, &job.interface)?;
    for needed in &job.needed {
        linking.linked.declare(&needed.name, needed.is_function);
    }
    for library in &job.libraries {
        let Linking {
            linked, profile, ..
        } = &mut linking;
        inputs.link_library(linked, library, profile, &target)?;
    }
    let failed = |reason| link_failure("core", reason);
    linking.linked.verify().map_err(failed)?;
    let needed: BTreeSet<String> = job.needed.iter().map(|n| n.name.clone()).collect();
    internalize(&linking.linked, &needed);
    for symbol in linking.linked.symbols() {
        // LLVM would drop what is linked where it is needed once it is not needed there.
        if !symbol.is_declaration() && needed.contains(&symbol.name()) {
            symbol.set_linkage(Linkage::External);
        }
    }
    let machine = target.machine(inputs.llvm, CodegenLevel::Default);
    let machine = machine.map_err(failed)?;
    linking
        .linked
        .run_passes("globaldce", &machine)
        .map_err(failed)?;
    let mut facts = Facts::default();
    describe(&linking.linked, &BTreeSet::new(), &[], &mut facts);
    facts.harmonized = linking.harmonized();
    write_thin(linking.linked, &facts, &machine, &job.target, &job.output)?;
    Ok(facts)
}
