//! `cargo xtask bench`: measurements whose tables are kept in the repository.
//!
//! Each measurement is a file below; here they are only chosen.

mod dist;
pub mod guest;
mod link;
mod peers;

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
    /// Hosted programs: loops in C, out of line, by each kind of LTO and ours, and
    /// what building them takes
    Peers,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let root = command::workspace_root();
    let all = &[Name::Dist, Name::Guest, Name::Link, Name::Peers];
    let chosen = args.name.as_ref().map_or(&all[..], std::slice::from_ref);
    for name in chosen {
        match name {
            Name::Dist => dist::run(&root)?,
            Name::Guest => guest::run(&root)?,
            Name::Link => link::run(&root)?,
            Name::Peers => peers::run(&root)?,
        }
    }
    Ok(())
}

/// The value in the middle, of at least one.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
