//! Crates that wrap what a header defines inline: the values that Rust and C pass
//! each other, out of line in both profiles and on both architectures, and inlined.

mod refused;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use helper_inline_build::prove::{self, FunctionReport, Report};
use support::{cargo, copy, run};

const AARCH64: &str = "aarch64-unknown-linux-gnu";

fn passes(dir: &Path, more: &[&str]) {
    let arguments = [&["test", "--lib"], more].concat();
    let (succeeded, text) = cargo(dir, &arguments);
    assert!(succeeded && text.contains("31 passed"), "{text}");
}

#[test]
fn rust_and_c_agree_on_every_kind_of_value() {
    let dir = copy("values");
    passes(&dir, &[]);
    passes(&dir, &["--release"]);
    passes(&dir, &["--target", AARCH64]);
}

#[test]
fn wrappers_are_inlined_by_dist() {
    let dir = copy("inlined");
    let target = helper_inline_build::Rustc::from_env().unwrap().host;
    let out = dir.join("out");
    let mut dist = Command::new(env!("CARGO_BIN_EXE_xtask"));
    dist.args([
        "dist",
        "--package",
        "fixture-inlined",
        "--target",
        &target,
        "--manifest-path",
    ])
    .arg(dir.join("Cargo.toml"))
    .arg("--out")
    .arg(&out);
    let (succeeded, text) = run(&dir, &mut dist);
    assert!(succeeded, "{text}");
    let report = fs::read(out.join(&target).join("report.json")).unwrap();
    let report: Report = serde_json::from_slice(&report).unwrap();
    let summary = &report.summary;
    assert_eq!(
        (summary.used, summary.call_sites, summary.inlined),
        (5, 5, 5)
    );
    let object = out.join(&target).join("fixture_inlined.o");
    let facts = prove::read_object(&object, &BTreeSet::new()).unwrap();
    let left = |f: &FunctionReport| f.symbol.starts_with("rust_helper_");
    assert!(!facts.functions.iter().any(left), "{facts:?}");
}
