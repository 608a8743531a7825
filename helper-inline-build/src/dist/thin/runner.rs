//! Running the jobs of one thin link: from the cache what is there, and an error of this
//! program's own as the error that it was.
//!
//! Not here: tokens, the cache and places to run (`jobs`).

use crate::jobs::{self, Batch, Cache, Done, Job, Jobserver};
use crate::link::child;
use crate::{Error, Result};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// How many batches an unused output outlives. A link has about a dozen, and a workspace
/// may have several modules and kernels.
const KEPT: u64 = 500;

/// What runs jobs.
pub(in crate::dist) struct Runner<'a> {
    /// Where relative paths begin.
    pub dir: PathBuf,
    pub jobserver: &'a Jobserver,
    pub cache: Cache,
    pub interrupted: &'a dyn Fn() -> bool,
    /// What compilers and linkers printed though they did their work.
    pub printed: RefCell<Vec<String>>,
}

impl<'a> Runner<'a> {
    pub(in crate::dist) fn new(
        dir: &Path,
        cache: &Path,
        jobserver: &'a Jobserver,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Result<Runner<'a>> {
        Ok(Runner {
            dir: dir.to_owned(),
            jobserver,
            cache: Cache::open(cache)?.keep(KEPT),
            interrupted,
            printed: RefCell::default(),
        })
    }

    /// Runs jobs that need nothing of each other, those of which something changed.
    pub(super) fn run(&self, jobs: Vec<Job>) -> Result<Vec<Done>> {
        let batch = Batch::new(&self.dir, jobs);
        let mut options = jobs::Options::new(self.jobserver);
        options.cache = Some(&self.cache);
        options.interrupted = self.interrupted;
        let done = jobs::run(&batch, &options).map_err(own_error)?;
        for (job, done) in batch.jobs.iter().zip(&done) {
            // What this program prints there is how far it is.
            if !is_own(job) && !done.printed.trim().is_empty() {
                self.printed.borrow_mut().push(done.printed.clone());
            }
        }
        Ok(done)
    }
}

/// Whether a job is done by this program.
fn is_own(job: &Job) -> bool {
    job.args.get(1).is_some_and(|arg| arg == child::ARGUMENT)
}

/// A job's error, or what this program said that it failed of.
fn own_error(error: Error) -> Error {
    match &error {
        Error::Job { how, output, .. } => child::failure_of(how, output).unwrap_or(error),
        _ => error,
    }
}
