//! How many instructions operations cost in the kernel: in Rust with helpers
//! inlined, in Rust with helpers called, and in C.
//!
//! The modules are made by `dist`, and count in a virtual machine whose clock is
//! the number of its instructions. Times are not measured: under emulation they
//! mean nothing.

mod figures;
mod machine;
mod table;

use std::path::Path;

use anyhow::{Context as _, Result};
use guest::counts::Order;
use helper_inline_build::prove::{Report, Toolchain};

use crate::boot::qemu;
use crate::dist::{self, Inline};
use crate::failure::{Failure, Outcome};
use crate::kernels::{self, Arch, Kernel};
use figures::{Figures, figures, problems};

/// Where the table is kept.
const TABLE: &str = "docs/bench/guest.md";

/// What is counted for the table.
const ORDER: Order = Order {
    rounds: 1000,
    reads: 256,
    repetitions: 4,
    loads: 12,
};

/// The same in less time, for the tests.
const SHORT: Order = Order {
    rounds: 100,
    reads: 256,
    repetitions: 3,
    loads: 4,
};

/// The modules, by package.
const PACKAGES: [&str; 2] = ["sample-bench", "sample-block"];

/// What was counted for a kernel.
struct Counted {
    kernel: String,
    toolchain: Toolchain,
    figures: Vec<Figures>,
}

/// Counts for both architectures and writes the table.
pub fn run(root: &Path) -> Outcome {
    let counted = both(root, &ORDER)?;
    let table = table::render(&counted);
    print!("{table}");
    let path = root.join(TABLE);
    std::fs::write(&path, table).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("written to {TABLE}");
    Ok(())
}

/// Counts for both architectures and holds the figures to what they should be.
pub fn check(root: &Path) -> Outcome {
    for counted in both(root, &SHORT)? {
        let problems = problems(&counted.figures);
        if !problems.is_empty() {
            return Err(Failure::step(anyhow::anyhow!(
                "instructions on {}:\n  {}",
                counted.kernel,
                problems.join("\n  ")
            )));
        }
        println!(
            "{}: no operation takes more instructions than in C",
            counted.kernel
        );
    }
    Ok(())
}

fn both(root: &Path, order: &Order) -> Outcome<Vec<Counted>> {
    Arch::ALL
        .iter()
        .map(|arch| count(root, *arch, order))
        .collect()
}

/// Counts on the default kernel of an architecture.
fn count(root: &Path, arch: Arch, order: &Order) -> Outcome<Counted> {
    qemu::check(arch)?;
    let kernel = kernel(root, arch)?;
    let out = root.join("target/bench/guest");
    let report = make(
        &kernel,
        Inline::Require,
        &machine::modules(&out, Inline::Require),
    )?;
    make(&kernel, Inline::Off, &machine::modules(&out, Inline::Off))?;
    let counts = machine::count(root, &kernel, &out, order)?;
    Ok(Counted {
        kernel: kernel.release,
        toolchain: report.toolchain,
        figures: figures(&counts)?,
    })
}

fn kernel(root: &Path, arch: Arch) -> Outcome<Kernel> {
    let directory = kernels::directory(root);
    kernels::default_for(&directory, arch.module_target()).ok_or_else(|| {
        Failure::need(format_args!(
            "no {arch} kernel under {}; run `cargo xtask kernels fetch --arch {arch}`",
            directory.display()
        ))
    })
}

/// Makes the modules as `cargo xtask dist` does; the last one's report.
fn make(kernel: &Kernel, inline: Inline, out: &Path) -> Result<Report> {
    let mut report = None;
    for package in PACKAGES {
        let made = dist::make(&dist::Args {
            package: Some(package.into()),
            kernel: vec![kernel.build_dir.clone()],
            profile: "release".into(),
            inline,
            out: Some(out.to_owned()),
            ..dist::Args::default()
        })?;
        for module in made {
            anyhow::ensure!(
                !module.policy_failed,
                "helpers of {package} stayed out of line; see {}",
                module.report_path.display()
            );
            report = Some(module.report);
        }
    }
    report.context("dist made no module")
}
