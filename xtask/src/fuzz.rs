//! `cargo xtask fuzz`: random helpers and callers, whose inlined and out-of-line
//! builds must print what an ordinary build prints.
//!
//! Here are the trials' number, order and bookkeeping. Not here: programs
//! (`program`) and trials (`trial`).

mod body;
mod callers;
mod model;
mod program;
pub mod tools;
mod trial;

use crate::command;
use crate::failure::{Failure, Outcome};
use anyhow::{Context as _, Result, anyhow};
use program::Program;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tools::{TARGETS, Tools};
use trial::{Trial, Verdict};

/// `cargo xtask fuzz`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many programs for each target
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// The first program's seed, the next ones count on from it; the time when
    /// not given
    #[arg(long)]
    seed: Option<u64>,
    /// A target; may be given several times. All when not given
    #[arg(long = "target", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    targets: Vec<String>,
    /// Give the link engine one wrong helper in each program; succeeds when every
    /// one of them is caught
    #[arg(long)]
    plant: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    command::catch_interrupts();
    let seed = args.seed.unwrap_or_else(now);
    let temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
    let chosen = |target: &&str| {
        args.targets.is_empty() || args.targets.iter().any(|chosen| chosen == target)
    };
    let mut tools = Vec::new();
    for target in TARGETS.into_iter().filter(chosen) {
        tools.push(Tools::find(target, temporary.path())?);
    }
    let keep = command::workspace_root().join("target/fuzz");
    let mut wrong = 0;
    for tools in &tools {
        println!("{}: {} programs from seed {seed}", tools.target, args.count);
        let campaign = Campaign {
            tools,
            dir: temporary.path(),
            keep: &keep,
            seed,
            args: &args,
            next: AtomicU64::new(0),
            totals: Mutex::default(),
        };
        wrong += campaign.run()?;
    }
    let all = args.count * tools.len() as u64;
    match (args.plant, wrong) {
        (false, 0) => Ok(()),
        (false, _) => Err(Failure::step(anyhow!(
            "{wrong} of {all} programs went wrong; they are in `{}`",
            keep.display()
        ))),
        (true, caught) if caught == all => Ok(()),
        (true, caught) => Err(Failure::step(anyhow!(
            "of {all} planted faults only {caught} were caught"
        ))),
    }
}

fn now() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_secs()
}

/// All programs of one target.
struct Campaign<'a> {
    tools: &'a Tools,
    dir: &'a Path,
    /// Where failed programs are kept.
    keep: &'a Path,
    seed: u64,
    args: &'a Args,
    next: AtomicU64,
    totals: Mutex<Totals>,
}

#[derive(Default)]
struct Totals {
    programs: u64,
    wrong: u64,
    helpers: u64,
    written_calls: u64,
    call_sites: u64,
    inlined: u64,
    stayed: BTreeMap<&'static str, u64>,
}

impl Campaign<'_> {
    /// Runs them, as many at once as there are processors; returns how many went
    /// wrong.
    fn run(&self) -> Result<u64> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.work())).collect();
            workers.into_iter().try_for_each(|worker| {
                let panicked = |_| Err(anyhow!("a trial panicked"));
                worker.join().unwrap_or_else(panicked)
            })
        })?;
        let totals = self.totals.lock().expect("no trial panicked");
        println!(
            "{}: {} programs, {} wrong; {} helpers called at {} sites ({} written in Rust), \
             {} inlined",
            self.tools.target,
            totals.programs,
            totals.wrong,
            totals.helpers,
            totals.call_sites,
            totals.written_calls,
            totals.inlined
        );
        for (cause, calls) in &totals.stayed {
            println!("  {calls} stayed: {cause}");
        }
        Ok(totals.wrong)
    }

    fn work(&self) -> Result<()> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.args.count {
                return Ok(());
            }
            command::check_interrupt()?;
            let program = Program::new(self.seed.wrapping_add(number));
            let dir = tempfile::tempdir_in(self.dir).context("cannot make a directory")?;
            let trial = Trial::new(self.tools, &program, dir.path(), self.args.plant);
            let verdict = trial.run()?;
            if verdict.wrong.is_some() && !self.args.plant {
                self.keep(&program, &verdict, dir.path())?;
            }
            self.count(&program, verdict);
        }
    }

    fn count(&self, program: &Program, verdict: Verdict) {
        let mut totals = self.totals.lock().expect("no trial panicked");
        totals.programs += 1;
        // A planted fault is caught when outputs differ, and by nothing else.
        totals.wrong += u64::from(match (&verdict.wrong, self.args.plant) {
            (None, _) => false,
            (Some(_), false) => true,
            (Some(why), true) => why.contains("prints something else"),
        });
        totals.helpers += verdict.helpers;
        totals.written_calls += program.calls as u64;
        totals.call_sites += verdict.call_sites;
        totals.inlined += verdict.inlined;
        for (cause, calls) in verdict.stayed {
            *totals.stayed.entry(cause).or_default() += calls;
        }
        if totals.programs % 100 == 0 {
            println!("  {} done, {} wrong", totals.programs, totals.wrong);
        }
    }

    /// Moves a failed program to where it survives, and says how to see it again.
    fn keep(&self, program: &Program, verdict: &Verdict, dir: &Path) -> Result<()> {
        let arch = self.tools.target.split('-').next().unwrap_or_default();
        let number = program.seed.wrapping_sub(self.seed);
        let kept = self.keep.join(format!("{}-{number}-{arch}", self.seed));
        replace(dir, &kept)?;
        let wrong = verdict.wrong.as_deref().unwrap_or_default();
        eprintln!(
            "wrong: {wrong}\n  kept in `{}`; again: cargo xtask fuzz --count 1 --seed {} --target {}",
            kept.display(),
            program.seed,
            self.tools.target
        );
        Ok(())
    }
}

/// Copies a directory's files to a place that may hold older ones. The temporary
/// directory can be on another file system.
fn replace(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| format!("cannot remove `{}`", to.display()))?;
    }
    std::fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
    let files = from
        .read_dir()
        .with_context(|| format!("cannot read `{}`", from.display()))?;
    for file in files {
        let file = file.context("cannot read a directory")?;
        std::fs::copy(file.path(), to.join(file.file_name()))
            .with_context(|| format!("cannot copy to `{}`", to.display()))?;
    }
    Ok(())
}
