//! Jobs on the machines that the user's distcc knows.
//!
//! distcc takes one preprocessed source to another machine and brings one object back.
//! So the source is a bundle of a job with all that it reads, the compiler is this
//! program under the name [`NAME`], and the object is a bundle of what the job made.
//! What is sent is a job's own command line, with the same relative paths on every
//! machine. Not here: which machines there are, which is distcc's affair.

mod arguments;
mod bundle;
mod server;
#[cfg(test)]
mod tests;

pub use server::dispatch;

use super::Job;
use super::engine::{here, show};
use super::key::{find, version};
use super::place::Place;
use super::process::{Ended, Running};
use crate::{Error, Result, command, files};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex, PoisonError};
use tempfile::TempDir;

/// What distcc and its servers call the program that runs a job.
pub const NAME: &str = "helper-inline-job";

/// The user's distcc. Its hosts are those of `DISTCC_HOSTS` and the like.
///
/// ```no_run
/// use helper_inline_build::jobs::{Distcc, Engine, Jobserver, Options};
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let distcc = Distcc::find()?;
/// let pool = Jobserver::new(distcc.slots()?)?;
/// let engine = Engine::Distcc(distcc);
/// let mut options = Options::new(&pool);
/// options.engine = &engine;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Distcc {
    /// Has this program under its other name, for when distcc runs a job here after all.
    links: TempDir,
    /// What compilers say of themselves, by their name in jobs.
    versions: Mutex<HashMap<String, (PathBuf, String)>>,
    local: Slots,
}

/// How many jobs that cannot be sent may still run here.
#[derive(Debug)]
struct Slots(Mutex<usize>, Condvar);

impl Distcc {
    /// Finds distcc. The program that uses this calls [`dispatch`] first thing in `main`.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is no distcc, [`Error::Io`] when the disk is full.
    pub fn find() -> Result<Distcc> {
        if find("distcc", Path::new("/")).is_err() {
            return Err(Error::Usage {
                message: "no `distcc` on PATH: install it (`apt-get install distcc`), or run jobs \
                          here alone (`--engine here`)"
                    .into(),
            });
        }
        let failed = |error| files::io("write", &std::env::temp_dir())(error);
        let links = TempDir::new().map_err(failed)?;
        // Whatever it is called, and also when the file has been replaced meanwhile.
        let this = format!("/proc/{}/exe", std::process::id());
        std::os::unix::fs::symlink(this, links.path().join(NAME)).map_err(failed)?;
        let local = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Ok(Distcc {
            links,
            versions: Mutex::default(),
            local: Slots(Mutex::new(local), Condvar::new()),
        })
    }

    /// How many jobs its hosts take at once, which is how many tokens a
    /// [`super::Jobserver`] should have: there is little to do here.
    ///
    /// # Errors
    /// [`Error::Command`] when distcc has no hosts.
    pub fn slots(&self) -> Result<NonZeroUsize> {
        let output = command::run(
            "asking distcc for its hosts",
            Command::new("distcc").arg("-j"),
        )?;
        let text = String::from_utf8_lossy(&output.stdout);
        // It says 0 when all are unknown.
        Ok(text.trim().parse().unwrap_or(NonZeroUsize::MIN))
    }

    /// Has distcc run a job. One that another machine must not or cannot run is run here,
    /// and what it printed says so.
    pub(super) fn run(&self, job: &Job, place: &Place, running: &Running) -> Result<Ended> {
        let Some(scratch) = place.scratch() else {
            return self.run_here(job, place, running, "it names absolute paths");
        };
        if let Err(why) = arguments::check(job) {
            return self.run_here(job, place, running, &why);
        }
        let (compiler, version) = self.version(&job.args[0], place.home)?;
        let packed = bundle::pack(job, &version, &place.outer, &place.dir)?;
        let stem = job.outputs[0].file_stem().unwrap_or_default();
        let stem = stem
            .to_string_lossy()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        // distcc logs it; a suffix that it takes for a preprocessed source.
        let sent = scratch.join(format!("{stem}.i"));
        let brought = scratch.join(format!("{stem}.o"));
        files::write(&sent, &packed)?;
        let mut distcc = Command::new("distcc");
        distcc
            .arg(NAME)
            .arg("-c")
            .arg(sent.file_name().unwrap_or_default());
        distcc
            .arg("-o")
            .arg(brought.file_name().unwrap_or_default());
        distcc.current_dir(scratch);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path =
            std::iter::once(self.links.path().to_owned()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(path).map_err(|error| Error::InvalidPath {
            path: self.links.path().to_owned(),
            reason: error.to_string(),
        })?;
        distcc.env("PATH", path).env(server::COMPILER, compiler);
        show(job, place.home);
        let ended = running
            .run(&mut distcc)
            .map_err(|error| command::start_error("sending a job", &distcc, &error))?;
        if ended.status.success() {
            bundle::unpack_outputs(job, &brought, &place.dir)?;
        }
        Ok(ended)
    }

    fn run_here(&self, job: &Job, place: &Place, running: &Running, why: &str) -> Result<Ended> {
        let _slot = self.local.take();
        let mut ended = here(job, place, running)?;
        let output = job.outputs[0].display();
        let note = format!("note: `{output}` was made here, not by distcc: {why}\n");
        ended.printed.insert_str(0, &note);
        Ok(ended)
    }

    /// A job's compiler, and what it says of itself.
    fn version(&self, name: &str, dir: &Path) -> Result<(PathBuf, String)> {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = versions.get(name) {
            return Ok(known.clone());
        }
        // Absolute, for it is run elsewhere.
        let path = std::path::absolute(find(name, dir)?).map_err(files::io("read", dir))?;
        let version = version(&path);
        let known = (path, version);
        versions.insert(name.to_owned(), known.clone());
        Ok(known)
    }
}

impl Slots {
    /// Waits for one.
    fn take(&self) -> Slot<'_> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.1.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Slot(self)
    }
}

/// Given back when dropped.
struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.1.notify_one();
    }
}
