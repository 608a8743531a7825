//! The crates as they are published: packaged, and unpacked again elsewhere.
//!
//! Not here: what is done with them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::command;

/// What build scripts depend on.
pub const LIBRARY: &str = "helper-inline-build";
/// What modules depend on besides; it has no features.
pub const MODULE: &str = "helper-inline-module";

/// What is published, in the order in which it must be.
pub const PUBLISHED: [&str; 2] = [LIBRARY, MODULE];

/// What crates.io takes, in bytes, is 10 MiB; this much is small.
const SMALL: u64 = 1 << 20;

/// An unpacked crate.
pub struct Package {
    /// Where it is.
    pub dir: PathBuf,
    /// What its `[package.metadata.docs.rs]` says.
    pub docs_rs: Value,
}

/// Packages the crates of the workspace at `root`, with `target` to work in, and unpacks
/// them in a directory of nothing else.
pub fn make(root: &Path, target: &Path, unpacked: &Path) -> Result<Vec<Package>> {
    let mut cargo = command::cargo();
    cargo
        .current_dir(root)
        .args([
            "package",
            "--quiet",
            "--no-verify",
            "--allow-dirty",
            "--offline",
            "--target-dir",
        ])
        .arg(target);
    for name in PUBLISHED {
        cargo.args(["--package", name]);
    }
    command::run(&mut cargo)?;
    let metadata = metadata(root)?;
    PUBLISHED
        .iter()
        .map(|name| {
            let package = &metadata[*name];
            let version = package["version"].as_str().context("no version")?;
            let archive = target.join(format!("package/{name}-{version}.crate"));
            let size = archive.metadata()?.len();
            ensure!(
                size < SMALL,
                "{name} is {size} bytes, packaged: leave something out"
            );
            let mut tar = std::process::Command::new("tar");
            // With times of today: cargo would take an earlier build for one of these.
            command::run(tar.arg("-xzmf").arg(&archive).arg("-C").arg(unpacked))?;
            println!("{name} {version}: {} KiB packaged", size.div_ceil(1024));
            Ok(Package {
                dir: unpacked.join(format!("{name}-{version}")),
                docs_rs: package["metadata"]["docs"]["rs"].clone(),
            })
        })
        .collect()
}

/// What cargo says of the workspace's packages, by name.
pub(super) fn metadata(root: &Path) -> Result<Value> {
    let mut cargo = command::cargo();
    let arguments = ["metadata", "--no-deps", "--format-version=1"];
    let text = command::output(cargo.current_dir(root).args(arguments))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let named = packages
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?.to_owned(), package.clone())));
    Ok(Value::Object(named.collect()))
}
