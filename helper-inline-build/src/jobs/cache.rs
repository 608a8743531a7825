//! Outputs kept by what they were made of.
//!
//! An entry is a directory that is made beside and renamed, with a digest of each file
//! in it: one that is damaged is as good as none. Not here: keys (`key`).

use super::Job;
use super::place::create_parents;
use crate::{Result, files};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// What names a digest of each output, in an entry.
const DIGESTS: &str = "digests.json";
/// The batch that an entry was last used by, in an entry; how many there were, in the
/// cache.
const LAST: &str = "last-batch";
/// What an unfinished entry's name begins with; the number of its batch comes next.
const PARTIAL: &str = ".partial-";
/// How many batches an entry outlives without being used.
const KEPT: u64 = 8;

/// A directory of outputs. Several programs may use one at once.
///
/// ```no_run
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let cache = helper_inline_build::jobs::Cache::open("target/job-cache")?.keep(64);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
    kept: u64,
}

#[derive(Serialize, Deserialize)]
struct Digests(Vec<String>);

impl Cache {
    /// Uses a directory as a cache, and makes it where it is not.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when it cannot be made.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Cache> {
        let dir = dir.into();
        files::create_dir_all(&dir)?;
        // Where relative paths begin is another matter for jobs.
        let dir = dir.canonicalize().map_err(files::io("read", &dir))?;
        Ok(Cache { dir, kept: KEPT })
    }

    /// Keeps what none of the last `batches` batches used for as long as that; 8 when
    /// not called. Give more where different programs' batches share it.
    #[must_use]
    pub fn keep(mut self, batches: u64) -> Cache {
        self.kept = batches;
        self
    }

    /// Begins a batch, and gives its number.
    pub(super) fn begin(&self) -> Result<u64> {
        let path = self.dir.join(LAST);
        let number = number(&path) + 1;
        files::write(&path, number.to_string().as_bytes())?;
        Ok(number)
    }

    /// Puts what is kept under a key in its place. Whether there was any.
    pub(super) fn fetch(&self, key: &str, job: &Job, home: &Path, batch: u64) -> Result<bool> {
        let entry = self.dir.join(key);
        let Some(contents) = load(&entry, job.outputs.len()) else {
            return Ok(false);
        };
        for (content, output) in contents.iter().zip(&job.outputs) {
            let output = home.join(output);
            create_parents(&output)?;
            files::write_if_changed(&output, content)?;
        }
        let last = entry.join(LAST);
        if number(&last) + self.grain() <= batch {
            // At worst it is made again.
            let _ = files::write(&last, batch.to_string().as_bytes());
        }
        Ok(true)
    }

    /// Keeps a job's outputs.
    pub(super) fn store(&self, key: &str, job: &Job, home: &Path, batch: u64) -> Result<()> {
        // By its name another batch sees that it is not old.
        let beside = tempfile::Builder::new()
            .prefix(&format!("{PARTIAL}{batch}-"))
            .tempdir_in(&self.dir)
            .map_err(files::io("write", &self.dir))?;
        let mut digests = Digests(Vec::new());
        for (index, output) in job.outputs.iter().enumerate() {
            let content = files::read(&home.join(output))?;
            digests.0.push(digest(&content));
            files::write(&beside.path().join(index.to_string()), &content)?;
        }
        let digests = serde_json::to_vec(&digests).expect("digests are plain data");
        files::write(&beside.path().join(DIGESTS), &digests)?;
        files::write(&beside.path().join(LAST), batch.to_string().as_bytes())?;
        let entry = self.dir.join(key);
        if std::fs::rename(beside.path(), &entry).is_ok() {
            // It is not there any more to be removed.
            let _ = beside.keep();
        } else if load(&entry, job.outputs.len()).is_none() {
            // One that is damaged makes room. At worst it is made again.
            let _ = std::fs::remove_dir_all(&entry);
            if std::fs::rename(beside.path(), &entry).is_ok() {
                let _ = beside.keep();
            }
        }
        Ok(())
    }

    /// How exactly it is noted when an entry was used, in batches: of hundreds of entries
    /// not each is written to in each batch, nor looked at.
    fn grain(&self) -> u64 {
        (self.kept / 8).max(1)
    }

    /// Removes what no recent batch used.
    pub(super) fn sweep(&self, batch: u64) {
        if batch % self.grain() != 0 {
            return;
        }
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name();
            let last = match name.to_string_lossy().strip_prefix(PARTIAL) {
                // What a store that was killed left, or one that is at work.
                Some(rest) => rest
                    .split('-')
                    .next()
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0),
                None => number(&path.join(LAST)),
            };
            if path.is_dir() && last + self.kept < batch {
                // A leftover does no harm.
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }
}

/// The files of an entry, when all are as they were stored.
fn load(entry: &Path, count: usize) -> Option<Vec<Vec<u8>>> {
    let digests = files::read(&entry.join(DIGESTS)).ok()?;
    let digests: Digests = serde_json::from_slice(&digests).ok()?;
    if digests.0.len() != count {
        return None;
    }
    let file = |(index, expected): (usize, &String)| {
        let content = files::read(&entry.join(index.to_string())).ok()?;
        (digest(&content) == *expected).then_some(content)
    };
    digests.0.iter().enumerate().map(file).collect()
}

fn digest(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))
}

/// A file's number, 0 where there is none.
fn number(path: &Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}
