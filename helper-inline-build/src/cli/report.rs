//! `cargo helper-inline report`: what became of the helpers in a cargo build.
//!
//! Not here: finding out (`cargo_report`).

use super::failure::Outcome;
use crate::cargo_report::cargo_report;
use std::path::Path;

/// `cargo helper-inline report`
#[derive(Debug, clap::Args)]
pub struct Report {
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

impl Report {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let mut arguments = self.cargo;
        if arguments.is_empty() || arguments[0].starts_with('-') {
            arguments.insert(0, "build".into());
        }
        let report = cargo_report(Path::new("."), &arguments)?;
        if self.json {
            let text = serde_json::to_string_pretty(&report).expect("a report is plain data");
            println!("{text}");
        } else {
            print!("{report}");
        }
        Ok(())
    }
}
