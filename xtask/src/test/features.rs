//! That the published crates compile as their users may have them: with each combination
//! of features, and with none and all of them by the oldest rustc that they promise.
//!
//! `cargo check` alone, for what is compiled is tested elsewhere. Not here: clippy, which
//! CI runs with the sets of features that people use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::versions::OLDEST_RUSTC;

use super::package::{self, LIBRARY, MODULE};
use helper_inline_build::cli::rustup;

/// Checks the workspace at `root`.
pub fn check(root: &Path) -> Outcome {
    let sets = combinations(&features(root)?);
    for set in &sets {
        // Where the workspace is built: its dependencies are checked already.
        let said = one(command::cargo(), root, &root.join("target"), LIBRARY, set)?;
        // In some combination only something may be unused.
        if !said.is_empty() {
            return Err(anyhow::anyhow!("features {set:?} have warnings:\n{said}").into());
        }
    }
    let toolchains = rustup::toolchains();
    let oldest = toolchains.iter().find(|t| t.name.starts_with(OLDEST_RUSTC));
    let oldest = oldest.ok_or_else(|| {
        Failure::need(format_args!(
            "rustup has no rustc {OLDEST_RUSTC}; mend it with: rustup toolchain install \
             {OLDEST_RUSTC} --profile minimal"
        ))
    })?;
    let cargo = || {
        let mut cargo = Command::new(oldest.sysroot.join("bin/cargo"));
        cargo.env("RUSTC", oldest.sysroot.join("bin/rustc"));
        // Of the one that runs us.
        cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
        cargo
    };
    let version = command::output(cargo().arg("--version"))?;
    let named = format!("cargo {OLDEST_RUSTC}.");
    if !version.starts_with(&named) {
        return Err(anyhow::anyhow!("`{}` is no {named}", version.trim()).into());
    }
    // What it compiles with all of them it compiles with some.
    let none = BTreeSet::new();
    let all = sets.iter().max_by_key(|set| set.len()).unwrap_or(&none);
    let target = root.join("target/features").join(OLDEST_RUSTC);
    one(cargo(), root, &target, LIBRARY, all)?;
    for package in [LIBRARY, MODULE] {
        one(cargo(), root, &target, package, &none)?;
    }
    println!(
        "{} sets of features compile; none and all with {} too",
        sets.len(),
        version.trim()
    );
    Ok(())
}

/// Checks one package with these features, and returns what rustc says of it.
fn one(
    mut cargo: Command,
    root: &Path,
    target: &Path,
    package: &str,
    features: &BTreeSet<String>,
) -> Result<String> {
    let features: Vec<&str> = features.iter().map(String::as_str).collect();
    let features = features.join(",");
    cargo
        .current_dir(root)
        .args(["check", "--quiet", "--locked", "--no-default-features"])
        .args([
            "--package",
            package,
            "--features",
            &features,
            "--target-dir",
        ])
        .arg(target)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("HELPER_INLINE_KERNEL");
    let output = cargo.output().context("starting cargo")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(
        output.status.success(),
        "{package} does not compile with features `{features}`:\n{said}"
    );
    Ok(said)
}

/// The library's features, each with those that it brings.
fn features(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let library = &package::metadata(root)?[LIBRARY];
    let mut features: BTreeMap<String, Vec<String>> =
        serde_json::from_value(library["features"].clone())?;
    features.remove("default");
    ensure!(!features.is_empty(), "the library has no features");
    Ok(features)
}

/// Each set of features that can come about, with what its members bring: sets that
/// mean the same are one.
fn combinations(features: &BTreeMap<String, Vec<String>>) -> BTreeSet<BTreeSet<String>> {
    let mut sets = BTreeSet::from([BTreeSet::new()]);
    for feature in features.keys() {
        let with = sets.iter().map(|set| closed(features, set, feature));
        let with: Vec<_> = with.collect();
        sets.extend(with);
    }
    sets
}

/// A set with one feature more and all that it brings.
fn closed(
    features: &BTreeMap<String, Vec<String>>,
    set: &BTreeSet<String>,
    feature: &str,
) -> BTreeSet<String> {
    let mut set = set.clone();
    if set.insert(feature.to_owned()) {
        for brought in &features[feature] {
            if features.contains_key(brought) {
                set = closed(features, &set, brought);
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_those_that_differ() {
        let features = [
            ("link", vec!["dep:object"]),
            ("dist", vec!["link"]),
            ("wrapper", vec!["link"]),
            ("cli", vec!["dist", "wrapper"]),
        ];
        let features = features.map(|(name, brings)| {
            (
                name.to_owned(),
                brings.into_iter().map(str::to_owned).collect(),
            )
        });
        let sets: Vec<String> = combinations(&features.into())
            .into_iter()
            .map(|set| set.into_iter().collect::<Vec<_>>().join("+"))
            .collect();
        assert_eq!(
            sets,
            [
                "",
                "cli+dist+link+wrapper",
                "dist+link",
                "dist+link+wrapper",
                "link",
                "link+wrapper"
            ]
        );
    }
}
