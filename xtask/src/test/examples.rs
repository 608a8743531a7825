//! `examples/`: crates that bind real C libraries, by plain cargo. Each is built and
//! tested out of line, inlined in both profiles, and inlined for AArch64, where
//! qemu-user runs it; each test program itself says which helpers it calls.
//!
//! Not here: what the examples do, which their own tests hold.

mod calls;
mod foreign;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::package::LIBRARY;
use crate::command;
use crate::failure::Outcome;
use crate::kernels::Arch;
use calls::Calls;
use foreign::Foreign;

/// The packages, which are the workspace's members.
const EXAMPLES: [&str; 4] = [
    "example-liburing",
    "example-urcu",
    "example-uthash",
    "example-xxhash",
];

/// One way to build them.
#[derive(Clone, Copy)]
struct Way<'a> {
    shown: &'static str,
    arch: Arch,
    release: bool,
    /// The rustc wrapper, unless helpers are to stay out of line.
    wrapper: Option<&'a Path>,
    /// What another architecture takes to link and run them.
    foreign: Option<&'a Foreign>,
}

/// Runs the suite.
pub fn check(root: &Path) -> Outcome {
    let host = Arch::host().context("helpers are inlined for x86_64 and aarch64 alone")?;
    let wrapper = build_wrapper(root)?;
    let out_of_line = Way {
        shown: "out of line",
        arch: host,
        release: false,
        wrapper: None,
        foreign: None,
    };
    all_called(root, &out_of_line)?;
    let dev = Way {
        shown: "inlined, dev",
        wrapper: Some(&wrapper),
        ..out_of_line
    };
    let release = Way {
        shown: "inlined, release",
        release: true,
        ..dev
    };
    all_inlined(root, &dev)?;
    all_inlined(root, &release)?;
    if host == Arch::Arm64 {
        println!("AArch64: this machine's own, as above");
        return Ok(());
    }
    let foreign = Foreign::fetch(root)?;
    let way = Way {
        shown: "inlined, release, AArch64",
        arch: Arch::Arm64,
        foreign: Some(&foreign),
        ..release
    };
    all_inlined(root, &way)?;
    Ok(())
}

/// Without this, the absence of calls elsewhere would prove nothing.
fn all_called(root: &Path, way: &Way<'_>) -> Result<()> {
    for (example, calls) in run(root, way)? {
        ensure!(calls.are_made(), "{example}, {}: {calls}", way.shown);
        println!("{}: {example}, {calls}", way.shown);
    }
    Ok(())
}

fn all_inlined(root: &Path, way: &Way<'_>) -> Result<()> {
    for (example, calls) in run(root, way)? {
        ensure!(calls.is_empty(), "{example}, {}: {calls}", way.shown);
    }
    println!("{}: no helper is left", way.shown);
    Ok(())
}

/// `cargo-helper-inline`, as an author has it from `cargo install`.
pub(super) fn build_wrapper(root: &Path) -> Result<PathBuf> {
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--package", LIBRARY]);
    // Which is not built, but has the library be the one that is compiled already.
    build.args(["--package", "xtask"]);
    build.args(["--features", "cli", "--bin", "cargo-helper-inline"]);
    let made = artifacts(&mut build)?;
    let program = made.into_iter().next();
    program
        .map(|made| made.executable)
        .with_context(|| format!("`{}` made no program", command::shown(&build)))
}

/// Builds and runs every test of the examples; the helpers that each example's test
/// programs have.
fn run(root: &Path, way: &Way<'_>) -> Result<BTreeMap<String, Calls>> {
    let mut build = cargo(&root.join("examples"));
    // A target is always named: flags then do not reach build scripts, which several
    // ways share.
    let target = way.arch.hosted_target();
    build.args(["test", "--quiet", "--locked", "--no-run", "--test", "*"]);
    build.args(["--target", target, "--target-dir"]);
    build.arg(root.join("target/examples"));
    build.args(way.release.then_some("--release"));
    // Keeps in a program what its calls were made of.
    let mut flags = "-Clink-arg=-Wl,--emit-relocs".to_owned();
    if let Some(wrapper) = way.wrapper {
        build.env("RUSTC_WRAPPER", wrapper);
        build.env("HELPER_INLINE_POLICY", "require");
    }
    if let Some(foreign) = way.foreign {
        foreign.prepare(&mut build);
        flags = [flags, foreign.rustc_flag()].join("\u{1f}");
    }
    build.env("CARGO_ENCODED_RUSTFLAGS", flags);
    let made = artifacts(&mut build)?;
    let mut found: BTreeMap<String, Calls> = BTreeMap::new();
    for Artifact {
        package,
        executable,
    } in made
    {
        let mut test = match way.foreign {
            Some(foreign) => foreign.runner(&executable),
            None => Command::new(&executable),
        };
        println!("{}: {package}", way.shown);
        command::run(test.arg("--quiet").current_dir(root))?;
        let calls = Calls::read(&executable)?;
        found.entry(package).or_default().add(calls);
    }
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    ensure!(names == EXAMPLES, "tests were made of {names:?} alone");
    Ok(found)
}

/// cargo, as one who has set nothing has it.
fn cargo(dir: &Path) -> Command {
    let mut cargo = command::cargo();
    cargo.current_dir(dir);
    for variable in [
        "RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
        "RUSTC_WRAPPER",
        "HELPER_INLINE_POLICY",
        "HELPER_INLINE_KERNEL",
    ] {
        cargo.env_remove(variable);
    }
    cargo
}

/// A program that cargo made.
struct Artifact {
    package: String,
    executable: PathBuf,
}

fn artifacts(build: &mut Command) -> Result<Vec<Artifact>> {
    build.args(["--message-format", "json-render-diagnostics"]);
    let text = command::output(build)?;
    let mut made = Vec::new();
    for line in text.lines() {
        let message: Value = serde_json::from_str(line)
            .with_context(|| format!("cargo's message is no JSON: {line}"))?;
        let Some(executable) = message["executable"].as_str() else {
            continue;
        };
        // `path+file:///…#name@version`
        let id = message["package_id"].as_str().unwrap_or_default();
        let name = id.rsplit(['#', '/']).next().unwrap_or_default();
        made.push(Artifact {
            package: name.split('@').next().unwrap_or_default().to_owned(),
            executable: executable.into(),
        });
    }
    Ok(made)
}
