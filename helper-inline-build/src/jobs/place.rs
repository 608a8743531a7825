//! Where a job runs: a fresh directory that has what the job declares and nothing else.
//!
//! So what is not declared is not read, what a failed job leaves is never seen, and the
//! same command line runs on another machine. A job with absolute paths runs where it
//! is. Not here: running it.

use super::Job;
use crate::{Result, files};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// A job's place, which is gone when this is dropped.
pub(super) struct Place<'a> {
    job: &'a Job,
    /// The batch's directory.
    pub(super) home: &'a Path,
    /// Nothing for a job that runs where it is.
    scratch: Option<TempDir>,
    /// Where its command line is run.
    pub(super) dir: PathBuf,
    /// The names of that and the directories above it, as far as the job climbs.
    pub(super) outer: Vec<OsString>,
    done: bool,
}

/// How many directories a relative path climbs above where it begins. None for one that
/// is not relative.
pub(super) fn climbs(path: &Path) -> Option<usize> {
    let (mut depth, mut above) = (0_usize, 0);
    for component in path.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir => above += 1,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(above)
}

/// The names of the directories, from the outside in, that a job's `..` may lead
/// through: as many of the batch directory's last ones as it has `..` in front. None
/// when it has absolute paths, or climbs above the root.
fn outer_dirs(job: &Job, home: &Path) -> Option<Vec<OsString>> {
    let mut deepest = 0;
    for path in job.inputs.iter().chain(&job.outputs) {
        deepest = deepest.max(climbs(path)?);
    }
    if deepest == 0 {
        return Some(Vec::new());
    }
    let home = home.canonicalize().ok()?;
    let names: Vec<OsString> = home
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            _ => None,
        })
        .collect();
    let first = names.len().checked_sub(deepest)?;
    Some(names[first..].to_vec())
}

/// Makes the directories that a path goes through.
pub(super) fn create_parents(path: &Path) -> Result<()> {
    files::create_dir_all(path.parent().unwrap_or(Path::new(".")))
}

impl<'a> Place<'a> {
    /// Prepares a job's place. `home` is the batch's directory.
    pub(super) fn prepare(job: &'a Job, home: &'a Path) -> Result<Place<'a>> {
        for output in &job.outputs {
            let output = home.join(output);
            create_parents(&output)?;
            remove(&output)?;
        }
        let mut place = Place {
            job,
            home,
            scratch: None,
            dir: home.to_owned(),
            outer: Vec::new(),
            done: false,
        };
        if let Some(outer) = outer_dirs(job, home) {
            // Beside an output, for what is made is renamed to it.
            let beside = home.join(&job.outputs[0]);
            let beside = beside.parent().unwrap_or(home);
            let scratch = tempfile::Builder::new()
                .prefix(".job-")
                .tempdir_in(beside)
                .map_err(files::io("create directory", beside))?;
            let work = scratch.path().join("work");
            place.dir = outer.iter().fold(work, |dir, name| dir.join(name));
            place.outer = outer;
            place.scratch = Some(scratch);
            files::create_dir_all(&place.dir)?;
            place.furnish()?;
        }
        Ok(place)
    }

    /// A directory beside what the job sees. None for a job that runs where it is.
    pub(super) fn scratch(&self) -> Option<&Path> {
        self.scratch.as_ref().map(TempDir::path)
    }

    /// Links the inputs into the fresh directory.
    fn furnish(&self) -> Result<()> {
        for input in &self.job.inputs {
            let (from, to) = (self.home.join(input), self.dir.join(input));
            create_parents(&to)?;
            let from = from.canonicalize().map_err(files::io("read", &from))?;
            match std::os::unix::fs::symlink(&from, &to) {
                // One that is declared twice.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                other => other.map_err(files::io("write", &to))?,
            }
        }
        for output in &self.job.outputs {
            create_parents(&self.dir.join(output))?;
        }
        Ok(())
    }

    /// Puts the outputs where they belong. Call it for a job that ended well. Gives the
    /// output that it did not make, if there is one; then none is put anywhere.
    pub(super) fn collect(mut self) -> Result<Option<PathBuf>> {
        let made = |path: &&PathBuf| self.dir.join(path).is_file();
        if let Some(missing) = self.job.outputs.iter().find(|path| !made(path)) {
            return Ok(Some(missing.clone()));
        }
        if self.scratch.is_some() {
            for output in &self.job.outputs {
                put(&self.dir.join(output), &self.home.join(output))?;
            }
        }
        self.done = true;
        Ok(None)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.done {
            for output in &self.job.outputs {
                // What cannot be removed now is removed before it is made again.
                let _ = remove(&self.home.join(output));
            }
        }
    }
}

/// Moves a file, which may lead to another file system.
fn put(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            files::write(to, &files::read(from)?)
        }
        other => other.map_err(files::io("write", to)),
    }
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.map_err(files::io("remove", path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_climb_as_far_as_there_are_directories() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("a/b");
        std::fs::create_dir_all(&home).unwrap();
        let outer = |input: &str| {
            let job = Job {
                args: vec!["true".into()],
                inputs: vec![input.into()],
                outputs: vec!["made".into()],
            };
            outer_dirs(&job, &home)
        };
        assert_eq!(outer("x/../y").unwrap(), [""; 0]);
        assert_eq!(outer("../y").unwrap(), ["b"]);
        assert_eq!(outer("x/../../../y").unwrap(), ["a", "b"]);
        assert!(outer("/y").is_none());
        assert!(outer(&"../".repeat(99)).is_none());
    }
}
