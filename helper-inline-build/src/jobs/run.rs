//! Runs a batch: from the cache what is there, the rest as tokens allow.
//!
//! Not here: one running command (`process`), and where it runs (`place`).

use super::key::Keys;
use super::place::Place;
use super::process::{Running, Stop, TICK};
use super::{Batch, Cache, Engine, Job, Jobserver, Token};
use crate::{Error, Result, files};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

/// How a batch is run.
#[non_exhaustive]
pub struct Options<'a> {
    /// How many jobs at once.
    pub jobserver: &'a Jobserver,
    /// Where outputs are kept from one batch to the next, if they are.
    pub cache: Option<&'a Cache>,
    /// Where jobs run.
    pub engine: &'a Engine,
    /// Whether the user asked to stop. It is asked often, on the thread that called
    /// [`run`]. Jobs are in process groups of their own, which the terminal's Ctrl-C does
    /// not reach.
    pub interrupted: &'a dyn Fn() -> bool,
    /// Hears on the same thread how many of the jobs that must be run are done, and how
    /// many there are, each time that one more is.
    pub progress: &'a dyn Fn(usize, usize),
}

impl<'a> Options<'a> {
    /// With this pool of tokens, without a cache, on this machine, never interrupted and
    /// heard by nobody.
    #[must_use]
    pub fn new(jobserver: &'a Jobserver) -> Options<'a> {
        Options {
            jobserver,
            cache: None,
            engine: &Engine::Here,
            interrupted: &|| false,
            progress: &|_, _| {},
        }
    }
}

/// What came of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// Whether the cache had its outputs, so that it was not run.
    pub from_cache: bool,
    /// How long it ran, or how long the cache took.
    pub milliseconds: u64,
    /// What it printed, at most 64 KiB: warnings.
    pub printed: String,
}

/// Runs jobs. The results are in the order of the jobs.
///
/// # Errors
/// [`Error::Job`] for a job that failed or did not make an output (of several the first);
/// those that ran beside it are finished, and no others are started. [`Error::Usage`]
/// for a batch that makes no sense, [`Error::Io`] where a file cannot be had or made,
/// [`Error::Interrupted`] when the user asked to stop, after all jobs have ended. A job
/// that failed or was stopped leaves no output.
///
/// ```
/// use helper_inline_build::jobs::{Batch, Job, Jobserver, Options, run};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("a"), "text")?;
/// let job = Job {
///     args: ["cp", "a", "b"].map(String::from).to_vec(),
///     inputs: vec!["a".into()],
///     outputs: vec!["b".into()],
/// };
/// let jobserver = Jobserver::from_env()?;
/// run(&Batch::new(dir.path(), vec![job]), &Options::new(&jobserver))?;
/// assert_eq!(std::fs::read_to_string(dir.path().join("b"))?, "text");
/// # Ok(())
/// # }
/// ```
pub fn run(batch: &Batch, options: &Options) -> Result<Vec<Done>> {
    Pending::find(batch, options)?.finish(options, |work| run_all(work, options))
}

/// A batch whose cached outputs are in their places.
pub(super) struct Pending<'a> {
    /// What must be run.
    work: Vec<Work<'a>>,
    /// What the cache had.
    results: Results,
    /// The batch's number in the cache.
    number: u64,
}

/// By the index of the job.
pub(super) type Results = BTreeMap<usize, Result<Done>>;

impl<'a> Pending<'a> {
    /// Checks the batch and looks into the cache.
    pub(super) fn find(batch: &'a Batch, options: &Options<'a>) -> Result<Pending<'a>> {
        batch.check()?;
        // Jobs run elsewhere, from where a relative path would lead elsewhere.
        let home = std::path::absolute(&batch.dir).map_err(files::io("read", &batch.dir))?;
        let home: Arc<Path> = home.into();
        let mut pending = Pending {
            work: Vec::new(),
            results: Results::new(),
            number: options.cache.map_or(Ok(0), Cache::begin)?,
        };
        let mut keys = Keys::new(batch);
        for (index, job) in batch.jobs.iter().enumerate() {
            if (options.interrupted)() {
                return Err(Error::Interrupted);
            }
            let mut kept = None;
            if let Some(cache) = options.cache {
                let started = Instant::now();
                let key = keys.of(index)?;
                if cache.fetch(&key, job, &home, pending.number)? {
                    let done = Done::new(true, started, String::new());
                    pending.results.insert(index, Ok(done));
                    continue;
                }
                kept = Some((cache, key, pending.number));
            }
            pending.work.push(Work {
                index,
                job,
                home: Arc::clone(&home),
                kept,
            });
        }
        Ok(pending)
    }

    /// Has what must be run be run, and gives all results.
    pub(super) fn finish(
        mut self,
        options: &Options,
        run: impl FnOnce(&[Work<'a>]) -> Result<Results>,
    ) -> Result<Vec<Done>> {
        if !self.work.is_empty() {
            self.results.extend(run(&self.work)?);
        }
        if let Some(cache) = options.cache {
            cache.sweep(self.number);
        }
        // Of several errors the first.
        self.results.into_values().collect()
    }
}

/// A job that must be run.
pub(super) struct Work<'a> {
    pub(super) index: usize,
    pub(super) job: &'a Job,
    /// The batch's directory.
    pub(super) home: Arc<Path>,
    /// The cache, the key, and the batch's number there.
    kept: Option<(&'a Cache, String, u64)>,
}

/// Runs what must be run, until it is done, one has failed or the user wants to stop.
fn run_all(work: &[Work], options: &Options) -> Result<Results> {
    let mut results = Results::new();
    let running = Running::default();
    let (sender, finished) = channel();
    let mut waiting = work.iter();
    let mut tokens: BTreeMap<usize, Token> = BTreeMap::new();
    let mut stop = Stop::new(&running, options.interrupted);
    let mut failed = false;
    std::thread::scope(|scope| {
        loop {
            let may_start = !failed && !stop.is_wanted();
            while may_start && !waiting.as_slice().is_empty() {
                let Some(token) = options.jobserver.try_acquire() else {
                    break;
                };
                let work = waiting.next().expect("it was not empty");
                tokens.insert(work.index, token);
                let (sender, running, engine) = (sender.clone(), &running, options.engine);
                scope.spawn(move || {
                    let outcome = catch_unwind(AssertUnwindSafe(|| work.execute(engine, running)));
                    let _ = sender.send((work.index, outcome));
                });
            }
            if tokens.is_empty() && (!may_start || waiting.as_slice().is_empty()) {
                break;
            }
            if let Ok((index, outcome)) = finished.recv_timeout(TICK) {
                tokens.remove(&index);
                // The others have their tokens until the scope has waited for them.
                let result = outcome.unwrap_or_else(|panic| resume_unwind(panic));
                failed |= result.is_err();
                results.insert(index, result);
                (options.progress)(results.len(), work.len());
            }
            stop.look();
        }
    });
    match stop.is_wanted() {
        true => Err(Error::Interrupted),
        false => Ok(results),
    }
}

impl Work<'_> {
    fn execute(&self, engine: &Engine, running: &Running) -> Result<Done> {
        let (job, home) = (self.job, &*self.home);
        let started = Instant::now();
        let place = Place::prepare(job, home)?;
        let ended = engine.run(job, &place, running)?;
        if !ended.status.success() {
            return Err(job.error(home, ended.status.to_string(), ended.printed));
        }
        if let Some(missing) = place.collect()? {
            let how = format!("it ended well without making `{}`", missing.display());
            return Err(job.error(home, how, ended.printed));
        }
        self.keep()?;
        Ok(Done::new(false, started, ended.printed))
    }

    /// Keeps the outputs, which are in their places, for later batches.
    pub(super) fn keep(&self) -> Result<()> {
        match &self.kept {
            Some((cache, key, batch)) => cache.store(key, self.job, &self.home, *batch),
            None => Ok(()),
        }
    }
}

impl Done {
    pub(super) fn new(from_cache: bool, started: Instant, printed: String) -> Done {
        Done {
            from_cache,
            milliseconds: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            printed,
        }
    }
}
