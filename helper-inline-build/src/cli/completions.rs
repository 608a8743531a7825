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
        let page = page(of).context("writing the page")?;
        std::io::stdout()
            .write_all(&page)
            .context("printing the page")?;
        Ok(())
    }
}

fn page(of: clap::Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let of = of.name(PROGRAM);
    clap_mangen::Man::new(of.clone()).render(&mut page)?;
    for command in of.get_subcommands() {
        let man = clap_mangen::Man::new(command.clone());
        writeln!(page, ".SH {}", command.get_name().to_uppercase())?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}

const PROGRAM: &str = "cargo-helper-inline";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::description;

    #[test]
    fn the_page_and_the_completions_have_every_command() {
        let page = String::from_utf8(page(description()).unwrap()).unwrap();
        let mut completions = Vec::new();
        let shell = clap_complete::Shell::Bash;
        clap_complete::generate(shell, &mut description(), PROGRAM, &mut completions);
        let completions = String::from_utf8(completions).unwrap();
        let commands: Vec<String> = description()
            .get_subcommands()
            .map(|command| command.get_name().to_owned())
            .collect();
        assert!(commands.contains(&"boot".to_owned()), "{commands:?}");
        for command in commands {
            let head = format!("\n.SH {}\n", command.to_uppercase());
            assert!(page.contains(&head), "{command}");
            let own = format!("__subcmd__{command})");
            assert!(completions.contains(&own), "{command}: {completions}");
        }
        assert!(page.contains("\\-\\-emit\\-ninja"), "{page}");
    }
}
