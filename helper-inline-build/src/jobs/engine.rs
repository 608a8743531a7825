//! What runs one job in its place.
//!
//! Not here: the place, and how many run at once (`run`).

use super::Job;
use super::distcc::Distcc;
use super::place::Place;
use super::process::{Ended, Running};
use crate::Result;
use crate::clang::defaults;
use std::path::Path;
use std::process::Command;

/// Where jobs run.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Engine {
    /// On this machine.
    #[default]
    Here,
    /// On those that the user's distcc knows.
    Distcc(Distcc),
}

/// A job's command, in this directory.
pub(super) fn command(program: &Path, args: &[String], dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    defaults::isolate(&mut command);
    command
}

impl Engine {
    /// Runs a job in its place. One that cannot be started is an error, one that failed
    /// is not.
    pub(super) fn run(&self, job: &Job, place: &Place, running: &Running) -> Result<Ended> {
        match self {
            Engine::Here => here(job, place, running),
            Engine::Distcc(distcc) => distcc.run(job, place, running),
        }
    }
}

/// Shows a job that is about to be run, if that was asked for: in the batch's directory,
/// which has the same files and keeps them when the job's place is gone.
pub(super) fn show(job: &Job, home: &Path) {
    crate::command::show(&command(job.args[0].as_ref(), &job.args[1..], home));
}

/// Runs a job on this machine.
pub(super) fn here(job: &Job, place: &Place, running: &Running) -> Result<Ended> {
    show(job, place.home);
    let mut command = command(job.args[0].as_ref(), &job.args[1..], &place.dir);
    running.run(&mut command).map_err(|error| {
        job.error(
            place.home,
            format!("cannot start it: {error}"),
            String::new(),
        )
    })
}
