//! Running the jobs of one thin link: from the cache what is there, and an error of this
//! program's own as the error that it was.
//!
//! Not here: tokens, the cache and places to run (`jobs`).

use crate::inputs::Memo;
use crate::jobs::{self, Batch, Cache, Distributor, Done, Job, Jobserver};
use crate::link::child;
use crate::{Error, Result, own_program};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many batches an unused output outlives. A link has about a dozen, and a workspace
/// may have several modules and kernels.
const KEPT: u64 = 500;

/// What runs the jobs of a thin link.
pub struct Runner<'a> {
    /// Where relative paths begin.
    pub(super) dir: PathBuf,
    /// What runs this program's own jobs.
    pub(super) program: PathBuf,
    /// The digests of libraries, for this program's own jobs: their answers are of those
    /// that they load.
    pub(super) memo: Memo,
    jobserver: &'a Jobserver,
    cache: Cache,
    interrupted: &'a dyn Fn() -> bool,
    /// Hears how many jobs of a batch are done, and how many must be.
    pub progress: &'a dyn Fn(usize, usize),
    /// What runs the back ends elsewhere, if anything does.
    pub distributor: Option<&'a Distributor>,
    /// The jobs that make the module, in an order in which they can be run.
    pub(super) recorded: RefCell<Vec<Job>>,
    /// What compilers and linkers printed though they did their work.
    pub(in crate::dist) printed: RefCell<Vec<String>>,
}

impl<'a> Runner<'a> {
    /// Runs jobs in `dir`, which stays between runs, with outputs kept in `cache`.
    ///
    /// # Errors
    /// [`Error::Io`] when the cache cannot be made, or this program's file is not found.
    pub fn new(
        dir: &Path,
        cache: &Path,
        jobserver: &'a Jobserver,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Result<Runner<'a>> {
        Ok(Runner {
            dir: dir.to_owned(),
            program: own_program::file(dir)?,
            memo: Memo::open(dir.join("digests")),
            jobserver,
            cache: Cache::open(cache)?.keep(KEPT),
            interrupted,
            progress: &|_, _| {},
            distributor: None,
            recorded: RefCell::default(),
            printed: RefCell::default(),
        })
    }

    /// Runs jobs that need nothing of each other, those of which something changed.
    pub(super) fn run(&self, jobs: Vec<Job>) -> Result<Vec<Done>> {
        self.recorded.borrow_mut().extend(jobs.iter().cloned());
        self.run_by(jobs, jobs::run)
    }

    /// The same for jobs that can run anywhere, which the distributor runs if there is
    /// one.
    pub(super) fn run_anywhere(&self, jobs: Vec<Job>) -> Result<Vec<Done>> {
        self.recorded.borrow_mut().extend(jobs.iter().cloned());
        match self.distributor {
            Some(distributor) => self.run_by(jobs, |batch, options| {
                jobs::distribute(batch, distributor, options)
            }),
            None => self.run_by(jobs, jobs::run),
        }
    }

    /// The same for jobs that explain a module and are no part of it.
    pub(super) fn explain(&self, jobs: Vec<Job>) -> Result<Vec<Done>> {
        self.run_by(jobs, jobs::run)
    }

    fn run_by(
        &self,
        jobs: Vec<Job>,
        run: impl FnOnce(&Batch, &jobs::Options) -> Result<Vec<Done>>,
    ) -> Result<Vec<Done>> {
        let batch = Batch::new(&self.dir, jobs);
        let mut options = jobs::Options::new(self.jobserver);
        options.cache = Some(&self.cache);
        options.interrupted = self.interrupted;
        options.progress = self.progress;
        let done = run(&batch, &options).map_err(|error| self.own_error(&batch.jobs, error))?;
        for (job, done) in batch.jobs.iter().zip(&done) {
            // What this program prints there is how far it is.
            if !is_own(job) && !done.printed.trim().is_empty() {
                self.printed.borrow_mut().push(done.printed.clone());
            }
        }
        Ok(done)
    }

    /// A job's error, or what this program itself failed of in it.
    fn own_error(&self, jobs: &[Job], error: Error) -> Error {
        let Error::Job {
            how,
            command,
            output,
            ..
        } = &error
        else {
            return error;
        };
        let own = jobs.iter().filter(|job| is_own(job));
        let Some(job) = own.into_iter().find(|job| job.command_line() == *command) else {
            return error;
        };
        let told = child::failure_of(how, output);
        // What LLVM ended is asked once more what it is at.
        told.or_else(|| {
            let mut again = Command::new(&job.args[0]);
            again.args(&job.args[1..]).arg(child::STAGES);
            let output = again.current_dir(&self.dir).output().ok()?;
            let mut printed = output.stdout;
            printed.extend(output.stderr);
            child::failure_of(
                &output.status.to_string(),
                &String::from_utf8_lossy(&printed),
            )
        })
        .unwrap_or(error)
    }
}

/// Whether a job is done by this program.
fn is_own(job: &Job) -> bool {
    job.args.get(1).is_some_and(|arg| arg == child::ARGUMENT)
}
