//! The commands of `cargo helper-inline`, which a workspace's own `cargo xtask` has too.
//!
//! Arguments, the terminal, what the machine needs, kernels to build for and to boot. Not
//! here: the work (`dist`), nor any promise but [`main`] and [`Front`]: the rest is for the
//! programs of this repository and may change with every version.

#[doc(hidden)]
pub mod apt;
#[doc(hidden)]
pub mod boot;
#[doc(hidden)]
pub mod bootstrap;
#[doc(hidden)]
pub mod command;
mod completions;
#[doc(hidden)]
pub mod dist;
mod distribute;
#[doc(hidden)]
pub mod doctor;
mod explain;
#[doc(hidden)]
pub mod failure;
#[doc(hidden)]
pub mod front;
#[doc(hidden)]
pub mod kernels;
#[doc(hidden)]
pub mod needs;
mod new;
mod progress;
mod report;
#[doc(hidden)]
pub mod rustup;
#[doc(hidden)]
pub mod say;

pub use front::Front;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use failure::Outcome;
use std::process::ExitCode;

/// Inlines C helper functions into Rust
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Own,
}

/// Those of a program that has no others.
#[derive(Debug, Subcommand)]
enum Own {
    #[command(flatten)]
    Common(Command),
    /// Load and unload modules in virtual machines
    Boot(boot::Args),
}

/// What every such program can do.
#[doc(hidden)]
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new project: a kernel module, or bindings of a C library
    New(new::New),
    /// Build modules or programs, inline their helpers, prove it and package them
    Dist(dist::Args),
    /// Show what dist needs and what is missing
    Doctor(doctor::Args),
    /// Fetch or list kernels to build for
    Kernels(kernels::Args),
    /// Show which helpers were inlined in which crate of a cargo build, and why not
    Report(report::Report),
    /// Say what keeps a helper out of line, and how to mend it
    Explain(explain::Explain),
    /// Run the back ends of ThinLTO that lld describes (its --thinlto-distributor)
    Distribute(distribute::Distribute),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the manual page
    Man(completions::Man),
}

impl Command {
    /// Runs it.
    ///
    /// # Errors
    /// What the command failed of, with its exit code.
    pub fn run(self) -> Outcome {
        match self {
            Command::New(args) => args.run(),
            Command::Dist(args) => dist::run(args),
            Command::Doctor(args) => doctor::run(args),
            Command::Kernels(args) => kernels::run(args),
            Command::Report(args) => args.run(),
            Command::Explain(args) => args.run(),
            Command::Distribute(args) => args.run(),
            Command::Completions(args) => args.run(description()),
            Command::Man(args) => args.run(description()),
        }
    }
}

/// The commands as they are typed.
fn description() -> clap::Command {
    Cli::command().name(front::name()).bin_name(front::name())
}

/// Parses the program's arguments and does what they say; exit codes are 0 for done, 1 for
/// a helper that stayed out of line, 2 for wrong usage or a missing need, 3 for a failed
/// step.
///
/// The whole of a workspace's own task program:
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     helper_inline_build::cli::main(helper_inline_build::cli::Front::xtask())
/// }
/// ```
#[must_use]
pub fn main(front: Front) -> ExitCode {
    if let Some(code) = dispatch() {
        return code;
    }
    front.set();
    let mut words: Vec<_> = std::env::args_os().collect();
    // cargo gives its subcommand's name too.
    if words.get(1).is_some_and(|word| word == "helper-inline") {
        words.remove(1);
    }
    let parsed = description()
        .try_get_matches_from(words)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => finish(match cli.command {
            Own::Common(command) => command.run(),
            Own::Boot(args) => boot::run(&args),
        }),
        Err(error) => error.exit(),
    }
}

/// Does another process's work when this one was started for that, and returns its exit
/// code. Otherwise this process is for a person, and has colours if they want them.
///
/// One program has every role, and one name in `PATH`. A role is known by what nobody types,
/// and asked for in this order:
///
/// | role | known by |
/// |---|---|
/// | a part of a link | its first argument |
/// | rustc's or the linker's stand-in of `dist` | the directory of the link it was started by |
/// | the compiler of distcc's server | its name |
/// | the linker's stand-in of the wrapper | the directory of the link it was started by |
/// | the rustc wrapper | a compiler as its first argument |
///
/// The last comes last: `dist`'s stand-in for rustc has a compiler as its first argument too.
#[doc(hidden)]
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let done = crate::dist::dispatch()
        .or_else(crate::jobs::dispatch)
        .or_else(crate::rustc_wrapper::dispatch);
    if done.is_none() {
        say::follow_environment();
    }
    done
}

/// Says what failed.
#[doc(hidden)]
#[must_use]
pub fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::error(format_args!("{failure:#}"));
            ExitCode::from(failure.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_of_the_commands_is_whole() {
        description().debug_assert();
    }

    #[test]
    fn a_new_project_is_of_one_kind() {
        let parses = |words: &[&str]| {
            let words = ["x", "new", "disk"].iter().chain(words);
            Cli::try_parse_from(words).is_ok()
        };
        assert!(parses(&["--ffi"]) && parses(&["--kernel-module"]));
        assert!(!parses(&[]) && !parses(&["--ffi", "--kernel-module"]));
    }
}
