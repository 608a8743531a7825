//! `boot`: loads and unloads a module in a virtual machine, and judges what its kernel
//! says.
//!
//! Not here: using the module, which only its author's tests can.

mod attempt;
mod emulator;
pub mod guest;
pub mod initramfs;
pub mod module;
pub mod qemu;
pub mod signs;

pub use attempt::{Verdict, attempt};

use super::command;
use super::failure::Outcome;
use super::front;
use super::progress::Steps;
use anyhow::Context as _;
use initramfs::Content;
use module::Machine;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What every line of the guest's own begins with.
pub const MARK: &str = "HIB-GUEST:";

/// What the guest reports of a good run.
const STEPS: [&str; 5] = ["boot", "load", "unload", "rounds", "taint"];

/// `boot`
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The Rust target whose modules are booted; all when not given
    #[arg(long, value_name = "TARGET")]
    pub target: Vec<String>,
    /// A kernel to boot: a tree made by `kernels fetch`, or a kernel build directory;
    /// those under target/kernels when not given
    #[arg(long, value_name = "DIR")]
    pub kernel: Vec<PathBuf>,
    /// The module, instead of all that dist made
    #[arg(long, value_name = "FILE")]
    pub ko: Option<PathBuf>,
    /// Parameters to load it with, as insmod has them
    #[arg(long, value_name = "PARAMETERS", default_value = "")]
    pub params: String,
    /// How many more times it is loaded and unloaded
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rounds: u32,
    /// How many CPUs the machine has
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub smp: u32,
    /// Seconds after which a machine is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub limit: u64,
    /// Show the guest's console while it runs, and each command before it is run, as it
    /// can be pasted
    #[arg(long, short)]
    pub verbose: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    command::catch_interrupts();
    if args.verbose {
        command::show_all();
    }
    let target_dir = front::target_dir();
    for machine in module::machines(&front::root(), &target_dir, args)? {
        command::check_interrupt()?;
        qemu::check(machine.kernel.arch)?;
        boot(&target_dir, &machine, args)?;
    }
    Ok(())
}

fn boot(target_dir: &Path, machine: &Machine, args: &Args) -> Outcome {
    let (kernel, name) = (&machine.kernel, &machine.name);
    let home = target_dir.join("boot");
    let directory = home
        .join(kernel.arch.module_target())
        .join(&kernel.release)
        .join(name);
    fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    let program = guest::compile(&home.join("init"), kernel.arch)?;
    let initramfs = directory.join("initramfs.cpio");
    let instructions = format!("{name} {} {}", args.rounds, args.params);
    let files = [
        Content::text("/instructions", instructions),
        Content::copy(format!("/{name}.ko"), &machine.ko)?,
    ];
    initramfs::write(&initramfs, &program, &files)?;
    let run = qemu::Run {
        arch: kernel.arch,
        image: &kernel.image,
        initramfs: &initramfs,
        log: &directory.join("console.log"),
        cpus: args.smp,
        memory_mib: qemu::MEMORY_MIB,
        count_instructions: false,
        parameters: qemu::STRICT,
        limit: Duration::from_secs(args.limit),
        verbose: args.verbose,
    };
    let steps = Steps::new(args.verbose);
    steps.begin(&format!("{}: boot ({name})", kernel.release), false);
    attempt(&format!("{name} on {}", kernel.release), &run, |log| {
        steps.clear();
        let rounds = format!("loaded and unloaded, {} times more", args.rounds);
        let said = said_by(log, name).into_iter().map(str::to_owned);
        Verdict {
            problems: problems(log),
            facts: std::iter::once(rounds).chain(said).collect(),
        }
    })
}

/// What is wrong with the log of a run; nothing when it is good.
fn problems(log: &str) -> Vec<String> {
    let mut problems = signs::problems(log.lines());
    let said: Vec<&str> = log
        .lines()
        .filter_map(|line| Some(line[line.find(MARK)? + MARK.len()..].trim()))
        .collect();
    let failures = said.iter().filter_map(|line| line.strip_prefix("FAIL "));
    problems.extend(failures.map(|text| format!("the guest says: {text}")));
    for step in STEPS {
        let ok = format!("ok {step}:");
        if !said.iter().any(|line| line.starts_with(&ok)) {
            problems.push(format!("the guest did not report `ok {step}`"));
        }
    }
    if !said.contains(&"DONE") {
        problems.push("the guest did not get to its end (no DONE line)".into());
    }
    problems
}

/// What the module itself printed the first time.
fn said_by<'l>(log: &'l str, name: &str) -> Vec<&'l str> {
    const SHOWN: usize = 6;
    let start = format!("{name}: ");
    let lines = log.lines().filter_map(|line| line.split_once("] "));
    let own = lines
        .map(|(_, text)| text.trim())
        .filter(|text| text.starts_with(&start));
    let mut seen: Vec<&str> = Vec::new();
    for line in own {
        if !seen.contains(&line) && seen.len() < SHOWN {
            seen.push(line);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[    2.69] Run /init as init process\r
[    2.76] HIB-GUEST: ok boot: 6.1.0-56-amd64\r
[    2.76] disk: loading out-of-tree module taints kernel.\r
[    2.77] disk: loaded\r
[    2.79] HIB-GUEST: ok load: disk\r
[    2.82] HIB-GUEST: ok unload: disk\r
[    5.95] HIB-GUEST: ok rounds: 20 loads and unloads\r
[    6.30] HIB-GUEST: ok taint: none of a fault\r
[    6.31] HIB-GUEST: DONE\r
";

    #[test]
    fn a_good_run_has_no_problem_and_each_line_of_it_counts() {
        assert_eq!(problems(GOOD), [""; 0]);
        for line in GOOD.lines().filter(|line| line.contains(MARK)) {
            assert_eq!(problems(&GOOD.replace(line, "")).len(), 1, "{line}");
        }
    }

    #[test]
    fn what_a_kernel_says_when_something_is_wrong_is_a_problem() {
        let oops = GOOD.replace("disk: loaded", "Oops: 0002 [#1] PREEMPT SMP");
        assert_eq!(
            problems(&oops),
            ["oops: [    2.77] Oops: 0002 [#1] PREEMPT SMP"]
        );
        let failed = GOOD.replace("ok unload: disk", "FAIL unloading disk: busy");
        assert_eq!(
            problems(&failed),
            [
                "the guest says: unloading disk: busy",
                "the guest did not report `ok unload`"
            ]
        );
    }

    #[test]
    fn what_the_module_said_is_shown_once() {
        let twice = format!("{GOOD}{GOOD}");
        assert_eq!(
            said_by(&twice, "disk"),
            [
                "disk: loading out-of-tree module taints kernel.",
                "disk: loaded"
            ]
        );
    }
}
