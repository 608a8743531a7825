//! This workspace's own commands. It only dispatches; each command is one file.

mod apt;
mod bench;
mod boot;
mod bootstrap;
mod command;
mod dist;
mod doctor;
mod failure;
mod fuzz;
mod kernels;
mod needs;
mod rustup;
mod test;
mod versions;

use clap::{Parser, Subcommand};
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
    /// Build the module, inline its helpers, prove it and package it
    Dist(dist::Args),
    /// Fetch or list kernels to build for
    Kernels(kernels::Args),
    /// Load, exercise and unload the module in virtual machines
    Boot(boot::Args),
    /// Run every test, boots included
    Test(test::Args),
    /// Build random programs with helpers inlined and out of line, and compare
    Fuzz(fuzz::Args),
    /// Link every rustc with every clang, and write docs/versions.md anew
    Versions(versions::Args),
    /// Measure, and write the tables of docs/bench anew
    Bench(bench::Args),
    /// Show what dist needs and what is missing
    Doctor(doctor::Args),
}

fn main() -> ExitCode {
    // Linking runs this program again; see `helper_inline_build::dist`. So does distcc,
    // where it runs a job here after all; see `helper_inline_build::jobs`.
    let other = helper_inline_build::dist::dispatch().or_else(helper_inline_build::jobs::dispatch);
    if let Some(code) = other {
        return code;
    }
    let outcome = match Cli::parse().command {
        Command::Dist(args) => dist::run(args),
        Command::Kernels(args) => kernels::run(args),
        Command::Boot(args) => boot::run(args),
        Command::Test(args) => test::run(args),
        Command::Fuzz(args) => fuzz::run(args),
        Command::Versions(args) => versions::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Doctor(args) => doctor::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure:#}");
            ExitCode::from(failure.code())
        }
    }
}
