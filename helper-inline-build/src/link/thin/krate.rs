//! A crate, made a unit that a thin link reads.
//!
//! It is harmonized with the helpers' declarations alone, so that it need not be prepared
//! again when a helper's code changes. Not here: helpers (`helpers`).

use super::facts::Facts;
use super::job::CrateJob;
use super::unit::{self, describe, mark, write_thin};
use crate::link::engine;
use crate::link::inputs::{Inputs, link_failure};
use crate::link::internalize::exports;
use crate::link::job::{CrateInput, Failure};
use crate::link::llvm::{CodegenLevel, Function, Global};
use crate::manifest::BASELINE;
use std::mem::ManuallyDrop;

/// Does a job. `stage` is told what begins, for the case that LLVM ends the process.
pub(in crate::link) fn run(
    job: &CrateJob,
    stage: &mut dyn FnMut(String),
) -> Result<Facts, Failure> {
    let mut link = unit::as_link(&job.target, &job.unit, Vec::new());
    link.crates.push(CrateInput {
        name: job.unit.clone(),
        bitcode: job.bitcode.clone(),
    });
    engine::with_inputs(&link, stage, |inputs| prepare(inputs, job))
}

fn prepare(inputs: &mut Inputs<'_>, job: &CrateJob) -> Result<Facts, Failure> {
    let interface = ManuallyDrop::new([inputs.interface(&job.interface)?]);
    let helper_functions: Vec<Function<'_>> = interface[0]
        .module
        .functions()
        .into_iter()
        .filter(|function| function.name() != BASELINE)
        .collect();
    let mut target = interface[0].target();
    let mut linking = ManuallyDrop::new(unit::begin(inputs, &*interface, &target, &job.interface)?);
    target.pic = false;
    linking.by_name = job.by_name.clone();
    linking.add_crates(inputs, &mut target)?;
    let mut linking = ManuallyDrop::into_inner(linking);
    if job.target.kernel {
        linking.linked.used_to_compiler_used();
    }
    let failed = |reason| link_failure(&job.unit, reason);
    linking.linked.verify().map_err(failed)?;

    let mut visible = exports(&linking.linked);
    let symbols = linking.linked.symbols().into_iter();
    let defined = symbols.filter(|symbol| !symbol.is_declaration() && !symbol.is_local());
    visible.extend(defined.map(Global::name).filter(|n| job.keep.contains(n)));
    let mut facts = Facts {
        exports: visible.into_iter().collect(),
        pic: target.pic,
        ..Facts::default()
    };
    let linked = &linking.linked;
    mark(
        linked,
        &helper_functions,
        &linking.profile,
        &job.target,
        &job.unit,
        &mut facts,
    );
    let names = helper_functions.iter().map(|f| f.name()).collect();
    describe(linked, &names, &job.prefixes, &mut facts);
    let machine = target.machine(inputs.llvm, CodegenLevel::Default);
    let machine = machine.map_err(failed)?;
    facts.harmonized.extend(linking.harmonized());
    write_thin(linking.linked, &facts, &machine, &job.target, &job.output)?;
    Ok(facts)
}
