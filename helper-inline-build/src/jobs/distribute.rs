//! Has a distributor that was written for lld run a batch.
//!
//! Not here: the JSON that it is given (`dtlto`), or being a distributor.

use super::place::{create_parents, remove};
use super::process::{Running, Stop, TICK};
use super::run::{Pending, Results};
use super::{Batch, Done, Job, Options, dtlto};
use crate::{Error, Result, command, files};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A program that runs the jobs of a JSON file, wherever it likes. lld starts the same
/// ones (`--thinlto-distributor`).
///
/// ```
/// let distributor = helper_inline_build::jobs::Distributor {
///     program: "/opt/farm/distribute".into(),
///     args: vec!["--queue=fast".into()],
/// };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributor {
    /// Its path, or its name on PATH.
    pub program: PathBuf,
    /// Its arguments. The path of the JSON comes after them.
    pub args: Vec<String>,
}

/// Has a distributor run the jobs that the cache does not have. It runs in the batch's
/// directory. The time of each job that ran is that of all.
///
/// # Errors
/// Those of [`super::run`], and [`Error::Command`] when the distributor fails, with what
/// it printed. Then none of its jobs leaves an output.
pub fn distribute(
    batch: &Batch,
    distributor: &Distributor,
    options: &Options,
) -> Result<Vec<Done>> {
    Pending::find(batch, options)?.finish(options, |work| {
        let started = Instant::now();
        let jobs: Vec<&Job> = work.iter().map(|work| work.job).collect();
        let home = &work[0].home;
        for output in outputs(&jobs, home) {
            create_parents(&output)?;
            remove(&output)?;
        }
        let printed = start(batch, distributor, options, &jobs, home);
        let printed = printed.and_then(|printed| {
            check(&jobs, home, distributor, &printed)?;
            Ok(printed)
        });
        if printed.is_err() {
            for output in outputs(&jobs, home) {
                // What cannot be removed now is removed before it is made again.
                let _ = remove(&output);
            }
        }
        let mut printed = printed?;
        let mut results = Results::new();
        for work in work {
            work.keep()?;
            // Once, with the first.
            let done = Done::new(false, started, std::mem::take(&mut printed));
            results.insert(work.index, Ok(done));
        }
        Ok(results)
    })
}

fn outputs<'a>(jobs: &'a [&'a Job], home: &'a Path) -> impl Iterator<Item = PathBuf> {
    let outputs = jobs.iter().flat_map(|job| &job.outputs);
    outputs.map(|output| home.join(output))
}

/// Runs the distributor, and gives what it printed.
fn start(
    batch: &Batch,
    distributor: &Distributor,
    options: &Options,
    jobs: &[&Job],
    home: &Path,
) -> Result<String> {
    let text = dtlto::write(batch, jobs)?;
    let shown = command::are_shown().then_some(".shown-jobs");
    let scratch = files::work_dir(home, ".jobs-", shown)?;
    let json = scratch.path().join(dtlto::name(batch));
    files::write(&json, text.as_bytes())?;
    let mut command = Command::new(&distributor.program);
    command.args(&distributor.args).arg(&json);
    command.current_dir(home);
    let line = command::line(&command);
    command::show(&command);
    // Ours, for instance, takes part.
    options.jobserver.configure(&mut command);
    let what = "distributing jobs";
    let running = Running::default();
    let mut stop = Stop::new(&running, options.interrupted);
    let ended = std::thread::scope(|scope| {
        let ended = scope.spawn(|| running.run(&mut command));
        while !ended.is_finished() {
            std::thread::sleep(TICK);
            stop.look();
        }
        ended.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    if stop.is_wanted() {
        return Err(Error::Interrupted);
    }
    let ended = ended.map_err(|error| command::start_error(what, &command, &error))?;
    if ended.status.success() {
        return Ok(ended.printed);
    }
    Err(Error::Command {
        what: what.to_owned(),
        command: line,
        status: ended.status.to_string(),
        output: ended.printed,
    })
}

/// Whether everything is there that it was to make.
fn check(jobs: &[&Job], home: &Path, distributor: &Distributor, printed: &str) -> Result<()> {
    for job in jobs {
        for output in &job.outputs {
            if !home.join(output).is_file() {
                let how = format!(
                    "`{}` ended well without making `{}`",
                    distributor.program.display(),
                    output.display()
                );
                return Err(job.error(home, how, printed.to_owned()));
            }
        }
    }
    Ok(())
}
