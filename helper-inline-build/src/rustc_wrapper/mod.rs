//! The rustc wrapper: helpers inlined in an ordinary `cargo build`.
//!
//! cargo runs it in rustc's place (`build.rustc-wrapper`). A crate that calls no
//! helper goes to rustc untouched. For the others rustc also writes bitcode; each
//! code-generation unit whose object calls a helper is lowered again with it inlined,
//! and takes the place of rustc's object: in a library once rustc is done, in
//! anything that is linked just before the linker runs. All else is rustc's own work,
//! incremental compilation and LTO included.
//!
//! Not here: what is done to a unit (`link::unit`).

mod cache;
mod crate_job;
mod diagnostic;
mod helpers;
mod linker;
mod record;
mod serve;
mod unit;
mod verdict;

pub use record::{FailedUnit, Left, Record, SUFFIX, Withheld};

use crate::invocation::Invocation;
use crate::own_program;
use crate::stand_in::{code_of, replace, start_failed};
use crate::{Policy, Result};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// The variable that names another wrapper, sccache for instance, which then runs
/// rustc.
const NEXT: &str = "HELPER_INLINE_RUSTC_WRAPPER";

/// What errors call it.
const RUNNING: &str = "running rustc";

/// Does rustc's or the linker's work and returns its exit code, when cargo or rustc
/// started this process for that. Call it first thing in `main`, after
/// [`child::dispatch`](crate::link::child::dispatch); in a program that calls
/// `dist` too, after its `dispatch`, whose stand-in for rustc looks like a wrapper here.
///
/// ```no_run
/// use helper_inline_build::{link::child, rustc_wrapper};
///
/// fn main() -> std::process::ExitCode {
///     let other = child::dispatch().or_else(rustc_wrapper::dispatch);
///     other.unwrap_or_else(|| {
///         eprintln!("this is a rustc wrapper: name it in `build.rustc-wrapper`");
///         std::process::ExitCode::from(2)
///     })
/// }
/// ```
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    if let Some(job) = linker::asked_for(Path::new(&program)) {
        return Some(linker::run(&job, arguments.collect()));
    }
    let rustc = arguments.next()?;
    is_compiler(Path::new(&rustc)).then(|| run(rustc, arguments.collect()))
}

/// Whether the first argument is what cargo gives a wrapper, and no subcommand.
fn is_compiler(program: &Path) -> bool {
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    name.contains("rustc") || name.contains("driver")
}

fn run(rustc: OsString, arguments: Vec<OsString>) -> ExitCode {
    let mut command = match std::env::var_os(NEXT).filter(|next| !next.is_empty()) {
        Some(next) => {
            let mut command = Command::new(next);
            command.arg(&rustc);
            command
        }
        None => Command::new(&rustc),
    };
    if arguments.len() == 1 && arguments[0] == "-vV" {
        return version(command.arg("-vV"));
    }
    // A workspace wrapper, such as clippy's, is given rustc as its first argument.
    let is_rustc = |first: &&OsString| is_compiler(Path::new(first));
    let (compiler, arguments) = match arguments.split_first().filter(|(f, _)| is_rustc(f)) {
        Some((behind, rest)) => {
            command.arg(behind);
            (behind, rest)
        }
        None => (&rustc, arguments.as_slice()),
    };
    let invocation = Invocation::parse(arguments);
    match serve::serve(&invocation, compiler, &mut command, arguments) {
        Ok(Some(code)) => code,
        Ok(None) => replace(RUNNING, command.args(arguments)),
        Err(error) => {
            diagnostic::error(&invocation, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Answers cargo's question for rustc's version, and says that we are there: cargo
/// then builds anew what it had built without us or by another build of us, and the other
/// way round.
fn version(command: &mut Command) -> ExitCode {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    match output {
        Ok(output) => {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            println!("helper-inline: {}", own_program::content());
            code_of(output.status)
        }
        Err(error) => start_failed(RUNNING, command, &error),
    }
}

/// What a helper that stays means, by the environment or its own build script.
fn policy(own: Option<Policy>) -> Result<Policy> {
    Ok(Policy::from_env()?.or(own).unwrap_or(Policy::Prefer))
}
