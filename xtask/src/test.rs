//! `cargo xtask test`: every test of the project, suite by suite, with a closing
//! line for each.
//!
//! What is tested stands in the suites themselves; here is only their order.

mod disassembly;
mod mitigations;
mod targets;

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::dist::Dist;
use helper_inline_build::kernel::KernelDir;
use helper_inline_build::link::child;
use helper_inline_build::{Clang, Rustc, prove};
use object::{Object as _, ObjectSection as _};

use crate::boot;
use crate::bootstrap;
use crate::command;
use crate::dist;
use crate::failure::{Failure, Outcome};
use crate::kernels;
use crate::needs::{self, Purpose};
use crate::versions;

/// `cargo xtask test`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Install what is missing with apt-get and rustup, after printing it
    #[arg(long)]
    bootstrap: bool,
}

/// A suite's name and how it is run.
type Suite = (&'static str, fn() -> Outcome);

/// In this order: what is quick to fail comes first, and boots use what dist
/// made.
const SUITES: &[Suite] = &[
    ("dist", dist_both),
    ("unit and end-to-end tests", cargo_test),
    ("unchanged dist", dist_again),
    ("versions", every_pair),
    ("boot", boot_both),
    ("generated programs", generated_programs),
    ("planted faults", planted_faults),
    ("damaged inputs", damaged_inputs),
];

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    command::catch_interrupts();
    if args.bootstrap {
        bootstrap::install(Purpose::Test)?;
    }
    needs::require(&command::workspace_root(), Purpose::Test)?;
    let mut failed = Vec::new();
    let mut lines = Vec::new();
    for (name, suite) in SUITES {
        println!("== suite: {name}");
        let started = Instant::now();
        let outcome = suite();
        let seconds = started.elapsed().as_secs_f64();
        let word = match &outcome {
            Ok(()) => "ok",
            Err(failure) => {
                eprintln!("error: {failure:#}");
                failed.push(*name);
                "FAILED"
            }
        };
        lines.push(format!("suite {name}: {word} ({seconds:.1} s)"));
        println!("{}", lines[lines.len() - 1]);
        command::check_interrupt()?;
    }
    println!("\n{}", lines.join("\n"));
    println!(
        "{} passed, {} failed",
        SUITES.len() - failed.len(),
        failed.len()
    );
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::step(anyhow::anyhow!(
        "failed suites: {}",
        failed.join(", ")
    )))
}

/// Builds the sample for both architectures and reads the packaged files
/// themselves: every used helper is inlined, none has left a symbol, and neither
/// objtool nor modpost warned.
fn dist_both() -> Outcome {
    let made = dist::make(&sample())?;
    for module in &made {
        check_module(module).with_context(|| format!("checking {}", module.module.display()))?;
        let summary = &module.report.summary;
        println!(
            "{}: {} helpers used, {} call sites inlined, 0 left",
            module.module.display(),
            summary.used,
            summary.inlined
        );
        let held = check_mitigations(module)?;
        println!("  held in every function: {}", held.join("; "));
    }
    Ok(())
}

fn check_module(module: &Dist) -> Result<()> {
    /// The sample is there to use many helpers.
    const AT_LEAST: u64 = 45;
    let summary = &module.report.summary;
    let outlined: Vec<&str> = module.report.outlined().map(|h| h.name.as_str()).collect();
    ensure!(outlined.is_empty(), "helpers stayed: {outlined:?}");
    ensure!(
        summary.used >= AT_LEAST && summary.inlined == summary.call_sites,
        "the report's totals are {summary:?}"
    );
    ensure!(
        module.warnings.is_empty(),
        "Kbuild warned: {:?}",
        module.warnings
    );
    let prefix = "rust_helper_".to_owned();
    let facts = prove::read_object(&module.module, std::slice::from_ref(&prefix))?;
    ensure!(
        facts.helpers.is_empty() && facts.helper_calls.is_empty(),
        "the file has symbols {:?} and calls {:?}",
        facts.helpers,
        facts.helper_calls
    );
    let needed: Vec<&String> = facts
        .undefined
        .iter()
        .filter(|name| name.starts_with(&prefix))
        .collect();
    ensure!(needed.is_empty(), "the file needs {needed:?}");
    let data = std::fs::read(&module.module)?;
    let file = object::File::parse(data.as_slice())?;
    let sections = file.sections().filter_map(|section| section.name().ok());
    let debug: Vec<&str> = sections.filter(|s| s.contains("debug")).collect();
    ensure!(debug.is_empty(), "the file has {debug:?}");
    Ok(())
}

/// Reads from the packaged file that what the kernel hardens is hard there too;
/// returns what that is.
fn check_mitigations(module: &Dist) -> Result<Vec<&'static str>> {
    let built_for = module.report.kernel.as_ref();
    let release = &built_for.context("the sample is a kernel module")?.release;
    let unpacked = kernels::directory(&command::workspace_root());
    let kernel = kernels::installed(&unpacked)
        .into_iter()
        .find(|kernel| kernel.release == *release)
        .with_context(|| format!("{release} is not in {}", unpacked.display()))?;
    let config = KernelDir::open(&kernel.build_dir)?;
    let objdump = Clang::find(Rustc::from_env()?.llvm)?.tool("llvm-objdump");
    let functions = disassembly::read(&objdump, &module.module)?;
    mitigations::check(&config, kernel.arch, &functions)
        .with_context(|| format!("checking {}", module.module.display()))
}

fn sample() -> dist::Args {
    dist::Args {
        profile: "release".into(),
        ..dist::Args::default()
    }
}

/// The host crates' tests; those of `xtask` run `dist` on real kernels.
fn cargo_test() -> Outcome {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut test = Command::new(cargo);
    test.current_dir(command::workspace_root())
        .args(["test", "--workspace", "--exclude", "sample-kmod"])
        .args(["--features", "helper-inline-build/dist"])
        // A cargo of a test's own must not inherit what this one was told.
        .env_remove("HELPER_INLINE_KERNEL");
    Ok(command::run(&mut test)?)
}

/// A second dist of the same sources does nothing.
fn dist_again() -> Outcome {
    let made = dist::make(&sample())?;
    match made.iter().find(|module| !module.unchanged) {
        None => Ok(()),
        Some(module) => Err(Failure::step(anyhow::anyhow!(
            "{} was made again though nothing changed",
            module.module.display()
        ))),
    }
}

/// Links every rustc with every clang.
fn every_pair() -> Outcome {
    versions::check(&command::workspace_root())
}

/// Loads, exercises and unloads the sample on both architectures.
fn boot_both() -> Outcome {
    boot::boot(&command::workspace_root(), &boot::Args::default())
}

/// Random programs, inlined and out of line, for both architectures.
fn generated_programs() -> Outcome {
    fuzz(&["--count", "100"])
}

/// The same with one wrong helper each: that the comparison can fail.
fn planted_faults() -> Outcome {
    fuzz(&["--count", "4", "--plant"])
}

/// Damaged bitcode, manifests and job files.
fn damaged_inputs() -> Outcome {
    fuzz(&["--mutations", "1000"])
}

/// A process of its own, because it limits what its process may take. It prints its
/// seed.
fn fuzz(arguments: &[&str]) -> Outcome {
    let mut fuzz = Command::new(child::program());
    Ok(command::run(fuzz.arg("fuzz").args(arguments))?)
}
