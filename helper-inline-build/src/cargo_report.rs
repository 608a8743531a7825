//! `cargo helper-inline report`: which helpers were inlined in which crate of a
//! cargo build, and why the others were not.
//!
//! cargo itself says what belongs to the build: it is asked for the same build
//! again, and has nothing to do when that is up to date. Each crate's record lies
//! beside its artifact. Not here: making records (`rustc_wrapper`).

use crate::cargo_messages::{self, manifest_of};
use crate::manifest::Manifest;
use crate::prove::names::Names;
use crate::rustc_wrapper::{Record, SUFFIX};
use crate::{Error, Result};
use cargo_metadata::{Artifact, Message};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

mod text;

/// What became of the helpers in one cargo build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildReport {
    /// The crates that can call helpers and went through the wrapper, by their names.
    pub crates: Vec<Record>,
    /// Crates that bring helpers.
    pub owners: BTreeMap<String, Owner>,
    /// What wrapped helpers stand for, by their C symbols.
    pub names: BTreeMap<String, String>,
    /// Functions and macros of C headers that could not be wrapped, each with its
    /// crate and the reason.
    pub refused: Vec<[String; 3]>,
}

/// A crate that brings helpers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// How many.
    pub helpers: usize,
    /// Why they cannot be inlined at all, if so.
    pub out_of_line: Option<String>,
}

/// Has cargo bring a build up to date and reads what became of its helpers.
///
/// `arguments` are cargo's own, the subcommand first (`["build", "--release"]`).
///
/// # Errors
/// [`Error::Command`] when cargo fails; [`Error::Malformed`] for a record or a
/// manifest that cannot be read.
///
/// ```no_run
/// use helper_inline_build::cargo_report::cargo_report;
/// use std::path::Path;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let arguments = ["build", "--release"].map(str::to_owned);
/// print!("{}", cargo_report(Path::new("."), &arguments)?);
/// # Ok(())
/// # }
/// ```
pub fn cargo_report(directory: &Path, arguments: &[String]) -> Result<BuildReport> {
    let (subcommand, options) = arguments.split_first().ok_or_else(|| Error::Usage {
        message: "no cargo subcommand given: name the one that built, `build` for instance".into(),
    })?;
    let mut cargo = Command::new(cargo_messages::program());
    cargo
        .current_dir(directory)
        .arg(subcommand)
        .arg("--message-format=json-render-diagnostics")
        .args(options);
    let mut artifacts = Vec::new();
    let mut manifests = Vec::new();
    cargo_messages::run(
        &mut cargo,
        &format!("`cargo {subcommand}`"),
        |message| match message {
            Message::CompilerArtifact(artifact) => artifacts.push(artifact),
            Message::BuildScriptExecuted(script) => manifests.extend(manifest_of(script)),
            _ => {}
        },
    )?;
    let mut report = BuildReport {
        crates: Vec::new(),
        owners: BTreeMap::new(),
        names: BTreeMap::new(),
        refused: Vec::new(),
    };
    let read = manifests.iter().map(|path| Manifest::read(path));
    let read: Vec<Manifest> = read.collect::<Result<_>>()?;
    report.names.extend(Names::of(&read).labels());
    for manifest in read {
        let owner = Owner {
            helpers: manifest.helpers.len(),
            out_of_line: manifest.out_of_line,
        };
        report.owners.insert(manifest.package, owner);
    }
    let elsewhere: BTreeSet<PathBuf> = manifests.iter().filter_map(|m| deps_beside(m)).collect();
    let records = artifacts.iter().filter_map(|a| record_of(a, &elsewhere));
    for record in records {
        let record = Record::read(&record)?;
        if !report.crates.contains(&record) {
            report.crates.push(record);
        }
    }
    // cargo tells of them in the order in which they were done.
    let name = |record: &Record| (record.name.clone(), record.kinds.clone());
    report.crates.sort_by_key(name);
    Ok(report)
}

/// The `deps` of the directory that a build script's output is below,
/// `build/<package>/out/<manifest>`. With `build.build-dir` programs are elsewhere.
fn deps_beside(manifest: &Path) -> Option<PathBuf> {
    Some(manifest.ancestors().nth(4)?.join("deps"))
}

/// The record beside an artifact. A program is linked to a place without cargo's
/// hash in its name; then it is the one beside the same file, in a `deps` of its own
/// directory or of one of those given.
fn record_of(artifact: &Artifact, elsewhere: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    artifact.filenames.iter().find_map(|file| {
        let file = file.as_std_path();
        let stem = file.file_stem()?.to_string_lossy().into_owned();
        let stem = match file.extension() {
            Some(_) => stem.strip_prefix("lib").unwrap_or(&stem).to_owned(),
            None => stem,
        };
        let beside = file.with_file_name(format!("{stem}{SUFFIX}"));
        if is_of(&beside, file) {
            return Some(beside);
        }
        let own = file.parent()?.join("deps");
        let mut deps = [&own].into_iter().chain(elsewhere);
        deps.find_map(|deps| linked_from(deps, &artifact.target.name, file))
    })
}

/// The record in `deps` of what became `file`, without its hash.
fn linked_from(deps: &Path, target: &str, file: &Path) -> Option<PathBuf> {
    let name = target.replace('-', "_");
    let own = deps.join(format!("{name}{SUFFIX}"));
    let hashed = std::fs::read_dir(deps).ok()?.flatten();
    let mut all = hashed.map(|entry| entry.path()).chain([own]);
    all.find(|record| {
        let text = record.file_name().unwrap_or_default().to_string_lossy();
        let built = text
            .strip_suffix(SUFFIX)
            .filter(|stem| stem.starts_with(&name));
        built.is_some_and(|stem| {
            let names = [
                stem.to_owned(),
                format!("lib{stem}.so"),
                format!("lib{stem}.a"),
            ];
            let mut places = names.iter().map(|name| deps.join(name));
            places.any(|place| same_file(&place, file) && is_of(record, &place))
        })
    })
}

/// Whether a record is there and no older than what it is about: a build without
/// the wrapper leaves records of earlier ones where names have no hash.
fn is_of(record: &Path, artifact: &Path) -> bool {
    let time = |path: &Path| path.metadata().and_then(|m| m.modified()).ok();
    time(record).is_some_and(|written| time(artifact).is_some_and(|made| made <= written))
}

/// Whether cargo made one of the other: by a link or, between file systems, a copy.
#[cfg(unix)]
fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(here), Ok(there)) = (one.metadata(), other.metadata()) else {
        return false;
    };
    match here.dev() == there.dev() {
        true => here.ino() == there.ino(),
        false => same_content(one, other),
    }
}

#[cfg(not(unix))]
fn same_file(one: &Path, other: &Path) -> bool {
    same_content(one, other)
}

fn same_content(one: &Path, other: &Path) -> bool {
    let content = |path: &Path| std::fs::read(path).ok();
    let one = content(one);
    one.is_some() && one == content(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_is_known_by_its_link_or_its_copy_on_another_file_system() {
        let dir = tempfile::tempdir().unwrap();
        let built = dir.path().join("app-1234");
        std::fs::write(&built, "program").unwrap();
        let linked = dir.path().join("app");
        std::fs::hard_link(&built, &linked).unwrap();
        assert!(same_file(&built, &linked));
        // Two programs may be equal, and each has its own record.
        let twin = dir.path().join("twin");
        std::fs::write(&twin, "program").unwrap();
        assert!(!same_file(&built, &twin));
        let other = tempfile::tempdir_in("/dev/shm").unwrap();
        let copied = other.path().join("app");
        std::fs::copy(&built, &copied).unwrap();
        assert!(same_file(&built, &copied));
        std::fs::write(&copied, "another").unwrap();
        assert!(!same_file(&built, &copied));
        assert!(!same_file(&built, &other.path().join("none")));
    }

    #[test]
    fn what_is_linked_is_beside_what_build_scripts_wrote() {
        let manifest = Path::new("/b/debug/build/app-12/out/helpers.json");
        let deps = deps_beside(manifest);
        assert_eq!(deps.as_deref(), Some(Path::new("/b/debug/deps")));
    }
}
