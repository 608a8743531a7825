//! The compiler that distcc's servers run: it unpacks a job, runs it and packs what it
//! made.
//!
//! A job may come from anyone whom the server lets in. It gets a fresh directory, may
//! not name a file outside of it, and is run by the compiler that the server has been
//! told of, whatever its first word says. Not here: which options it may have
//! (`arguments`).

use super::super::engine::command;
use super::super::key::{find, version};
use super::super::place::{climbs, create_parents};
use super::bundle::{self, Sent};
use super::{NAME, arguments};
use crate::{Error, Result, files};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use tempfile::TempDir;

/// The variable with the one compiler that jobs are run by.
pub(super) const COMPILER: &str = "HELPER_INLINE_JOB_COMPILER";

/// Runs a job and returns its exit code, when distcc started this program under the
/// name [`NAME`]. Call it before anything else in `main`.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    if Path::new(&arguments.next()?).file_name()? != NAME {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    Some(match serve(&arguments, std::env::var_os(COMPILER)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {NAME}: {error}");
            ExitCode::from(error.exit_code())
        }
    })
}

pub(super) fn serve(arguments: &[OsString], configured: Option<OsString>) -> Result<ExitCode> {
    let [c, archive, o, result] = arguments else {
        return Err(wrong_use());
    };
    if c != "-c" || o != "-o" {
        return Err(wrong_use());
    }
    let root = TempDir::new().map_err(files::io("write", &std::env::temp_dir()))?;
    let (sent, dir) = bundle::unpack(archive.as_ref(), |sent| {
        let dir = dir(sent, root.path())?;
        files::create_dir_all(&dir)?;
        Ok(dir)
    })?;
    let job = sent.job();
    arguments::check(&job).map_err(refused)?;
    let compiler = compiler(&sent, configured)?;
    for output in &job.outputs {
        create_parents(&dir.join(output))?;
    }
    let mut command = command(&compiler, &job.args[1..], &dir);
    let status = command
        .status()
        .map_err(|error| crate::command::start_error("running a job", &command, &error))?;
    if !status.success() {
        // distcc runs it again where it came from, which then tells the cause.
        return Ok(ExitCode::from(
            status
                .code()
                .and_then(|code| code.try_into().ok())
                .unwrap_or(1),
        ));
    }
    let packed = bundle::pack_outputs(&job, &dir)?;
    files::write(result.as_ref(), &packed)?;
    Ok(ExitCode::SUCCESS)
}

fn wrong_use() -> Error {
    Error::Usage {
        message: "distcc starts this as `helper-inline-job -c JOB.i -o RESULT.o`; \
                  it is no command of its own"
            .into(),
    }
}

fn refused(why: impl std::fmt::Display) -> Error {
    Error::Usage {
        message: format!("the job that was sent is refused: {why}"),
    }
}

/// Where a job's paths begin, below `root`. None of them leads out of that.
fn dir(sent: &Sent, root: &Path) -> Result<PathBuf> {
    let mut dir = root.to_owned();
    for name in &sent.outer {
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(only)), None) if only == name.as_str() => dir.push(only),
            _ => return Err(refused(format_args!("`{name}` is no directory's name"))),
        }
    }
    for path in sent.inputs.iter().chain(&sent.outputs) {
        match climbs(Path::new(path)) {
            Some(above) if above <= sent.outer.len() => {}
            _ => return Err(refused(format_args!("`{path}` leads out of its directory"))),
        }
    }
    Ok(dir)
}

/// The compiler on this machine. It must be the one that the job was meant for, or what
/// it makes would depend on where it was made.
fn compiler(sent: &Sent, configured: Option<OsString>) -> Result<PathBuf> {
    let wanted = facts(sent, &sent.version);
    let is_wanted = |path: &PathBuf| facts(sent, &version(path)) == wanted;
    let first = sent.version.lines().next().unwrap_or_default();
    if let Some(path) = configured {
        let path = PathBuf::from(path);
        if !path.is_absolute() {
            return Err(Error::Usage {
                message: format!("{COMPILER} is `{}`: give it a whole path", path.display()),
            });
        }
        if is_wanted(&path) {
            return Ok(path);
        }
        return Err(refused(format_args!(
            "it is for `{first}`, and {COMPILER} is `{}`, `{}`",
            path.display(),
            version(&path).lines().next().unwrap_or_default()
        )));
    }
    if !first.contains("clang version ") {
        return Err(refused(format_args!(
            "it is for `{first}`, which is no clang; set {COMPILER} to that compiler"
        )));
    }
    let major: String = first
        .split("clang version ")
        .nth(1)
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let names = [format!("clang-{major}"), "clang".to_owned()];
    let found = names
        .iter()
        .filter_map(|name| find(name, Path::new("/")).ok());
    found.into_iter().find(is_wanted).ok_or_else(|| {
        refused(format_args!(
            "it is for `{first}`, and neither `clang-{major}` nor `clang` on PATH is that; \
             install it, or set {COMPILER} to its path"
        ))
    })
}

/// What of a compiler's account of itself tells what it makes.
fn facts<'a>(sent: &Sent, version: &'a str) -> Vec<&'a str> {
    let names_target = sent.args.iter().any(|word| word.starts_with("--target="));
    let matters = |line: &&str| {
        let is_default = names_target && line.starts_with("Target:");
        !is_default && !line.starts_with("InstalledDir:")
    };
    version.lines().filter(matters).collect()
}
