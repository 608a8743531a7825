//! The helpers that a crate can call: those that the build scripts of its
//! dependencies, or its own, have compiled.
//!
//! cargo hands every crate the output directories of all of them. Each crate's
//! helpers are made ready once, in a directory beside them. Not here: inlining.

use super::policy;
use crate::link::job::{HelperInput, PrepareJob};
use crate::link::{child, find_llvm_for};
use crate::manifest::{ClangInfo, FILE_NAME, Manifest};
use crate::tag::tag;
use crate::{Clang, Error, Policy, Result, Rustc, Version, files, own_program};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The helpers of one crate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Helpers {
    /// The crate.
    pub(super) package: String,
    /// The C symbols.
    pub(super) symbols: Vec<String>,
    /// What those that wrap something stand for.
    pub(super) names: BTreeMap<String, String>,
    /// The C names of those that have another symbol, by which they may be called too.
    pub(super) c_names: BTreeSet<String>,
    pub(super) policy: Policy,
    /// What is inlined, or why nothing of them is.
    pub(super) ready: std::result::Result<Ready, String>,
}

impl Helpers {
    /// Returns true for what a unit may call one of them by: its symbol, or its C name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.c_names.contains(name) || self.symbols.iter().any(|symbol| symbol == name)
    }
}

/// Helpers that were made ready.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ready {
    /// The libLLVM that links.
    pub(super) llvm: PathBuf,
    pub(super) input: HelperInput,
    /// The directory with the archive that goes with them.
    pub(super) dir: PathBuf,
    /// Says of what they were made.
    pub(super) key: String,
}

/// The note beside what was made ready.
#[derive(Serialize, Deserialize)]
struct Note {
    llvm: PathBuf,
    refused: Option<String>,
}

/// Finds the manifests in build scripts' directories.
pub(super) fn manifests(dirs: &[PathBuf]) -> Result<Vec<(PathBuf, Manifest)>> {
    let mut found: Vec<(PathBuf, Manifest)> = Vec::new();
    for dir in dirs {
        let path = dir.join(FILE_NAME);
        if path.is_file() && found.iter().all(|(known, _)| known != dir) {
            found.push((dir.clone(), Manifest::read(&path)?));
        }
    }
    Ok(found)
}

/// Makes the helpers of a manifest ready, unless they are.
pub(super) fn ready(dir: &Path, manifest: Manifest, rustc: &OsStr) -> Result<Helpers> {
    let policy = policy(manifest.policy)?;
    let ready = match prepare(dir, &manifest, rustc) {
        Ok(ready) => Ok(ready),
        // Refusals are findings: the helpers are called out of line, as without us.
        Err(error @ Error::Usage { .. }) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    Ok(Helpers {
        package: manifest.package,
        symbols: manifest.helpers,
        c_names: manifest.c_names.values().cloned().collect(),
        names: manifest
            .c_names
            .into_iter()
            .chain(manifest.wrapped)
            .collect(),
        policy,
        ready,
    })
}

fn prepare(dir: &Path, manifest: &Manifest, rustc: &OsStr) -> Result<Ready> {
    let (Some(mut input), Some(bitcode), Some(clang)) = (
        HelperInput::of(manifest),
        &manifest.bitcode,
        &manifest.clang,
    ) else {
        let reason = manifest.out_of_line.clone();
        return Err(Error::OutOfLine {
            reason: reason.unwrap_or_else(|| "there is no bitcode".to_owned()),
        });
    };
    let compiled = files::read(bitcode)?;
    let key = key(&compiled, manifest, rustc);
    let home = dir.join(format!("inline-{}", &key[..16]));
    let note = home.join("ready.json");
    input.bitcode = home.join("helpers.bc");
    let ready = |llvm: PathBuf| Ready {
        llvm,
        input: input.clone(),
        dir: home.clone(),
        key: key.clone(),
    };
    let known: Option<Note> = files::read(&note)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    let (llvm, refused) = match known {
        Some(Note { llvm, refused }) => (llvm, refused),
        None => {
            forget_others(dir, &home);
            files::create_dir_all(&home)?;
            let job = Making {
                home: &home,
                dir,
                clang,
                compiled: bitcode,
                archive: &manifest.archive,
                input: &input,
            };
            let (llvm, refused) = job.make(rustc)?;
            let note_text = Note { llvm, refused };
            let text = serde_json::to_vec(&note_text).expect("a note is plain data");
            // Last, so that what it stands for is there.
            files::write(&note, &text)?;
            (note_text.llvm, note_text.refused)
        }
    };
    match refused {
        None => Ok(ready(llvm)),
        Some(reason) => Err(Error::Link {
            input: manifest.package.clone(),
            reason,
        }),
    }
}

/// Helpers to be made ready.
struct Making<'a> {
    /// Where to.
    home: &'a Path,
    /// The build script's directory.
    dir: &'a Path,
    clang: &'a ClangInfo,
    compiled: &'a Path,
    archive: &'a Path,
    input: &'a HelperInput,
}

impl Making<'_> {
    /// Makes bitcode and archive. Returns the LLVM that did it, and why it could not
    /// be done, if so.
    fn make(&self, rustc: &OsStr) -> Result<(PathBuf, Option<String>)> {
        let rustc = Rustc::at(PathBuf::from(rustc))?;
        let clang = Clang {
            path: self.clang.path.clone(),
            version: Version::find(&self.clang.version).unwrap_or(rustc.llvm),
        };
        let llvm = find_llvm_for(&rustc, &clang)?.path;
        let object = self.home.join("helpers.o");
        let job = PrepareJob {
            llvm: llvm.clone(),
            helper: HelperInput {
                bitcode: self.compiled.to_owned(),
                ..self.input.clone()
            },
            tag: tag(&self.input.package, self.dir),
            bitcode: self.input.bitcode.clone(),
            object: object.clone(),
        };
        match child::prepare(&job) {
            Ok(()) => {}
            Err(Error::Link { reason, .. }) => return Ok((llvm, Some(reason))),
            Err(error) => return Err(error),
        }
        let name = self.archive.file_name().unwrap_or_default();
        let members = [("helpers.o".to_owned(), files::read(&object)?)];
        crate::archive::write(&self.home.join(name), members)?;
        Ok((llvm, None))
    }
}

fn key(bitcode: &[u8], manifest: &Manifest, rustc: &OsStr) -> String {
    let mut hash = Sha256::new();
    hash.update(bitcode);
    hash.update(serde_json::to_vec(manifest).expect("a manifest is plain data"));
    hash.update(own_program::content());
    hash.update(rustc.as_encoded_bytes());
    for variable in ["HELPER_INLINE_LLVM", "RUSTUP_TOOLCHAIN"] {
        let value = std::env::var_os(variable).unwrap_or_default();
        hash.update(value.as_encoded_bytes());
        hash.update([0]);
    }
    format!("{:x}", hash.finalize())
}

/// Removes what was made of earlier helpers.
fn forget_others(dir: &Path, home: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with("inline-");
        if is_ours && entry.path() != home {
            // A leftover does no harm.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
