//! This workspace's own commands. It only dispatches; each command is one file.

mod bench;
mod boot;
mod browser;
mod fuzz;
mod helper_names;
mod needs;
mod release_check;
mod test;
mod versions;

use clap::{Parser, Subcommand};
use helper_inline_build::cli::{
    self, Front, apt, bootstrap, command, dist, failure, front, kernels,
};
use std::path::Path;
use std::process::ExitCode;

/// Builds, proves, boots and tests kernel modules whose C helpers are inlined
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Common(cli::Command),
    /// Load, exercise and unload the module in virtual machines
    Boot(boot::Args),
    /// Run every test, boots included
    Test(test::Args),
    /// Build random programs with helpers inlined and out of line, and compare
    Fuzz(fuzz::Args),
    /// Link every rustc with every clang, and write docs/versions.md anew
    Versions(versions::Args),
    /// Check what must hold before a version is published
    ReleaseCheck(release_check::Args),
    /// Measure, and write the tables of docs/bench anew
    Bench(bench::Args),
}

fn main() -> ExitCode {
    if let Some(code) = cli::dispatch() {
        return code;
    }
    front().set();
    cli::finish(match Cli::parse().command {
        Command::Common(command) => command.run(),
        Command::Boot(args) => boot::run(args),
        Command::Test(args) => test::run(args),
        Command::Fuzz(args) => fuzz::run(args),
        Command::Versions(args) => versions::run(args),
        Command::ReleaseCheck(args) => release_check::run(args),
        Command::Bench(args) => bench::run(args),
    })
}

/// These commands are this workspace's, wherever they are started.
fn front() -> Front {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Front {
        root: root.map(Path::to_owned),
        needs_of_tests: needs::of_tests,
        ..Front::xtask()
    }
}
