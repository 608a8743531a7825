//! `cargo helper-inline distribute`: a distributor that lld starts.
//!
//! Not here: the jobs (`jobs`).

use super::failure::Outcome;
use crate::jobs::{self, Cache, Distcc, Engine, Jobserver, Options};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// `cargo helper-inline distribute`
#[derive(Debug, clap::Args)]
pub struct Distribute {
    /// How many at once; when not given, as many as distcc's hosts take, or here as the
    /// jobserver of cargo or make says, or else as many as this machine runs threads
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Keep objects here, and compile only what has changed
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// How many links an object is kept for without being used
    #[arg(long, value_name = "N", default_value_t = 64, requires = "cache")]
    keep: u64,
    /// Where jobs run: here, or on distcc's hosts (DISTCC_HOSTS)
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t)]
    engine: Where,
    /// Show each command and what came of it
    #[arg(long, short)]
    verbose: bool,
    /// What lld wrote
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
}

/// `--engine`
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Where {
    #[default]
    Here,
    Distcc,
}

impl Distribute {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Without it a signal ends this program at once.
            let _ = signal_hook::flag::register(signal, Arc::clone(&interrupted));
        }
        let batch = jobs::read_dtlto(&self.file)?;
        let engine = match self.engine {
            Where::Here => Engine::Here,
            Where::Distcc => Engine::Distcc(Distcc::find()?),
        };
        let jobserver = match (self.jobs, &engine) {
            (Some(count), _) => Jobserver::new(count)?,
            // It is not this machine that is kept busy.
            (None, Engine::Distcc(distcc)) => Jobserver::new(distcc.slots()?)?,
            _ => Jobserver::from_env()?,
        };
        let cache = self.cache.map(Cache::open).transpose()?;
        let cache = cache.map(|cache| cache.keep(self.keep));
        let asked = || interrupted.load(Ordering::Relaxed);
        let mut options = Options::new(&jobserver);
        options.cache = cache.as_ref();
        options.engine = &engine;
        options.interrupted = &asked;
        let done = jobs::run(&batch, &options)?;
        for (job, done) in batch.jobs.iter().zip(done) {
            if self.verbose {
                let from = if done.from_cache { "cache" } else { "ran" };
                let command = job.command_line();
                eprintln!("{from} {} ms: {command}", done.milliseconds);
            }
            eprint!("{}", done.printed);
        }
        Ok(())
    }
}
