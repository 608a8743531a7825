//! The child's work on one module: read, harmonize, link, internalize, optimize
//! and lower, in this order.
//!
//! Not here: the process around it (`child`), or what each step does.

use super::adapt::adapt;
use super::count;
use super::harmonize::{self, Profile, Side, Unit};
use super::identify::identify;
use super::internalize::{exports, internalize, link_only_needed};
use super::job::{Failure, Job, Outcome};
use super::llvm::{Context, Function, Llvm, Machine, Module, Severity};
use super::names::unescape;
use super::rlib::bitcode_members;
use super::strays::strays;
use crate::manifest::BASELINE;
use crate::{Error, files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

/// Passes after linking; what clang runs at -O2.
const OPTIMIZE: &str = "default<O2>,globaldce";

/// Does a job. `stage` is told what begins, for the case that LLVM ends the
/// process.
pub(super) fn run(job: &Job, stage: &mut dyn FnMut(String)) -> Result<Outcome, Failure> {
    let mut clock = Clock::new();
    stage(format!("loading `{}`", job.llvm.display()));
    let llvm = Llvm::load(&job.llvm).map_err(|e| match e {
        Error::LlvmUnusable { detail } => Failure::LlvmUnusable { detail },
        other => Failure::LlvmUnusable {
            detail: other.to_string(),
        },
    })?;
    // A trap after what cannot be reached keeps objtool from seeing a function
    // run into the next one.
    llvm.set_options(&["-inline-remark-attribute", "-trap-unreachable"]);
    let context = Context::new(&llvm);
    let mut engine = Engine {
        job,
        llvm: &llvm,
        context: &context,
        stage,
        side: if job.kernel { Side::Kernel } else { Side::Rust },
    };

    let helpers = engine.read_helpers()?;
    let (first_input, first) = &helpers[0];
    let first_input = &first_input.clone();
    let triple = first.triple();
    let layout = first.data_layout();
    let code_model = harmonize::code_model(first);
    let mut pic = harmonize::is_pic(first);
    for (input, module) in &helpers {
        check_layout(input, module, first_input, &layout)?;
        if let Some(difference) = harmonize::flags_differ(first, module, engine.side) {
            let reason = format!(
                "it is compiled with other flags than `{first_input}` ({difference}); \
                 give both the same"
            );
            return Err(link_failure(input, reason));
        }
    }

    let mut linked = Module::new(&context, &job.name);
    linked.set_triple(&triple);
    linked.set_data_layout(&layout);
    let mut harmonized = harmonize::apply_flags(&linked, first, engine.side)
        .map_err(|reason| link_failure(first_input, reason))?;
    for (input, module) in &helpers {
        harmonized.extend(harmonize::allow_inlining(module, baseline(input, module)?));
    }
    let mut profile = engine.profile(&helpers)?;
    clock.lap("read");

    let mut exported = BTreeSet::new();
    for input in &job.crates {
        let module = engine.read(&input.bitcode)?;
        check_layout(&show(&input.bitcode), &module, first_input, &layout)?;
        unescape(&module);
        exported.extend(exports(&module));
        profile.apply(&module);
        if engine.side == Side::Rust {
            pic |= harmonize::is_pic(&module);
        }
        engine.link(&mut linked, module, &show(&input.bitcode))?;
    }
    let mut defined = BTreeMap::new();
    for (input, module) in helpers {
        for name in link_only_needed(&module) {
            if name == BASELINE {
                continue;
            }
            if let Some(other) = defined.insert(name.clone(), input.clone()) {
                let reason = format!("`{name}` is also defined in `{other}`; rename one of them");
                return Err(link_failure(&input, reason));
            }
        }
        harmonized.extend(strays(&module));
        engine.link(&mut linked, module, &input)?;
    }
    for library in &job.libraries {
        engine.link_library(&mut linked, library, &mut profile, &layout, first_input)?;
    }
    harmonized.extend(profile.harmonized());
    linked
        .verify()
        .map_err(|reason| link_failure(&job.name, reason))?;
    clock.lap("link");

    (engine.stage)(format!("internalizing `{}`", job.name));
    let machine = Machine::new(&llvm, &triple, pic, code_model)
        .map_err(|reason| link_failure(&job.name, reason))?;
    if job.kernel {
        linked.used_to_compiler_used();
    }
    internalize(&linked, &exported);
    engine.passes(&mut linked, "globaldce", &machine)?;
    let prefixes: Vec<String> = job.helpers.iter().map(|h| h.prefix.clone()).collect();
    let missing = count::undefined(&linked, &prefixes);
    if !missing.is_empty() {
        return Err(Failure::UndefinedHelpers { names: missing });
    }
    let names: BTreeSet<String> = defined
        .into_keys()
        .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    if job.inline {
        harmonized.extend(adapt(&linked, &names, &profile));
    }
    let policy = count::Policy {
        inline: job.inline,
        exempt: job.helpers.iter().flat_map(|h| h.exempt.clone()).collect(),
    };
    let sites = count::mark(&linked, &names, &profile, policy);
    clock.lap("internalize");

    (engine.stage)(format!("optimizing `{}`", job.name));
    engine.passes(&mut linked, OPTIMIZE, &machine)?;
    clock.lap("optimize");

    (engine.stage)(format!("lowering `{}`", job.name));
    let outcomes = sites.outcomes(&linked);
    linked.strip_debug_info();
    let object = linked
        .lower(&machine)
        .map_err(|reason| link_failure(&job.name, reason))?;
    files::write(&job.object, &object).map_err(|e| match e {
        Error::Io { path, error, .. } => Failure::Write {
            path,
            reason: error.to_string(),
        },
        other => link_failure(&job.name, other.to_string()),
    })?;
    clock.lap("lower");

    Ok(Outcome {
        llvm: llvm.version().to_string(),
        helpers: outcomes,
        harmonized,
        exports: exported.into_iter().collect(),
        timings_ms: clock.laps,
    })
}

struct Engine<'a> {
    job: &'a Job,
    llvm: &'a Llvm,
    context: &'a Context<'a>,
    stage: &'a mut dyn FnMut(String),
    side: Side,
}

impl<'a> Engine<'a> {
    fn read_helpers(&mut self) -> Result<Vec<(String, Module<'a>)>, Failure> {
        let mut modules = Vec::new();
        for helper in &self.job.helpers {
            modules.push((show(&helper.bitcode), self.read(&helper.bitcode)?));
        }
        if modules.is_empty() {
            let reason = "no crate of it has helpers".to_owned();
            return Err(link_failure(&self.job.name, reason));
        }
        Ok(modules)
    }

    fn profile(&self, helpers: &[(String, Module<'a>)]) -> Result<Profile, Failure> {
        let mut units = Vec::new();
        for ((input, module), job) in helpers.iter().zip(&self.job.helpers) {
            let is_helper = |f: &Function<'_>| {
                !f.global().is_declaration() && f.name().starts_with(&job.prefix)
            };
            units.push(Unit {
                input,
                baseline: baseline(input, module)?,
                helpers: module.functions().into_iter().filter(is_helper).collect(),
            });
        }
        Profile::of(&units, self.side).map_err(|reason| link_failure(&helpers[0].0, reason))
    }

    /// Reads a bitcode file, its producer first.
    fn read(&mut self, path: &Path) -> Result<Module<'a>, Failure> {
        (self.stage)(format!("reading `{}`", path.display()));
        let bytes = files::read(path).map_err(|e| link_failure(&show(path), e.to_string()))?;
        self.parse(&bytes, path, &show(path))
    }

    fn parse(&self, bytes: &[u8], path: &Path, name: &str) -> Result<Module<'a>, Failure> {
        let malformed = |detail: String| Failure::Malformed {
            path: path.to_owned(),
            detail,
        };
        let producer = identify(bytes).map_err(malformed)?;
        let reader = self.llvm.version();
        if producer.version.major > reader.major {
            return Err(Failure::ProducerTooNew {
                path: path.to_owned(),
                producer: producer.name,
                reader: reader.to_string(),
            });
        }
        Module::read(self.context, bytes, name).map_err(malformed)
    }

    fn link(
        &mut self,
        into: &mut Module<'a>,
        module: Module<'a>,
        input: &str,
    ) -> Result<(), Failure> {
        (self.stage)(format!("linking `{input}`"));
        into.link(module)
            .map_err(|reason| link_failure(input, reason))?;
        // Nothing that LLVM warns of is hidden; a triple's spelling is no
        // difference (`-none` and `-linux-gnu` lay data out alike, as checked).
        for (severity, text) in self.context.take_diagnostics() {
            if severity == Severity::Warning && !text.contains("different target triples") {
                return Err(link_failure(input, text));
            }
        }
        Ok(())
    }

    fn link_library(
        &mut self,
        linked: &mut Module<'a>,
        library: &Path,
        profile: &mut Profile,
        layout: &str,
        first: &str,
    ) -> Result<(), Failure> {
        (self.stage)(format!("reading `{}`", library.display()));
        let members =
            bitcode_members(library).map_err(|e| link_failure(&show(library), e.to_string()))?;
        for member in members {
            let name = format!("{}({})", library.display(), member.name);
            let module = self.parse(&member.bitcode, library, &name)?;
            check_layout(&name, &module, first, layout)?;
            profile.apply(&module);
            link_only_needed(&module);
            self.link(linked, module, &name)?;
        }
        Ok(())
    }

    fn passes(
        &mut self,
        module: &mut Module<'a>,
        passes: &str,
        machine: &Machine<'_>,
    ) -> Result<(), Failure> {
        module
            .run_passes(passes, machine)
            .map_err(|reason| link_failure(&self.job.name, reason))?;
        self.context.take_diagnostics();
        Ok(())
    }
}

/// The function that shows what the C build gives every function.
fn baseline<'m>(input: &str, module: &'m Module<'_>) -> Result<Function<'m>, Failure> {
    module.function(BASELINE).ok_or_else(|| {
        let reason = format!(
            "it has no `{BASELINE}`: it was not compiled by this version of helper-inline-build"
        );
        link_failure(input, reason)
    })
}

fn check_layout(
    input: &str,
    module: &Module<'_>,
    first: &str,
    layout: &str,
) -> Result<(), Failure> {
    let own = module.data_layout();
    if own == layout {
        return Ok(());
    }
    Err(link_failure(
        input,
        format!(
            "its data layout is `{own}`, that of `{first}` is `{layout}`: \
             compile both for one target and ABI"
        ),
    ))
}

fn link_failure(input: &str, reason: String) -> Failure {
    Failure::Link {
        input: input.to_owned(),
        reason,
    }
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

/// Times of steps.
struct Clock {
    since: Instant,
    laps: BTreeMap<String, u64>,
}

impl Clock {
    fn new() -> Clock {
        Clock {
            since: Instant::now(),
            laps: BTreeMap::new(),
        }
    }

    fn lap(&mut self, step: &str) {
        let now = Instant::now();
        let elapsed = now.duration_since(self.since).as_millis();
        self.laps
            .insert(step.to_owned(), u64::try_from(elapsed).unwrap_or(u64::MAX));
        self.since = now;
    }
}
