//! Objects kept from one incremental build to the next, by what they were made of.
//!
//! rustc hands an unchanged unit on without compiling it; so do we. Not here: when
//! builds are incremental.

use super::crate_job::CrateJob;
use super::helpers::Ready;
use crate::link::job::HelperOutcome;
use crate::{Result, files};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A unit's object and what is known of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The object is in a file of its own.
    #[serde(skip)]
    pub(super) object: Vec<u8>,
    pub(super) helpers: Vec<HelperOutcome>,
}

/// What a unit's object depends on.
pub(super) fn key(job: &CrateJob, bitcode: &[u8], helpers: &[&Ready]) -> String {
    let mut hash = Sha256::new();
    hash.update(bitcode);
    hash.update(format!("{:?} {}", job.level, job.debug));
    for ready in helpers {
        hash.update(&ready.key);
    }
    format!("{:x}", hash.finalize())
}

fn paths(dir: &Path, key: &str) -> (PathBuf, PathBuf) {
    (
        dir.join(format!("{key}.o")),
        dir.join(format!("{key}.json")),
    )
}

/// What was kept under a key.
pub(super) fn load(dir: &Path, key: &str) -> Option<Kept> {
    let (object, facts) = paths(dir, key);
    let mut kept: Kept = serde_json::from_slice(&files::read(&facts).ok()?).ok()?;
    kept.object = files::read(&object).ok()?;
    Some(kept)
}

/// Keeps an object.
pub(super) fn store(dir: &Path, key: &str, kept: &Kept) -> Result<()> {
    let (object, facts) = paths(dir, key);
    files::create_dir_all(dir)?;
    files::write(&object, &kept.object)?;
    // Last, so that what it stands for is there.
    files::write(
        &facts,
        &serde_json::to_vec(kept).expect("facts are plain data"),
    )
}

/// Removes all but what this build used.
pub(super) fn keep_only(dir: &Path, keys: &BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if !keys.contains(&*stem) {
            // A leftover does no harm.
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_does_not_use_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept {
            object: b"object".to_vec(),
            helpers: Vec::new(),
        };
        for key in ["a", "b"] {
            store(dir.path(), key, &kept).unwrap();
        }
        keep_only(dir.path(), &BTreeSet::from(["b".to_owned()]));
        assert!(load(dir.path(), "a").is_none());
        assert_eq!(load(dir.path(), "b").unwrap().object, b"object");
        // Half of it is nothing.
        std::fs::remove_file(dir.path().join("b.o")).unwrap();
        assert!(load(dir.path(), "b").is_none());
    }
}
