//! That what cargo has made, and what is packaged, is of the inputs that are there now.
//!
//! Cargo goes by time stamps, which a package manager, a restored backup or a copied tree
//! leave older than the last build. Not here: what the inputs are (`build::record`).

use super::cargo::build_dir;
use super::{Options, cargo};
use crate::inputs::{FILE_NAME, Memo, Recorded};
use crate::kernel::KernelDir;
use crate::manifest::Manifest;
use crate::{Error, Result};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The digests of compilers and libraries, kept in the target directory.
pub(super) fn memo(workspace: &cargo::Workspace) -> Memo {
    Memo::open(build_dir(workspace).join("helper-inline-digests"))
}

/// Has cargo see what its time stamps do not show, for each target and kernel. Several at
/// once, because clang is asked for its arguments for each. Returns the inputs that build
/// scripts are run again for.
pub(super) fn renew_all(
    memo: &Memo,
    workspace: &cargo::Workspace,
    places: &[(&String, Option<KernelDir>)],
) -> Result<Vec<Vec<PathBuf>>> {
    let dir = &build_dir(workspace);
    std::thread::scope(|scope| {
        let all: Vec<_> = places
            .iter()
            .map(|(target, kernel)| scope.spawn(|| renew(memo, dir, target, kernel.as_ref())))
            .collect();
        let ended = all.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended
            .map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Has cargo run the build scripts again whose inputs have changed. Returns the first
/// input that each of them is run for.
fn renew(
    memo: &Memo,
    build_dir: &Path,
    target: &str,
    kernel: Option<&KernelDir>,
) -> Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for dir in script_dirs(&build_dir.join(target)) {
        // What is damaged or of another version is made anew too.
        let Ok(recorded) = Recorded::read(&dir) else {
            let _ = std::fs::remove_file(dir.join(FILE_NAME));
            continue;
        };
        if !recorded.is_for(kernel.map(KernelDir::path)) {
            continue;
        }
        if let Some(path) = recorded.changed(memo)? {
            recorded.forget()?;
            changed.push(path);
        }
    }
    Ok(changed)
}

/// The directories below cargo's for a target in which build scripts have left a list:
/// `<profile>/build/<package>-<hash>/out` or, later, `<profile>/build/<package>/<hash>/out`.
fn script_dirs(dir: &Path) -> Vec<PathBuf> {
    let profiles = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let builds = profiles.map(|profile| profile.path().join("build"));
    let entries = builds.flat_map(|build| {
        let walk = WalkDir::new(build).min_depth(2).max_depth(3);
        // A build script's own directory may hold a whole library's sources.
        let walk = walk.into_iter().filter_entry(|entry| {
            let parent = entry.path().parent().and_then(Path::file_name);
            parent.is_none_or(|name| name != "out") && entry.file_type().is_dir()
        });
        walk.filter_map(std::result::Result::ok)
    });
    entries
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.ends_with("out") && path.join(FILE_NAME).is_file())
        .collect()
}

/// Lists of what the helpers were made of.
fn recorded(manifests: &[Manifest]) -> impl Iterator<Item = Result<(&Manifest, Recorded)>> {
    manifests.iter().map(|manifest| {
        let dir = manifest.archive.parent().unwrap_or(Path::new("."));
        Ok((manifest, Recorded::read(dir)?))
    })
}

/// The contents of all inputs of helpers.
pub(super) fn contents(manifests: &[Manifest]) -> Result<Vec<String>> {
    recorded(manifests)
        .map(|recorded| Ok(recorded?.1.contents()))
        .collect()
}

/// Fails unless all inputs of helpers are still what they were when these were compiled.
/// Among them are the symbols and checksums that a module is packaged with.
pub(super) fn check(memo: &Memo, manifests: &[Manifest], options: &Options) -> Result<()> {
    let mut tools = Vec::new();
    for recorded in recorded(manifests) {
        let (manifest, recorded) = recorded?;
        if let Some(path) = recorded.changed(memo)? {
            return Err(Error::InputChanged {
                path,
                package: manifest.package.clone(),
                workspace: options.workspace.clone(),
            });
        }
        tools.extend(recorded.tools());
    }
    // So that the next run knows them should they be installed again.
    memo.digest_all(&tools);
    memo.write()
}
