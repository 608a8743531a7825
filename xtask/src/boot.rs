//! `cargo xtask boot`: boots a kernel in QEMU, has the guest load, exercise and
//! unload a module there, and judges the log. Which module and which kernel are
//! chosen here; each further step has a file of its own.

mod choose;
pub(crate) mod guest_build;
pub(crate) mod initramfs;
pub(crate) mod judge;
pub(crate) mod qemu;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use guest::Instructions;

use crate::command;
use crate::failure::{Failure, Outcome};
use choose::Machine;
use initramfs::Content;
use judge::Verdict;

const ROUNDS: u32 = 100;
const CPUS: u32 = 2;
const LIMIT: u64 = 300;

/// `cargo xtask boot`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The Rust target whose module is booted; both when not given
    #[arg(long, value_name = "TARGET")]
    pub target: Vec<String>,
    /// A kernel to boot: a tree made by `kernels fetch`, or a kernel build directory
    #[arg(long, value_name = "DIR")]
    pub kernel: Vec<PathBuf>,
    /// The module, instead of all that `cargo xtask dist` made
    #[arg(long, value_name = "FILE")]
    pub ko: Option<PathBuf>,
    /// How many times the module is loaded and unloaded after it was exercised
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    pub rounds: u32,
    /// How many CPUs the machine has
    #[arg(long, value_name = "N", default_value_t = CPUS, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub smp: u32,
    /// Seconds after which a machine is given up
    #[arg(long, value_name = "SECONDS", default_value_t = LIMIT)]
    pub limit: u64,
    /// Show the guest's console while it runs
    #[arg(long, short)]
    pub verbose: bool,
}

/// What the command line gives when nothing is asked for.
impl Default for Args {
    fn default() -> Self {
        Self {
            target: Vec::new(),
            kernel: Vec::new(),
            ko: None,
            rounds: ROUNDS,
            smp: CPUS,
            limit: LIMIT,
            verbose: false,
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    boot(&command::workspace_root(), &args)
}

/// Boots everything that the arguments select. The first machine that fails ends it.
pub fn boot(root: &Path, args: &Args) -> Outcome {
    let machines = choose::machines(root, args)?;
    for machine in &machines {
        qemu::check(machine.kernel.arch)?;
    }
    for machine in &machines {
        one(root, machine, args)?;
    }
    Ok(())
}

fn one(root: &Path, machine: &Machine, args: &Args) -> Outcome {
    let kernel = &machine.kernel;
    let guest_program = guest_build::build(root, kernel.arch)?;
    let instructions = Instructions {
        module: machine.module.clone(),
        rounds: args.rounds,
    };
    let directory = root
        .join("target/boot")
        .join(kernel.arch.module_target())
        .join(&kernel.release)
        .join(&machine.module);
    fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    let initramfs = directory.join("initramfs.cpio");
    let files = [
        Content::copy(guest::MODULE, &machine.ko)?,
        Content::text(guest::INSTRUCTIONS, instructions.to_text()),
    ];
    initramfs::write(&initramfs, &guest_program, &files)?;

    let log = directory.join("console.log");
    let started = Instant::now();
    let end = qemu::run(&qemu::Run {
        arch: kernel.arch,
        image: &kernel.image,
        initramfs: &initramfs,
        log: &log,
        cpus: args.smp,
        memory_mib: qemu::MEMORY_MIB,
        count_instructions: false,
        parameters: qemu::STRICT,
        limit: Duration::from_secs(args.limit),
        verbose: args.verbose,
    })?;
    let text = read_log(&log)?;
    let mut verdict = judge::judge(&text, &instructions);
    if let Some(problem) = end.problem() {
        verdict.problems.push(problem);
    }
    report(machine, &verdict, &log, &text, started.elapsed())
}

/// A kernel that dies may leave anything on its console.
fn read_log(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn report(machine: &Machine, verdict: &Verdict, log: &Path, text: &str, took: Duration) -> Outcome {
    let title = format!(
        "{} on {} ({})",
        machine.module,
        machine.kernel.release,
        machine.kernel.arch.module_target()
    );
    if verdict.problems.is_empty() {
        println!("boot {title}: ok in {:.1} s", took.as_secs_f64());
        for line in &verdict.facts {
            println!("  {line}");
        }
        return Ok(());
    }
    eprintln!("---- console of {title} ----");
    eprintln!("{}", telling_part(text));
    eprintln!("---- end of the console ({}) ----", log.display());
    // A warning in each of a hundred rounds says nothing new after the first few.
    const SHOWN: usize = 20;
    let mut shown: Vec<String> = verdict.problems.iter().take(SHOWN).cloned().collect();
    if verdict.problems.len() > SHOWN {
        shown.push(format!("and {} more", verdict.problems.len() - SHOWN));
    }
    Err(Failure::step(anyhow::anyhow!(
        "boot {title}:\n  {}",
        shown.join("\n  ")
    )))
}

/// From where the guest takes over: what the kernel says before fills pages. A
/// machine that never got there is shown from its last lines.
fn telling_part(log: &str) -> &str {
    const LAST_BYTES: usize = 8000;
    let start = match log.find("Run /init as init process") {
        Some(at) => at,
        None => log.len().saturating_sub(LAST_BYTES),
    };
    let line = log.as_bytes()[..start]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1);
    log[line..].trim_end()
}
