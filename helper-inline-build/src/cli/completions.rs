//! `cargo helper-inline completions` and `man`: what a package installs beside the program.
//!
//! Made of the same description of the commands that parses them.

use super::failure::Outcome;
use anyhow::Context as _;
use std::io::Write as _;

/// `cargo helper-inline completions`
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

impl Completions {
    /// Prints what the shell reads.
    pub fn run(self, mut of: clap::Command) -> Outcome {
        // cargo calls a subcommand's program by this name.
        clap_complete::generate(self.shell, &mut of, PROGRAM, &mut std::io::stdout());
        Ok(())
    }
}

/// `cargo helper-inline man`
#[derive(Debug, clap::Args)]
pub struct Man {}

impl Man {
    /// Prints the page of all commands.
    pub fn run(self, of: clap::Command) -> Outcome {
        let mut page = Vec::new();
        let of = of.name(PROGRAM);
        let written = clap_mangen::Man::new(of.clone()).render(&mut page);
        let commands = of.get_subcommands().try_for_each(|command| {
            let man = clap_mangen::Man::new(command.clone());
            writeln!(page, ".SH {}", command.get_name().to_uppercase())?;
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)
        });
        written.and(commands).context("writing the page")?;
        std::io::stdout()
            .write_all(&page)
            .context("printing the page")?;
        Ok(())
    }
}

const PROGRAM: &str = "cargo-helper-inline";
