//! The linker's stand-in: rustc runs it, it puts the new objects in the place of
//! rustc's, and then runs the linker with the arguments that it was given.
//!
//! Not here: making objects (`unit`).

use super::crate_job::CrateJob;
use super::unit;
use crate::{Result, files, stand_in};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The variable with the crate's job.
const JOB: &str = "HELPER_INLINE_CRATE_JOB";

/// The directory, in that of the crate's outputs, with links to this program. Each
/// has the name of a linker, from which rustc concludes how to call it.
const DIR: &str = ".helper-inline";

/// The job of a process that rustc started as its linker. A process that only
/// inherited the variable is none.
pub(super) fn asked_for(program: &Path) -> Option<CrateJob> {
    let ours = stand_in::is_in(program, DIR);
    let job = std::env::var(JOB).ok().filter(|_| ours)?;
    serde_json::from_str(&job).ok()
}

/// Has rustc run the stand-in in the linker's place.
pub(super) fn use_stand_in(rustc: &mut Command, job: &CrateJob) -> Result<()> {
    let name = job.linker.file_name().unwrap_or_default();
    let dir = job.out_dir.join(DIR);
    let link = stand_in::link(&dir, name)?;
    let mut option = OsString::from("-Clinker=");
    option.push(&link);
    rustc.arg(option);
    rustc.env(
        JOB,
        serde_json::to_string(job).expect("a job is plain data"),
    );
    Ok(())
}

/// Does the stand-in's work.
pub(super) fn run(job: &CrateJob, arguments: Vec<OsString>) -> ExitCode {
    if let Err(error) = replace_objects(job) {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    let mut linker = Command::new(&job.linker);
    linker.args(arguments).env_remove(JOB);
    stand_in::run("linking", &mut linker)
}

fn replace_objects(job: &CrateJob) -> Result<()> {
    let mut objects = Vec::new();
    for path in objects_of(job)? {
        let content = files::read(&path)?;
        objects.push((path, content));
    }
    let done = unit::inline_all(job, &objects);
    for unit in &done {
        if let Some(object) = &unit.object {
            // By renaming: in an incremental build the old one is also rustc's.
            files::write(&job.out_dir.join(&unit.name), object)?;
        }
    }
    files::write(
        &job.told(),
        &serde_json::to_vec(&done).expect("units are plain data"),
    )
}

/// The crate's objects, which rustc leaves beside its outputs until it has linked.
fn objects_of(job: &CrateJob) -> Result<BTreeSet<PathBuf>> {
    let entries = std::fs::read_dir(&job.out_dir).map_err(files::io("read", &job.out_dir))?;
    let prefix = format!("{}.", job.stem);
    Ok(entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(".rcgu.o")
        })
        .map(|entry| entry.path())
        .collect())
}
