//! The virtual machine that counts: what it is given, and the counts that its
//! console shows. What they mean is not decided here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use guest::Report;
use guest::counts::{Build, Count, LOOPS, ORDER, Order};

use crate::boot::initramfs::{self, Content};
use crate::boot::{guest_build, qemu};
use crate::dist::Inline;
use crate::kernels::Kernel;
use helper_inline_build::cli::boot::signs;

const LIMIT: Duration = Duration::from_secs(600);

/// Where `dist` puts the modules of a build, below `out`.
pub fn modules(out: &Path, inline: Inline) -> PathBuf {
    out.join(match inline {
        Inline::Off => "called",
        Inline::Require | Inline::Prefer => "inlined",
    })
}

/// Boots it and returns what it has counted.
pub fn count(root: &Path, kernel: &Kernel, out: &Path, order: &Order) -> Result<Vec<Count>> {
    let program = guest_build::build(root, kernel.arch)?;
    let mut files = vec![Content::text(ORDER, order.to_text())];
    for (build, inline) in [
        (Build::Inlined, Inline::Require),
        (Build::Called, Inline::Off),
    ] {
        let made = modules(out, inline)
            .join(kernel.arch.module_target())
            .join(&kernel.release);
        for (path, module) in [(build.loops(), LOOPS), (build.disk(), guest::BLOCK)] {
            files.push(Content::copy(
                path,
                &made.join(module).with_extension("ko"),
            )?);
        }
    }
    let named = |extension| out.join(format!("{}.{extension}", kernel.release));
    let (archive, log) = (named("cpio"), named("log"));
    initramfs::write(&archive, &program, &files)?;
    let end = qemu::run(&qemu::Run {
        arch: kernel.arch,
        image: &kernel.image,
        initramfs: &archive,
        log: &log,
        cpus: 1,
        memory_mib: qemu::MEMORY_MIB,
        count_instructions: true,
        // As a stock kernel starts: nothing is checked that it would not check.
        parameters: "",
        limit: LIMIT,
        verbose: false,
    })?;
    let console = std::fs::read(&log).with_context(|| format!("reading {}", log.display()))?;
    let console = String::from_utf8_lossy(&console);
    let mut problems = problems(&console);
    problems.extend(end.problem());
    ensure!(
        problems.is_empty(),
        "counting on {}:\n  {}\nthe console is in {}",
        kernel.release,
        problems.join("\n  "),
        log.display()
    );
    Ok(console.lines().filter_map(Count::parse).collect())
}

/// What is wrong with a run, by its console.
fn problems(console: &str) -> Vec<String> {
    let mut problems = signs::problems(console.lines());
    let reports: Vec<Report> = console.lines().filter_map(Report::parse).collect();
    for report in &reports {
        if let Report::Fail(text) = report {
            problems.push(format!("the guest says: {text}"));
        }
    }
    if !reports.contains(&Report::Done) {
        problems.push("the guest did not get to its end (no DONE line)".into());
    }
    problems
}
