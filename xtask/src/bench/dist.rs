//! What inlining does to the sample module, and how long `dist` takes.
//!
//! Sizes and counts come from the reports, times from whole processes in a build
//! directory of their own. Not here: what it does to the work that is done, which is
//! counted in the guest (`guest`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use helper_inline_build::link::child;
use helper_inline_build::prove::Report;

use crate::command;
use crate::failure::Outcome;

/// Where the table is kept.
const TABLE: &str = "docs/bench/dist.md";

/// Measures and writes the table.
pub fn run(root: &Path) -> Outcome {
    let scratch = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(root.join("target"))
        .context("making a build directory for the measurement")?;
    let measured = measure(scratch.path())?;
    let table = render(&measured);
    print!("{table}");
    let path = root.join(TABLE);
    std::fs::write(&path, table).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("written to {TABLE}");
    Ok(())
}

/// Everything that the table says.
struct Measured {
    /// Inlined, one for each target.
    inlined: Vec<Report>,
    /// Their out-of-line twins, in the same order.
    off: Vec<Report>,
    /// Wall time of the first `dist` for all targets, in seconds.
    cold_s: f64,
    /// Wall time of the same again, with nothing changed, in seconds.
    unchanged_s: f64,
}

fn measure(scratch: &Path) -> Result<Measured> {
    let inlined = scratch.join("require");
    let off = scratch.join("off");
    let cold_s = dist(scratch, "require", &inlined)?;
    let unchanged_s = dist(scratch, "require", &inlined)?;
    dist(scratch, "off", &off)?;
    Ok(Measured {
        inlined: reports(&inlined)?,
        off: reports(&off)?,
        cold_s,
        unchanged_s,
    })
}

/// Runs `dist` as a process of its own; its wall time in seconds.
fn dist(scratch: &Path, inline: &str, out: &Path) -> Result<f64> {
    let mut dist = Command::new(child::program());
    dist.args(["dist", "--package", "sample-kmod"])
        .args(["--inline", inline, "--out"])
        .arg(out)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .stdout(Stdio::null());
    let started = Instant::now();
    command::run(&mut dist)?;
    Ok(started.elapsed().as_secs_f64())
}

/// The reports below a directory, in the order of their paths.
fn reports(out: &Path) -> Result<Vec<Report>> {
    let mut paths = Vec::new();
    for target in entries(out)? {
        for kernel in entries(&target)? {
            paths.push(kernel.join("report.json"));
        }
    }
    paths
        .iter()
        .map(|path| {
            let text =
                std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
        })
        .collect()
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .with_context(|| format!("reading {}", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    entries.sort();
    Ok(entries)
}

fn render(measured: &Measured) -> String {
    let mut text = String::from(
        "# The sample module, inlined and out of line\n\n\
         Written by `cargo xtask bench dist`; edit nothing here by hand.\n",
    );
    if let Some(report) = measured.inlined.first() {
        let tools = &report.toolchain;
        let _ = writeln!(
            text,
            "{}, clang {}, linked by LLVM {}.",
            tools.rustc, tools.clang, tools.link_llvm
        );
    }
    text += "\n| | helpers | call sites | calls left | code, bytes | `.ko`, bytes |\n\
             |---|---|---|---|---|---|\n";
    for (inlined, off) in measured.inlined.iter().zip(&measured.off) {
        for (name, report) in [("`--inline off`", off), ("inlined", inlined)] {
            let left: u64 = report.object.helper_calls.values().sum();
            let _ = writeln!(
                text,
                "| {}, {name} | {} | {} | {left} | {} | {} |",
                kernel(report),
                report.summary.used,
                report.summary.call_sites,
                report.object.text_bytes,
                report.object.file_bytes,
            );
        }
    }
    text += "\n\"Calls left\" are relocations against helpers in the linked object; they are not as \
             many as the call sites where LLVM merged equal ends of paths, or doubled some. Code is that of the \
             object; the file also has relocations, symbols and unwinding data.\n";

    text += "\n## Time of each step, cold, in milliseconds\n\n| step |";
    let mut steps: BTreeMap<&str, ()> = BTreeMap::new();
    for report in &measured.inlined {
        let _ = write!(text, " {} |", kernel(report));
        steps.extend(report.timings_ms.keys().map(|step| (step.as_str(), ())));
    }
    text += "\n|---|";
    text += &"---|".repeat(measured.inlined.len());
    text.push('\n');
    for step in steps.keys() {
        let _ = write!(text, "| {step} |");
        for report in &measured.inlined {
            let time = report.timings_ms.get(*step);
            let _ = write!(text, " {} |", time.map_or_else(String::new, u64::to_string));
        }
        text.push('\n');
    }
    let _ = write!(
        text,
        "\nThe first target's cargo build includes the build script's own dependencies (bindgen). \
         Whole command for all targets: cold {:.1} s; again with nothing changed {:.2} s, {:.1}% of it, in which only cargo looks for changes.\n",
        measured.cold_s,
        measured.unchanged_s,
        100.0 * measured.unchanged_s / measured.cold_s
    );
    text
}

fn kernel(report: &Report) -> &str {
    match &report.kernel {
        Some(kernel) => &kernel.release,
        None => &report.target,
    }
}
