//! `cargo xtask boot`: boots a kernel in QEMU, has the guest do there with modules
//! what the machine is for, and judges the log. Which machines there are is chosen
//! in a file of its own, as each further step is.

mod choose;
pub(crate) mod guest_build;
pub(crate) mod judge;
mod probes;
mod several;

pub(crate) use helper_inline_build::cli::boot::{initramfs, qemu};

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use guest::{Instructions, Work};

use crate::command;
use crate::failure::Outcome;
use crate::front;
use crate::kernels::Arch;
use helper_inline_build::cli::boot::attempt;

use choose::Machine;
pub use choose::WorkName;
use initramfs::Content;

/// Rounds of a machine whose work is something else, and of one among many.
const ROUNDS: u32 = 100;
const FEW_ROUNDS: u32 = 24;
/// Rounds of the machine that is there for them.
const MANY_ROUNDS: u32 = 1000;
/// Rounds while memory is short, which brings the kernel to keep more.
const PRESSURE_ROUNDS: u32 = 40;
const CPUS: u32 = 2;
const LIMIT: u64 = 600;
/// Machines at once, of many.
const JOBS: u32 = 3;

/// `cargo xtask boot`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Boot every kernel with every module that `cargo xtask dist` made for it, and
    /// besides the everyday work do the others: many rounds of loading and unloading
    /// (on one kernel), loading while memory is short, and faults
    #[arg(long, conflicts_with_all = ["ko", "work"])]
    pub all: bool,
    /// What the machine is for
    #[arg(long, value_name = "WORK", value_enum)]
    pub work: Vec<WorkName>,
    /// The Rust target whose module is booted; both when not given
    #[arg(long, value_name = "TARGET")]
    pub target: Vec<String>,
    /// A kernel to boot: a tree made by `kernels fetch`, or a kernel build directory
    #[arg(long, value_name = "DIR")]
    pub kernel: Vec<PathBuf>,
    /// The module, instead of all that `cargo xtask dist` made
    #[arg(long, value_name = "FILE")]
    pub ko: Option<PathBuf>,
    /// How many times the modules are loaded and unloaded [default: 100, and 1000 on
    /// the machine that is there for it]
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,
    /// How many CPUs the machine has
    #[arg(long, value_name = "N", default_value_t = CPUS, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub smp: u32,
    /// How many machines run at once, with --all
    #[arg(long, value_name = "N", default_value_t = JOBS, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: u32,
    /// Seconds after which a machine is given up
    #[arg(long, value_name = "SECONDS", default_value_t = LIMIT)]
    pub limit: u64,
    /// Show the guest's console while it runs, and each command before it is run, as it
    /// can be pasted
    #[arg(long, short)]
    pub verbose: bool,
}

/// What the command line gives when nothing is asked for.
impl Default for Args {
    fn default() -> Self {
        Self {
            all: false,
            work: Vec::new(),
            target: Vec::new(),
            kernel: Vec::new(),
            ko: None,
            rounds: None,
            smp: CPUS,
            jobs: JOBS,
            limit: LIMIT,
            verbose: false,
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    if args.verbose {
        command::show_all();
    }
    boot(&front::root(), &args)
}

/// Boots everything that the arguments select. Of few machines the first that fails
/// ends it; all are tried to their end.
pub fn boot(root: &Path, args: &Args) -> Outcome {
    let machines = choose::machines(root, args)?;
    for machine in &machines {
        qemu::check(machine.kernel.arch)?;
    }
    let mut archs: Vec<Arch> = machines.iter().map(|machine| machine.kernel.arch).collect();
    archs.dedup();
    for arch in archs {
        guest_build::build(root, arch)?;
    }
    if args.all {
        return several::boot(root, &machines, args);
    }
    for machine in &machines {
        command::check_interrupt()?;
        one(root, machine, args)?;
    }
    Ok(())
}

/// How many rounds a machine goes through. `--rounds` is for the machine that is
/// there for them when others are booted too.
fn rounds(work: Work, args: &Args) -> u32 {
    let (asked, default) = match work {
        Work::Everyday if args.all => (None, FEW_ROUNDS),
        Work::Everyday => (args.rounds, ROUNDS),
        Work::Rounds => (args.rounds, MANY_ROUNDS),
        Work::Pressure if args.all => (None, PRESSURE_ROUNDS),
        Work::Pressure => (args.rounds, PRESSURE_ROUNDS),
        Work::Faults | Work::Probes => (None, 0),
    };
    asked.unwrap_or(default)
}

fn one(root: &Path, machine: &Machine, args: &Args) -> Outcome {
    let kernel = &machine.kernel;
    let guest_program = guest_build::build(root, kernel.arch)?;
    let instructions = Instructions {
        work: machine.work,
        modules: machine.modules.iter().map(|m| m.name.clone()).collect(),
        rounds: rounds(machine.work, args),
    };
    let directory = root
        .join("target/boot")
        .join(kernel.arch.module_target())
        .join(&kernel.release)
        .join(machine.work.name());
    fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    let initramfs = directory.join("initramfs.cpio");
    let mut files = vec![Content::text(guest::INSTRUCTIONS, instructions.to_text())];
    for module in &machine.modules {
        files.push(Content::copy(guest::module_file(&module.name), &module.ko)?);
    }
    if machine.work == Work::Probes {
        let ko = &machine.modules[0].ko;
        files.push(Content::text(guest::PROBES, probes::of(ko)?));
    }
    initramfs::write(&initramfs, &guest_program, &files)?;

    let run = qemu::Run {
        arch: kernel.arch,
        image: &kernel.image,
        initramfs: &initramfs,
        log: &directory.join("console.log"),
        cpus: args.smp,
        memory_mib: memory_mib(machine.work),
        count_instructions: false,
        parameters: parameters(machine.work),
        limit: Duration::from_secs(args.limit),
        verbose: args.verbose,
    };
    attempt(&machine.title(), &run, |log| {
        judge::judge(log, &instructions)
    })
}

/// Little memory is soon taken away.
fn memory_mib(work: Work) -> u32 {
    match work {
        Work::Pressure => qemu::MEMORY_MIB / 2,
        _ => qemu::MEMORY_MIB,
    }
}

/// A fault ends a process, and not the machine.
fn parameters(work: Work) -> &'static str {
    match work {
        Work::Faults => qemu::SURVIVING,
        _ => qemu::STRICT,
    }
}
