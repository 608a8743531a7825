//! `cargo xtask bench`: measurements whose tables are kept in the repository.
//!
//! Each measurement is a file below; here they are only chosen.

mod dist;
pub mod guest;
mod link;

use crate::command;
use crate::failure::Outcome;

/// `cargo xtask bench`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to measure; everything when not given
    #[arg(value_enum)]
    name: Option<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Name {
    /// The sample module with helpers inlined and out of line, and the time of
    /// each step of dist
    Dist,
    /// Instructions of operations in the kernel: inlined, called, and in C
    Guest,
    /// The link engine against llvm-link and clang
    Link,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let root = command::workspace_root();
    let all = &[Name::Dist, Name::Guest, Name::Link];
    let chosen = args.name.as_ref().map_or(&all[..], std::slice::from_ref);
    for name in chosen {
        match name {
            Name::Dist => dist::run(&root)?,
            Name::Guest => guest::run(&root)?,
            Name::Link => link::run(&root)?,
        }
    }
    Ok(())
}
