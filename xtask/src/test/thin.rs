//! The samples linked as many units: what is required of them linked as one holds, and
//! they run.
//!
//! Not here: what is compiled again after an edit, which tests of their own say.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::dist::Dist;
use helper_inline_build::link::child;

use super::{both, check_mitigations, samples};
use crate::command;
use crate::dist::{self, Lto};
use crate::failure::Outcome;
use crate::kernels;

/// Which samples are booted, each on a kernel of another architecture.
const BOOTED: [(&str, &str); 2] = [
    ("sample_kmod", "7.3"),
    ("sample_block", "6.12.95+deb12-arm64"),
];

/// How often each is loaded and unloaded.
const ROUNDS: &str = "10";

/// Makes the samples so for every kernel, checks them and boots some.
pub fn check(root: &Path) -> Outcome {
    let args = dist::Args {
        lto: Lto::Thin,
        out: Some(root.join("target/dist-thin")),
        ..both()
    };
    let made = dist::make(&args)?;
    samples::check_all_made(&made)?;
    for module in &made {
        let path = module.module.display();
        samples::check(module).with_context(|| format!("checking {path}"))?;
        let thin = module.report.thin.as_ref();
        let units = thin.map_or(0, |thin| thin.back_ends.len());
        ensure_units(units).with_context(|| format!("checking {path}"))?;
        let held = check_mitigations(module)?;
        println!("{path}: {units} units; held: {}", held.join("; "));
    }
    Ok(boot(root, &made)?)
}

/// A module's own crate, `core`, and at least one crate between.
fn ensure_units(units: usize) -> Result<()> {
    ensure!(units >= 3, "it was linked as {units} units");
    Ok(())
}

/// Boots some modules beside each other.
fn boot(root: &Path, made: &[Dist]) -> Result<()> {
    let mut machines = Vec::new();
    for (name, kernel) in BOOTED {
        let module = made.iter().find(|module| {
            let built_for = module.report.kernel.as_ref();
            let fits = built_for.is_some_and(|built_for| built_for.release.starts_with(kernel));
            module.report.module == name && fits
        });
        let module = module.with_context(|| format!("no {name} was made for {kernel}"))?;
        machines.push(start(root, module)?);
    }
    for (mut machine, ko) in machines {
        let status = command::wait(&mut machine, None)?;
        let well = status.is_some_and(|status| status.success());
        ensure!(well, "{} did not run well, as is said above", ko.display());
    }
    Ok(())
}

fn start(root: &Path, module: &Dist) -> Result<(Child, PathBuf)> {
    let release = &module
        .report
        .kernel
        .as_ref()
        .context("it has a kernel")?
        .release;
    let mut boot = Command::new(child::program());
    boot.args(["boot", "--rounds", ROUNDS, "--target"])
        .arg(&module.report.target)
        .arg("--kernel")
        .arg(kernels::directory(root).join(release))
        .arg("--ko")
        .arg(&module.module);
    Ok((command::spawn(&mut boot)?, module.module.clone()))
}
