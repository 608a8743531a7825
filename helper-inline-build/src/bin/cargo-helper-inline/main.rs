//! `cargo helper-inline`, and the rustc wrapper that inlines in a cargo build.
//!
//! Argument parsing over the library, nothing else.

mod distribute;

use clap::{Parser, Subcommand};
use helper_inline_build::{Error, cargo_report, dist, jobs, rustc_wrapper};
use std::path::Path;
use std::process::ExitCode;

/// Inlines C helper functions into Rust
#[derive(Debug, Parser)]
#[command(bin_name = "cargo", styles = clap::builder::Styles::plain())]
enum Cargo {
    /// Inlines C helper functions into Rust
    #[command(name = "helper-inline", version, arg_required_else_help = true)]
    HelperInline(Cli),
}

#[derive(Debug, clap::Args)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show which helpers were inlined in which crate of a build, and why not
    Report(Report),
    /// Run the back ends of ThinLTO that lld describes (its --thinlto-distributor)
    Distribute(distribute::Distribute),
}

#[derive(Debug, clap::Args)]
struct Report {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// The cargo command that built, `build` when not given
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CARGO COMMAND"
    )]
    cargo: Vec<String>,
}

fn main() -> ExitCode {
    // `dist`, the link engine, distcc, cargo and rustc each run this program for a purpose of
    // theirs.
    let other = dist::dispatch()
        .or_else(jobs::dispatch)
        .or_else(rustc_wrapper::dispatch);
    if let Some(code) = other {
        return code;
    }
    let Cargo::HelperInline(cli) = Cargo::parse();
    let outcome = match cli.command {
        Command::Report(report) => report.run(),
        Command::Distribute(distribute) => distribute.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

impl Report {
    fn run(self) -> Result<(), Error> {
        let mut arguments = self.cargo;
        if arguments.is_empty() || arguments[0].starts_with('-') {
            arguments.insert(0, "build".into());
        }
        let report = cargo_report::cargo_report(Path::new("."), &arguments)?;
        if self.json {
            let text = serde_json::to_string_pretty(&report).expect("a report is plain data");
            println!("{text}");
        } else {
            print!("{report}");
        }
        Ok(())
    }
}
