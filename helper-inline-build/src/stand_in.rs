//! Standing in for a program of rustc's or cargo's: links to this program that have
//! the other's name, and becoming the other.
//!
//! Not here: what is done in its place.

use crate::{Error, Result, files, own_program};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

/// What rustc links by where nobody says otherwise, on the targets that are served.
pub(crate) const DEFAULT_LINKER: &str = "cc";

/// A link to this program in a directory, with a name that says what it stands in
/// for. rustc concludes from a linker's how to call it.
pub(crate) fn link(dir: &Path, name: &OsStr) -> Result<PathBuf> {
    let link = dir.join(name);
    let program = own_program::file(dir)?;
    if std::fs::read_link(&link).ok().as_deref() != Some(&program) {
        files::create_dir_all(dir)?;
        let beside = tempfile::tempdir_in(dir).map_err(files::io("write", dir))?;
        let new = beside.path().join(name);
        make_link(&program, &new).map_err(files::io("link", &new))?;
        std::fs::rename(&new, &link).map_err(files::io("write", &link))?;
    }
    Ok(link)
}

#[cfg(unix)]
fn make_link(program: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, link)
}

#[cfg(not(unix))]
fn make_link(program: &Path, link: &Path) -> std::io::Result<()> {
    std::fs::hard_link(program, link)
}

/// Whether a program was started by a link in a directory of this name.
pub(crate) fn is_in(program: &Path, dir: &str) -> bool {
    let parent = program.parent().and_then(Path::file_name);
    parent.is_some_and(|name| name == dir)
}

/// Becomes another program.
pub(crate) fn replace(what: &str, command: &mut Command) -> ExitCode {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        start_failed(what, command, &error)
    }
    #[cfg(not(unix))]
    run(what, command)
}

/// Runs another program to its end, with its exit code as ours.
#[cfg(any(feature = "wrapper", not(unix)))]
pub(crate) fn run(what: &str, command: &mut Command) -> ExitCode {
    match command.status() {
        Ok(status) => code_of(status),
        Err(error) => start_failed(what, command, &error),
    }
}

/// Says that another program could not be started.
pub(crate) fn start_failed(what: &str, command: &Command, error: &std::io::Error) -> ExitCode {
    let error: Error = crate::command::start_error(what, command, error);
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

/// A process's exit code as ours; that of one that a signal ended is a failure.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
