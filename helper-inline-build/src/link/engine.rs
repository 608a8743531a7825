//! The child's work on one module: read, harmonize, link, internalize, optimize
//! and lower, in this order.
//!
//! Not here: the process around it (`child`), or what each step does.

use super::harmonize::Side;
use super::inputs::{Inputs, link_failure};
use super::job::{Failure, HelperOutcome, Job, Outcome};
use super::linking::Linking;
use super::llvm::{CodegenLevel, Context, Llvm};
use super::producers;
use crate::clock::Clock;
use crate::{Error, files};
use std::mem::ManuallyDrop;
use std::path::Path;

/// Passes after linking; what clang runs at -O2.
pub(super) const OPTIMIZE: &str = "default<O2>,globaldce";

/// Options of LLVM's.
pub(super) const OPTIONS: &[&str] = &[
    // Says on each call why it was not inlined.
    "-inline-remark-attribute",
    // A trap after what cannot be reached keeps objtool from seeing a function
    // run into the next one.
    "-trap-unreachable",
    // A specialized copy of a helper that stays has another name, under which
    // its calls would be taken for inlined ones.
    "-funcspec-max-iters=0",
];

/// Does a job. `stage` is told what begins, for the case that LLVM ends the
/// process.
pub(super) fn run(job: &Job, stage: &mut dyn FnMut(String)) -> Result<Outcome, Failure> {
    let clock = Clock::start();
    with_inputs(job, stage, |inputs| link(inputs, clock))
}

/// Loads the libLLVM of a job and does some work with what it reads of its inputs.
pub(super) fn with_inputs<T>(
    job: &Job,
    stage: &mut dyn FnMut(String),
    work: impl FnOnce(&mut Inputs<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let llvm = load(job, stage)?;
    // Nothing of LLVM's is freed piece by piece: the process ends after this job.
    let context = ManuallyDrop::new(Context::new(&llvm));
    work(&mut Inputs {
        job,
        llvm: &llvm,
        context: &context,
        side: if job.kernel { Side::Kernel } else { Side::Rust },
        stage,
    })
}

fn link(inputs: &mut Inputs<'_>, mut clock: Clock) -> Result<Outcome, Failure> {
    let job = inputs.job;
    let (helpers, mut target) = inputs.helpers()?;
    let mut linking = ManuallyDrop::new(Linking::begin(inputs, &helpers, &target)?);
    clock.lap("read");
    linking.add_crates(inputs, &mut target)?;
    linking.add_helpers(inputs, helpers)?;
    for library in &job.libraries {
        let Linking {
            linked, profile, ..
        } = &mut *linking;
        inputs.link_library(linked, library, profile, &target)?;
    }
    let failed = |reason| link_failure(&job.name, reason);
    linking.linked.verify().map_err(failed)?;
    clock.lap("link");

    (inputs.stage)(format!("internalizing `{}`", job.name));
    let machine = target.machine(inputs.llvm, CodegenLevel::Default);
    let machine = machine.map_err(failed)?;
    let (sites, imports) = linking.internalize(job, &machine)?;
    clock.lap("internalize");

    (inputs.stage)(format!("optimizing `{}`", job.name));
    linking
        .linked
        .run_passes(OPTIMIZE, &machine)
        .map_err(failed)?;
    inputs.context.take_diagnostics();
    clock.lap("optimize");

    (inputs.stage)(format!("lowering `{}`", job.name));
    let outcomes = sites.outcomes(&linking.linked);
    let stays = |helper: &HelperOutcome| linking.linked.function(&helper.name).is_some();
    if outcomes.iter().any(stays) || !linking.linked.aliases().is_empty() {
        // Some may have been kept for calls which turned out to be dead.
        linking
            .linked
            .run_passes("globaldce", &machine)
            .map_err(failed)?;
    }
    linking.lower(job, &machine)?;
    clock.lap("lower");

    Ok(Outcome {
        llvm: inputs.llvm.version().to_string(),
        helpers: outcomes,
        harmonized: linking.harmonized(),
        exports: std::mem::take(&mut linking.exported).into_iter().collect(),
        imports,
        timings_ms: clock.laps,
    })
}

/// Loads the libLLVM of a job, if it can read the job's inputs.
pub(super) fn load(job: &Job, stage: &mut dyn FnMut(String)) -> Result<Llvm, Failure> {
    stage(format!("loading `{}`", job.llvm.display()));
    let llvm = Llvm::load(&job.llvm).map_err(|error| unusable(job, error))?;
    producers::check(job, llvm.version())?;
    llvm.set_options(OPTIONS);
    Ok(llvm)
}

/// Writes an output.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    files::write(path, content).map_err(|error| failed_write(path, error))
}

/// The failure of writing an output.
pub(super) fn failed_write(path: &Path, error: Error) -> Failure {
    Failure::Write {
        path: path.to_owned(),
        reason: match error {
            Error::Io { error, .. } => error.to_string(),
            other => other.to_string(),
        },
    }
}

/// Why a libLLVM cannot be used: where it is too old for the inputs, that, with
/// their producers.
fn unusable(job: &Job, error: Error) -> Failure {
    let too_old = Llvm::version_of(&job.llvm).map(|version| producers::check(job, version));
    match (too_old, error) {
        (Some(Err(failure @ Failure::ProducerTooNew { .. })), _) => failure,
        (_, Error::LlvmUnusable { detail }) => Failure::LlvmUnusable { detail },
        (_, other) => Failure::LlvmUnusable {
            detail: other.to_string(),
        },
    }
}
