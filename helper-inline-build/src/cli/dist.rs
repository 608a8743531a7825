//! `dist`: arguments and terminal of `crate::dist`.
//!
//! Which targets and kernels are meant when none are named is decided here; the
//! work is the library's.

use std::path::{Path, PathBuf};

use crate::dist::{self, Dist, Options, Policy, Progress, Step};
use crate::jobs::Distributor;
use crate::kernel::{KernelDir, SigningKey};
use crate::prove::{self, Tracer};

use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;
use crate::cli::kernels::{self, Arch};
use crate::cli::needs::{self, Purpose};
use crate::cli::progress::Steps;
use crate::cli::say;

/// `dist`
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The Rust target; x86_64-unknown-none and aarch64-unknown-none-softfloat
    /// when neither this nor --kernel is given
    #[arg(long, value_name = "TARGET")]
    pub target: Vec<String>,
    /// A kernel build directory, or a tree made by `kernels fetch`; those under
    /// target/kernels when not given
    #[arg(long, value_name = "DIR")]
    pub kernel: Vec<PathBuf>,
    /// The package that is the module; every module of the workspace when not given
    #[arg(long, short, value_name = "PACKAGE")]
    pub package: Option<String>,
    /// The Cargo.toml of the workspace to build; this workspace's when not given
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Cargo's profile
    #[arg(long, value_name = "PROFILE", default_value = "release")]
    pub profile: String,
    /// What a helper that stays out of line means: failure, a warning, or (off) nothing, because none is inlined
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    pub inline: Inline,
    /// How crates and helpers become one module: optimized as a whole, or (thin) as units
    /// that import from each other, compiled in parallel and only when they change
    #[arg(long, value_name = "LTO", value_enum, default_value_t)]
    pub lto: Lto,
    /// With --lto thin: a program that runs the back ends elsewhere, as lld starts them
    /// (--thinlto-distributor)
    #[arg(long, value_name = "PROGRAM")]
    pub distributor: Option<PathBuf>,
    /// An argument for it; may be given again
    #[arg(
        long,
        value_name = "ARG",
        requires = "distributor",
        allow_hyphen_values = true
    )]
    pub distributor_arg: Vec<String>,
    /// With --lto thin: write the graph of its jobs here, for ninja
    #[arg(long, value_name = "FILE")]
    pub emit_ninja: Option<PathBuf>,
    /// Keep debug sections, which name inlined helpers and their source lines too
    #[arg(long)]
    pub debug: bool,
    /// Link the same once more out of line, and have the report set both beside each
    /// other: sizes, and the assembly of calls in report.html
    #[arg(long)]
    pub compare: bool,
    /// Print probes for the inlined calls, ready to be placed, and nothing else but
    /// comments of them
    #[arg(
        long,
        value_name = "TRACER",
        value_enum,
        num_args = 0..=1,
        default_missing_value = "all",
        requires = "debug"
    )]
    pub probes: Option<Probes>,
    /// Make objects for the kernel's own image, to be named in an obj-y of its tree,
    /// instead of modules
    #[arg(long, conflicts_with = "sign_key")]
    pub built_in: bool,
    /// Save the helpers' declarations in the files that build scripts name
    /// for `cargo check` without a kernel (Helpers::bindings_without_kernel)
    #[arg(long)]
    pub save_bindings: bool,
    /// Sign the modules with this key: a PEM file or a pkcs11: URI, whose
    /// passphrase, if any, is in KBUILD_SIGN_PIN
    #[arg(long, value_name = "KEY", requires = "sign_cert")]
    pub sign_key: Option<PathBuf>,
    /// The key's X.509 certificate
    #[arg(long, value_name = "FILE", requires = "sign_key")]
    pub sign_cert: Option<PathBuf>,
    /// Where outputs go, instead of target/dist
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Install what is missing with apt-get and rustup, after printing it
    #[arg(long)]
    pub bootstrap: bool,
    /// Say nothing but what is wrong
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show each command before it is run, as it can be pasted
    #[arg(long, short)]
    pub verbose: bool,
    /// Print the reports as JSON, and nothing else on standard output
    #[arg(long)]
    pub json: bool,
}

/// `--inline`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Inline {
    /// A helper that stays out of line is a failure
    #[default]
    Require,
    /// It is a warning
    Prefer,
    /// Nothing is inlined: the out-of-line twin, for comparison
    Off,
}

/// `--lto`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Lto {
    /// One unit, optimized as a whole
    #[default]
    One,
    /// Distributed ThinLTO
    Thin,
}

/// `--probes`
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Probes {
    /// For each of these
    All,
    /// Lines for kprobe_events or uprobe_events of tracefs
    Ftrace,
    /// Commands of perf
    Perf,
    /// Commands of bpftrace
    Bpftrace,
}

impl Probes {
    fn tracers(self) -> &'static [Tracer] {
        match self {
            Probes::All => &Tracer::ALL,
            Probes::Ftrace => &[Tracer::Ftrace],
            Probes::Perf => &[Tracer::Perf],
            Probes::Bpftrace => &[Tracer::Bpftrace],
        }
    }
}

impl From<Inline> for Policy {
    fn from(inline: Inline) -> Policy {
        match inline {
            Inline::Require => Policy::Require,
            Inline::Prefer => Policy::Prefer,
            Inline::Off => Policy::Off,
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let made = make(&args)?;
    let mut outlined = Vec::new();
    if args.json {
        println!("{}", as_json(&made));
    }
    for module in &made {
        show(module, &args);
        for tracer in args.probes.iter().flat_map(|probes| probes.tracers()) {
            // A uprobe is told the whole path.
            let file = std::path::absolute(&module.module).map_err(Failure::step)?;
            print!("{}", prove::probes(&module.report, &file, *tracer));
        }
        if module.policy_failed {
            outlined.extend(module.report.outlined().map(|h| h.label()));
        }
    }
    if outlined.is_empty() {
        return Ok(());
    }
    outlined.sort();
    outlined.dedup();
    Err(Failure::policy(anyhow::anyhow!(
        "helpers stayed out of line: {}; the causes are above and in the report. \
         Mend them, or accept them with --inline prefer",
        outlined.join(", ")
    )))
}

/// Makes the modules that the arguments ask for.
pub fn make(args: &Args) -> Outcome<Vec<Dist>> {
    command::catch_interrupts();
    let root = front::root();
    let workspace = match &args.manifest_path {
        Some(manifest) => workspace_of(manifest)?,
        None => root.clone(),
    };
    if args.bootstrap {
        crate::cli::bootstrap::install(Purpose::Dist)?;
    }
    let (targets, kernels) = choose(&root, args)?;
    let options = Options {
        workspace,
        targets,
        kernels,
        package: args.package.clone(),
        profile: args.profile.clone(),
        inline: args.inline.into(),
        lto: lto(args)?,
        debug: args.debug,
        compare: args.compare,
        built_in: args.built_in,
        save_bindings: args.save_bindings,
        sign: signing_key(args),
        out: args.out.clone(),
        quiet: args.quiet,
    };
    if args.verbose {
        command::show_all();
    }
    let terminal = Terminal(Steps::new(args.quiet));
    let made = dist::dist(&options, &terminal);
    terminal.0.clear();
    made.map_err(failure)
}

fn lto(args: &Args) -> Outcome<dist::Lto> {
    let of_thin = args.distributor.is_some() || args.emit_ninja.is_some();
    match args.lto {
        Lto::One if of_thin => Err(Failure::usage(format_args!(
            "--distributor and --emit-ninja are about the jobs of --lto thin: give that too"
        ))),
        Lto::One => Ok(dist::Lto::One),
        Lto::Thin => Ok(dist::Lto::Thin(dist::Thin {
            distributor: args.distributor.clone().map(|program| Distributor {
                program,
                args: args.distributor_arg.clone(),
            }),
            ninja: args.emit_ninja.clone(),
        })),
    }
}

/// clap sees to it that there are both or none.
fn signing_key(args: &Args) -> Option<SigningKey> {
    let (key, certificate) = (args.sign_key.clone()?, args.sign_cert.clone()?);
    Some(SigningKey { key, certificate })
}

/// The directory of a `--manifest-path`, which means what it means to cargo.
fn workspace_of(manifest: &Path) -> Outcome<PathBuf> {
    let refused = |why: &str| {
        let path = manifest.display();
        Failure::usage(format_args!(
            "--manifest-path {path}: {why}; give the path of a workspace's Cargo.toml"
        ))
    };
    if manifest.file_name().is_none_or(|name| name != "Cargo.toml") {
        return Err(refused("it does not name a Cargo.toml"));
    }
    let manifest = manifest
        .canonicalize()
        .map_err(|error| refused(&error.to_string()))?;
    Ok(manifest.parent().unwrap_or(&manifest).to_owned())
}

/// The targets and kernel build directories that are meant, when all is there
/// that building for them needs.
fn choose(root: &Path, args: &Args) -> Outcome<(Vec<String>, Vec<PathBuf>)> {
    let named: Vec<PathBuf> = match std::env::var_os("HELPER_INLINE_KERNEL") {
        Some(dir) if args.kernel.is_empty() => vec![dir.into()],
        _ => args.kernel.clone(),
    };
    if !named.is_empty() {
        let mut dirs = Vec::new();
        let mut fitting: Vec<String> = Vec::new();
        for dir in &named {
            let dir = kernels::build_dir(dir);
            let kernel = KernelDir::open(&dir).map_err(failure)?;
            for arch in Arch::ALL {
                let target = arch.module_target().to_owned();
                if kernel.fits_target(&target) && !fitting.contains(&target) {
                    fitting.push(target);
                }
            }
            for target in &args.target {
                if !args.target.iter().any(|t| kernel.fits_target(t)) {
                    kernel.check_target(target).map_err(failure)?;
                }
            }
            dirs.push(dir);
        }
        let targets = if args.target.is_empty() {
            fitting
        } else {
            args.target.clone()
        };
        needs::require_for(root, Purpose::Dist, &targets)?;
        return Ok((targets, dirs));
    }

    let targets = if args.target.is_empty() {
        Arch::ALL.map(|a| a.module_target().to_owned()).to_vec()
    } else {
        args.target.clone()
    };
    // Before a kernel is fetched in vain.
    needs::require_for(root, Purpose::Dist, &targets)?;
    let directory = kernels::directory(root);
    let mut dirs = Vec::new();
    for target in &targets {
        // A target that is no kernel module's is built without a kernel.
        let Some(arch) = Arch::of_target(target) else {
            continue;
        };
        let mut found = kernels::installed(&directory);
        found.retain(|kernel| kernel.arch == arch);
        if found.is_empty() {
            found = kernels::fetch(&directory, kernels::DEFAULT_RELEASE, &[arch])?;
        }
        dirs.extend(found.into_iter().map(|kernel| kernel.build_dir));
    }
    Ok((targets, dirs))
}

/// One object for each module, with its report.
fn as_json(made: &[Dist]) -> String {
    let module = |module: &Dist| {
        serde_json::json!({
            "module": (!module.policy_failed).then_some(&module.module),
            "report_path": module.report_path,
            "page_path": module.page_path,
            "unchanged": module.unchanged,
            "warnings": module.warnings,
            "notes": module.notes,
            "report": module.report,
        })
    };
    let all: Vec<serde_json::Value> = made.iter().map(module).collect();
    serde_json::to_string_pretty(&all).expect("a report is plain data")
}

/// Tells a person of a module. Where standard output is for a machine or a tracer, it goes
/// to the other.
fn show(module: &Dist, args: &Args) {
    let path = module.module.display();
    let is_silent = args.quiet || args.json;
    let say = |text: &str| match args.json || args.probes.is_some() {
        true => eprintln!("{text}"),
        false => println!("{text}"),
    };
    if module.unchanged {
        let summary = &module.report.summary;
        if !is_silent {
            say(&format!(
                "{path} is up to date: nothing changed, nothing done ({} call sites, {} inlined, {} outlined)",
                summary.call_sites, summary.inlined, summary.outlined
            ));
        }
        return;
    }
    if !is_silent || module.policy_failed {
        say(&prove::render(&module.report));
    }
    for warning in &module.warnings {
        say::warning(format_args!("Kbuild: {warning}"));
    }
    for note in module.notes.iter().filter(|_| !args.quiet) {
        say::note(note);
    }
    if args.inline == Inline::Prefer {
        for helper in module.report.outlined() {
            say::warning(format_args!("{} stayed out of line", helper.label()));
        }
    }
    if is_silent {
        return;
    }
    if !module.policy_failed {
        say(&path.to_string());
    }
    say(&module.report_path.display().to_string());
    say(&format!("{}\n", module.page_path.display()));
}

/// The library's error with its exit code.
fn failure(error: crate::Error) -> Failure {
    match error.exit_code() {
        2 => Failure::need_of(error),
        _ => Failure::step(error),
    }
}

/// What `dist` tells, for a person.
struct Terminal(Steps);

impl Progress for Terminal {
    fn step(&self, step: &Step<'_>) {
        self.0.begin(&step.to_string(), step.name == "cargo build");
    }

    fn jobs(&self, done: usize, of: usize) {
        self.0.at(done, of);
    }

    fn interrupted(&self) -> bool {
        command::check_interrupt().is_err()
    }
}
