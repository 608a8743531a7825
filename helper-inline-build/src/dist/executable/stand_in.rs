//! The programs that cargo and rustc start while `dist` has them build executables:
//! this one, in rustc's and in the linker's place.
//!
//! As rustc it only sees to it that a program is linked by the linker's stand-in. As
//! the linker it links, and notes how. Not here: what the note says (`note`).

use super::line::Made;
use super::note::note;
use crate::invocation::Invocation;
use crate::manifest::{FILE_NAME, Manifest};
use crate::prove::equal_symbols::check_equal;
use crate::stand_in::{self, DEFAULT_LINKER};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The directories with links to this program, by which it knows what it stands in
/// for.
const COMPILERS: &str = ".helper-inline-rustc";
const LINKERS: &str = ".helper-inline-linker";

/// The variables with what rustc's and the linker's stand-in are asked for.
const REQUEST: &str = "HELPER_INLINE_DIST_PROGRAMS";
const LINK: &str = "HELPER_INLINE_DIST_LINK";

/// Cargo's variable for what runs rustc on the workspace's own packages. Another
/// wrapper, `sccache` say, stays in `RUSTC_WRAPPER`.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What rustc's stand-in is asked for.
#[derive(Serialize, Deserialize)]
struct Request {
    /// Programs for this target are meant: build scripts are none.
    target: String,
    /// Where notes of links go.
    notes: PathBuf,
    /// Where links to this program go.
    home: PathBuf,
    /// Whether debug sections are kept.
    debug: bool,
    /// The user's own wrapper.
    next: Option<PathBuf>,
}

/// What the linker's stand-in is asked for.
#[derive(Serialize, Deserialize)]
struct Link {
    linker: PathBuf,
    notes: PathBuf,
    made: Made,
}

/// Has cargo note how it links programs.
pub(in crate::dist) fn use_in(
    cargo: &mut Command,
    build_dir: &Path,
    target: &str,
    debug: bool,
) -> Result<()> {
    let wrapper = stand_in::link(&build_dir.join(COMPILERS), OsStr::new("rustc"))?;
    let request = Request {
        target: target.to_owned(),
        notes: notes(build_dir, target),
        home: build_dir.to_owned(),
        debug,
        next: std::env::var_os(WRAPPER)
            .filter(|next| !next.is_empty())
            .map(PathBuf::from),
    };
    cargo.env(WRAPPER, wrapper);
    cargo.env(
        REQUEST,
        serde_json::to_string(&request).expect("a request is plain data"),
    );
    Ok(())
}

/// Where the notes of a target's links are.
pub(in crate::dist) fn notes(build_dir: &Path, target: &str) -> PathBuf {
    build_dir.join(target).join(".helper-inline-links")
}

/// Does what cargo or rustc started this process for.
pub(in crate::dist) fn dispatch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next()?);
    if stand_in::is_in(&program, COMPILERS) {
        return Some(compile(arguments.next()?, &arguments.collect::<Vec<_>>()));
    }
    if stand_in::is_in(&program, LINKERS) {
        let link: Link = requested(LINK)?;
        return Some(link_and_note(&link, arguments.collect()));
    }
    None
}

fn requested<T: serde::de::DeserializeOwned>(variable: &str) -> Option<T> {
    serde_json::from_str(&std::env::var(variable).ok()?).ok()
}

/// Runs rustc.
fn compile(rustc: OsString, arguments: &[OsString]) -> ExitCode {
    let request: Option<Request> = requested(REQUEST);
    let next = request.as_ref().and_then(|request| request.next.clone());
    let mut command = match next {
        Some(next) => {
            let mut command = Command::new(next);
            command.arg(rustc);
            command
        }
        None => Command::new(rustc),
    };
    command.args(arguments);
    let invocation = Invocation::parse(arguments);
    if let Some(request) = request {
        if let Err(error) = have_noted(&mut command, &invocation, request) {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    stand_in::replace("running rustc", &mut command)
}

/// Puts the linker's stand-in into a command that links a program of the target.
fn have_noted(command: &mut Command, invocation: &Invocation, request: Request) -> Result<()> {
    let is_meant = invocation.makes(&["bin"])
        && !invocation.is_test
        && invocation.target.as_deref() == Some(&request.target)
        && invocation.emit.iter().any(|kind| kind == "link");
    let (true, Some(out_dir)) = (is_meant, &invocation.out_dir) else {
        return Ok(());
    };
    // The linker would say so too, in its own words.
    let dirs = invocation.native_dirs.iter().map(|dir| dir.join(FILE_NAME));
    let manifests = dirs.filter(|path| path.is_file());
    let manifests: Vec<Manifest> = manifests
        .map(|p| Manifest::read(&p))
        .collect::<Result<_>>()?;
    check_equal(&manifests)?;
    let linker = invocation
        .linker
        .clone()
        .unwrap_or_else(|| DEFAULT_LINKER.into());
    let name = linker.file_name().unwrap_or_default();
    let mut option = OsString::from("-Clinker=");
    option.push(stand_in::link(&request.home.join(LINKERS), name)?);
    command.arg(option);
    match request.debug {
        true => {
            command.arg("-Cstrip=none");
        }
        // What the profile strips beside is its to say.
        false if !invocation.has_strip => {
            command.arg("-Cstrip=debuginfo");
        }
        false => {}
    }
    let stem = invocation.stem();
    let link = Link {
        linker,
        notes: request.notes,
        made: Made {
            bitcode: out_dir.join(format!("{stem}.bc")),
            program: out_dir.join(&stem),
            name: invocation.crate_name.clone(),
            stem,
        },
    };
    command.env_remove(REQUEST);
    command.env(
        LINK,
        serde_json::to_string(&link).expect("a request is plain data"),
    );
    Ok(())
}

/// Links, and notes how.
fn link_and_note(link: &Link, arguments: Vec<OsString>) -> ExitCode {
    let mut linker = Command::new(&link.linker);
    linker.args(&arguments).env_remove(LINK);
    let status = match linker.status() {
        Ok(status) => status,
        Err(error) => return stand_in::start_failed("linking", &linker, &error),
    };
    if !status.success() {
        return stand_in::code_of(status);
    }
    let noted = texts(arguments)
        .and_then(|arguments| note(&link.notes, &link.linker, &link.made, arguments));
    match noted {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn texts(arguments: Vec<OsString>) -> Result<Vec<String>> {
    let text = |argument: OsString| {
        argument
            .into_string()
            .map_err(|argument| Error::InvalidPath {
                path: argument.into(),
                reason: "it is an argument of the linker and no UTF-8; rename it".into(),
            })
    };
    arguments.into_iter().map(text).collect()
}
