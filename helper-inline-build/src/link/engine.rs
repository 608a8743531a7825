//! The child's work on one module: read, harmonize, link, internalize, optimize
//! and lower, in this order.
//!
//! Not here: the process around it (`child`), or what each step does.

use super::adapt::adapt;
use super::count::{self, Sites};
use super::harmonize::{self, Profile, Side};
use super::imports::imports;
use super::inputs::{HelperModule, Inputs, Target, link_failure, show};
use super::internalize::{exports, internalize, link_only_needed, needs};
use super::job::{Failure, Harmonized, HelperOutcome, Import, Job, Outcome};
use super::llvm::{Context, Llvm, Machine, Module};
use super::names::unescape;
use super::producers;
use super::strays::strays;
use crate::clock::Clock;
use crate::manifest::BASELINE;
use crate::{Error, files};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;

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
    let mut clock = Clock::start();
    stage(format!("loading `{}`", job.llvm.display()));
    let llvm = Llvm::load(&job.llvm).map_err(|error| unusable(job, error))?;
    producers::check(job, llvm.version())?;
    llvm.set_options(OPTIONS);
    // Nothing of LLVM's is freed piece by piece: the process ends after this job.
    let context = ManuallyDrop::new(Context::new(&llvm));
    let mut inputs = Inputs {
        job,
        llvm: &llvm,
        context: &context,
        side: if job.kernel { Side::Kernel } else { Side::Rust },
        stage,
    };

    let (helpers, mut target) = inputs.helpers()?;
    let mut linking = ManuallyDrop::new(Linking::begin(&inputs, &helpers, &target)?);
    clock.lap("read");
    linking.add_crates(&mut inputs, &mut target)?;
    linking.add_helpers(&mut inputs, helpers)?;
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
    let machine =
        Machine::new(&llvm, &target.triple, target.pic, target.code_model).map_err(failed)?;
    let machine = ManuallyDrop::new(machine);
    let (sites, imports) = linking.internalize(job, &machine)?;
    clock.lap("internalize");

    (inputs.stage)(format!("optimizing `{}`", job.name));
    linking
        .linked
        .run_passes(OPTIMIZE, &machine)
        .map_err(failed)?;
    context.take_diagnostics();
    clock.lap("optimize");

    (inputs.stage)(format!("lowering `{}`", job.name));
    let outcomes = sites.outcomes(&linking.linked);
    let stays = |helper: &HelperOutcome| linking.linked.function(&helper.name).is_some();
    if outcomes.iter().any(stays) {
        // Some may have been kept for calls which turned out to be dead.
        linking
            .linked
            .run_passes("globaldce", &machine)
            .map_err(failed)?;
    }
    if !job.debug {
        // Their line tables have located the calls that stay.
        linking.linked.strip_debug_info();
    }
    let object = linking.linked.lower(&machine).map_err(failed)?;
    files::write(&job.object, &object).map_err(|e| match e {
        Error::Io { path, error, .. } => Failure::Write {
            path,
            reason: error.to_string(),
        },
        other => failed(other.to_string()),
    })?;
    clock.lap("lower");

    let mut harmonized = std::mem::take(&mut linking.harmonized);
    harmonized.extend(linking.profile.harmonized());
    Ok(Outcome {
        llvm: llvm.version().to_string(),
        helpers: outcomes,
        harmonized,
        exports: std::mem::take(&mut linking.exported).into_iter().collect(),
        imports,
        timings_ms: clock.laps,
    })
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

/// The module that everything is linked into, and what is known of it.
struct Linking<'a> {
    linked: Module<'a>,
    profile: Profile,
    /// Names that stay visible.
    exported: BTreeSet<String>,
    /// Names that helper units define, each with its unit.
    defined: BTreeMap<String, String>,
    harmonized: Vec<Harmonized>,
}

impl<'a> Linking<'a> {
    fn begin(
        inputs: &Inputs<'a>,
        helpers: &[HelperModule<'a>],
        target: &Target,
    ) -> Result<Linking<'a>, Failure> {
        let first = &helpers[0];
        let linked = Module::new(inputs.context, &inputs.job.name);
        linked.set_triple(&target.triple);
        linked.set_data_layout(&target.layout);
        let mut harmonized = harmonize::apply_flags(&linked, &first.module, inputs.side)
            .map_err(|reason| link_failure(&first.input, reason))?;
        for helper in helpers {
            let added = harmonize::allow_inlining(&helper.module, helper.baseline()?);
            harmonized.extend(added);
        }
        Ok(Linking {
            linked,
            profile: inputs.profile(helpers)?,
            exported: BTreeSet::new(),
            defined: BTreeMap::new(),
            harmonized,
        })
    }

    fn add_crates(&mut self, inputs: &mut Inputs<'a>, target: &mut Target) -> Result<(), Failure> {
        for krate in &inputs.job.crates {
            let module = inputs.krate(&krate.bitcode, target)?;
            unescape(&module);
            let triple = harmonize::triple(&target.triple, &module.triple());
            self.harmonized
                .extend(triple.filter(|line| !self.harmonized.contains(line)));
            self.exported.extend(exports(&module));
            self.profile.apply(&module);
            if inputs.side == Side::Rust {
                target.pic |= harmonize::is_pic(&module);
            }
            inputs.link(&mut self.linked, module, &show(&krate.bitcode))?;
        }
        Ok(())
    }

    fn add_helpers(
        &mut self,
        inputs: &mut Inputs<'a>,
        helpers: Vec<HelperModule<'a>>,
    ) -> Result<(), Failure> {
        let shared = helpers.iter().flat_map(|h| needs(&h.module)).collect();
        for HelperModule { input, module, .. } in helpers {
            for name in link_only_needed(&module, &shared) {
                if name == BASELINE {
                    continue;
                }
                if let Some(other) = self.defined.insert(name.clone(), input.clone()) {
                    let reason =
                        format!("`{name}` is also defined in `{other}`; rename one of them");
                    return Err(link_failure(&input, reason));
                }
            }
            self.harmonized.extend(strays(&module));
            self.profile.share_features(&module);
            inputs.link(&mut self.linked, module, &input)?;
        }
        Ok(())
    }

    /// Makes local what nobody outside needs, drops what nobody needs at all,
    /// and marks the helpers' calls.
    fn internalize(
        &mut self,
        job: &Job,
        machine: &Machine<'_>,
    ) -> Result<(Sites, Vec<Import>), Failure> {
        if job.kernel {
            self.linked.used_to_compiler_used();
        }
        let internalized = internalize(&self.linked, &self.exported);
        self.harmonized.push(harmonize::linkage(internalized));
        self.linked
            .run_passes("globaldce", machine)
            .map_err(|reason| link_failure(&job.name, reason))?;
        let prefixes: Vec<String> = job.helpers.iter().map(|h| h.prefix.clone()).collect();
        let missing = count::undefined(&self.linked, &prefixes);
        if !missing.is_empty() {
            return Err(Failure::UndefinedHelpers { names: missing });
        }
        let names: BTreeSet<String> = self
            .defined
            .keys()
            .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .cloned()
            .collect();
        let imports = imports(&self.linked, &names);
        if job.inline {
            self.harmonized
                .extend(adapt(&self.linked, &names, &self.profile));
        }
        let policy = count::Policy {
            inline: job.inline,
            exempt: job.helpers.iter().flat_map(|h| h.exempt.clone()).collect(),
        };
        let sites = count::mark(&self.linked, &names, &self.profile, policy);
        Ok((sites, imports))
    }
}
