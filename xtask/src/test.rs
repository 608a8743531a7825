//! `cargo xtask test`: every test of the project, suite by suite, with a closing
//! line for each.
//!
//! What is tested stands in the suites themselves; here is only their order.

mod disassembly;
mod docs;
mod examples;
mod features;
mod mitigations;
pub mod package;
pub mod page;
mod probes;
mod project;
mod samples;
mod tables;
mod targets;
mod thin;
mod unconfigured;

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};
use helper_inline_build::cli::needs::{self, Purpose};
use helper_inline_build::cli::say;
use helper_inline_build::dist::Dist;
use helper_inline_build::kernel::KernelDir;
use helper_inline_build::link::child;
use helper_inline_build::{Clang, Rustc};

use crate::bench;
use crate::boot;
use crate::bootstrap;
use crate::command;
use crate::dist;
use crate::failure::{Failure, Outcome};
use crate::front;
use crate::kernels;

use crate::versions;
use tables::Tables;

/// `cargo xtask test`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Install what is missing with apt-get and rustup, after printing it
    #[arg(long)]
    bootstrap: bool,
    /// Run this suite alone; some use what an earlier one made
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
}

/// A suite's name and how it is run.
type Suite = (&'static str, fn() -> Outcome);

/// In this order: what is quick to fail comes first, and boots use what dist
/// made.
const SUITES: &[Suite] = &[
    ("kernels", every_kernel),
    ("dist", dist_both),
    ("unit and end-to-end tests", cargo_test),
    ("features", every_feature),
    ("docs", what_people_read),
    ("unchanged dist", dist_again),
    ("report page", look_at_pages),
    ("thin", dist_thin),
    ("probes", place_probes),
    ("check without a kernel", check_without_kernel),
    ("new project", new_project),
    ("examples", bind_real_libraries),
    ("versions", every_pair),
    ("boot", boot_all),
    ("instructions", count_instructions),
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
    let suites = chosen(&args.suite)?;
    needs::require(&front::root(), Purpose::Test)?;
    let mut failed = Vec::new();
    let mut errors = Vec::new();
    let mut lines = Vec::new();
    for (name, suite) in &suites {
        println!("== suite: {name}");
        let started = Instant::now();
        let outcome = suite();
        let seconds = started.elapsed().as_secs_f64();
        let word = match &outcome {
            Ok(()) => "ok",
            Err(failure) => {
                let text = format!("{failure:#}");
                say::error(&text);
                errors.push(format!("suite {name} failed:\n{}", in_short(&text)));
                failed.push(*name);
                "FAILED"
            }
        };
        lines.push(format!("suite {name}: {word} ({seconds:.1} s)"));
        println!("{}", lines[lines.len() - 1]);
        command::check_interrupt()?;
    }
    // Once more where a long log ends, as only that may be left of it.
    eprint!("{}", errors.join(""));
    println!("\n{}", lines.join("\n"));
    println!(
        "{} passed, {} failed",
        suites.len() - failed.len(),
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

/// A long error's beginning and its end, where a command's own last words are.
fn in_short(error: &str) -> String {
    const FIRST: usize = 10;
    const LAST: usize = 30;
    let lines: Vec<&str> = error.lines().collect();
    let left_out = lines.len().saturating_sub(FIRST + LAST);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        if left_out == 0 || index < FIRST || index >= FIRST + left_out {
            text += &format!("  {line}\n");
        } else if index == FIRST {
            text += &format!("  [{left_out} lines left out]\n");
        }
    }
    text
}

/// The suites of these names, or all.
fn chosen(names: &[String]) -> Outcome<Vec<Suite>> {
    let known = |name: &String| SUITES.iter().any(|(suite, _)| suite == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let all: Vec<&str> = SUITES.iter().map(|(suite, _)| *suite).collect();
        return Err(Failure::usage(format_args!(
            "there is no suite `{name}`; they are: {}",
            all.join(", ")
        )));
    }
    let is_chosen = |suite: &&Suite| names.is_empty() || names.iter().any(|n| n == suite.0);
    Ok(SUITES.iter().filter(is_chosen).copied().collect())
}

/// Debian's kernels that the samples are made for: its own, the one of its backports
/// (IBT, BTF), and the newest (CONFIG_RUST, an output directory apart from the
/// sources).
const LINES: [&str; 3] = [kernels::DEFAULT_RELEASE, "6.12", "7"];

/// Sees to it that all kernels are there, one built by clang from sources among them.
fn every_kernel() -> Outcome {
    let directory = kernels::directory(&front::root());
    for line in LINES {
        kernels::fetch(&directory, line, &kernels::Arch::ALL)?;
    }
    kernels::build_default(&directory)?;
    for kernel in kernels::installed(&directory) {
        println!("{}", kernel.release);
    }
    Ok(())
}

/// Builds the samples for both architectures and reads their reports and the
/// packaged files themselves.
fn dist_both() -> Outcome {
    let made = dist::make(&both())?;
    samples::check_all_made(&made)?;
    for module in &made {
        samples::check(module).with_context(|| format!("checking {}", module.module.display()))?;
        let summary = &module.report.summary;
        println!(
            "{}: {} helpers used, {} call sites inlined, 0 left",
            module.module.display(),
            summary.used,
            summary.inlined
        );
        let held = check_mitigations(module)?;
        println!("  held: {}", held.join("; "));
    }
    Ok(())
}

/// Reads from the packaged file that what the kernel hardens is hard there too;
/// returns what that is.
fn check_mitigations(module: &Dist) -> Result<Vec<&'static str>> {
    let built_for = module.report.kernel.as_ref();
    let release = &built_for.context("a sample is a kernel module")?.release;
    let unpacked = kernels::directory(&front::root());
    let kernel = kernels::installed(&unpacked)
        .into_iter()
        .find(|kernel| kernel.release == *release)
        .with_context(|| format!("{release} is not in {}", unpacked.display()))?;
    let config = KernelDir::open(&kernel.build_dir)?;
    let objdump = Clang::find(Rustc::from_env()?.llvm)?.tool("llvm-objdump");
    let functions = disassembly::read(&objdump, &module.module)?;
    let tables = Tables::read(&module.module)?;
    let mut held = mitigations::check(&config, kernel.arch, &functions)
        .with_context(|| format!("checking {}", module.module.display()))?;
    held.extend(
        tables::check(&config, kernel.arch, &tables, &functions)
            .with_context(|| format!("checking {}", module.module.display()))?,
    );
    Ok(held)
}

fn both() -> dist::Args {
    dist::Args {
        profile: "release".into(),
        ..dist::Args::default()
    }
}

/// The host crates' tests; those of `xtask` run `dist` on real kernels.
fn cargo_test() -> Outcome {
    // Most of a test's time is another program's, which uses one processor or waits for
    // cargo's lock: so some more than there are processors.
    let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    let test = |arguments: &[&str]| {
        let mut test = command::cargo();
        test.current_dir(front::root())
            .args(["test", "--no-fail-fast"])
            .args(arguments)
            .arg("--")
            .arg(format!("--test-threads={threads}"))
            // A cargo of a test's own must not inherit what this one was told.
            .env_remove("HELPER_INLINE_KERNEL");
        command::run(&mut test)
    };
    let hosted = test(&[
        "--workspace",
        "--exclude=sample-kmod",
        "--exclude=sample-block",
        "--exclude=sample-bench",
        "--exclude=sample-kernel",
        "--exclude",
        package::MODULE,
        "--features=helper-inline-build/cli",
    ]);
    // By itself, for its build script's library would have all features too.
    let modules = test(&["--package", package::MODULE]);
    hosted?;
    Ok(modules?)
}

/// Every combination of features, and the oldest rustc.
fn every_feature() -> Outcome {
    features::check(&front::root())
}

/// Links, documentation as docs.rs builds it, lists and licences.
fn what_people_read() -> Outcome {
    docs::check(&front::root())
}

/// A second dist of the same sources does nothing.
fn dist_again() -> Outcome {
    let made = dist::make(&both())?;
    match made.iter().find(|module| !module.unchanged) {
        None => Ok(()),
        Some(module) => Err(Failure::step(anyhow::anyhow!(
            "{} was made again though nothing changed",
            module.module.display()
        ))),
    }
}

/// The samples' reports as people see them.
fn look_at_pages() -> Outcome {
    page::check(&front::root())
}

/// The samples, linked as many units.
fn dist_thin() -> Outcome {
    thin::check(&front::root())
}

/// The samples as an editor checks them.
fn check_without_kernel() -> Outcome {
    unconfigured::check(&front::root())
}

/// From the packaged crates to a module that is loaded.
fn new_project() -> Outcome {
    project::check(&front::root())
}

/// The first sample with debug sections, and probes on its inlined calls.
fn place_probes() -> Outcome {
    probes::check(&front::root())
}

/// The crates of `examples/`, by plain cargo.
fn bind_real_libraries() -> Outcome {
    examples::check(&front::root())
}

/// Links every rustc with every clang.
fn every_pair() -> Outcome {
    versions::check(&front::root())
}

/// Every kernel with every sample, in every way.
fn boot_all() -> Outcome {
    let all = boot::Args {
        all: true,
        ..boot::Args::default()
    };
    boot::boot(&front::root(), &all)
}

/// That operations take no more instructions than in C.
fn count_instructions() -> Outcome {
    bench::guest::check(&front::root())
}

/// Random programs, inlined and out of line, for both architectures.
fn generated_programs() -> Outcome {
    fuzz(&["--count", "50"])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_error_keeps_its_beginning_and_its_end() {
        assert_eq!(in_short("one\ntwo"), "  one\n  two\n");
        let lines: Vec<String> = (1..=45).map(|line| line.to_string()).collect();
        let text = in_short(&lines.join("\n"));
        assert!(text.starts_with("  1\n"), "{text}");
        assert!(
            text.contains("  10\n  [5 lines left out]\n  16\n"),
            "{text}"
        );
        assert!(text.ends_with("  45\n"), "{text}");
    }
}
