//! `cargo xtask bench`: measurements whose tables are kept in the repository.
//!
//! Each measurement is a file below; here they are only chosen.

mod dist;
pub mod guest;
mod link;
mod page;
mod peers;
mod thin;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use clap::builder::PossibleValue;

use crate::command;
use crate::failure::Outcome;
use crate::front;

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
    /// No measurement: the pictures of the sample's report page in docs
    Page,
    /// Hosted programs: loops in C, out of line, by each kind of LTO and ours, and
    /// what building them takes
    Peers,
    /// A program of up to 200 crates with up to 1,000 helpers, linked as one unit, as
    /// many, and by the linker's own ThinLTO
    Thin,
}

impl Name {
    /// Whether seconds count in which this program is at work.
    fn is_of_this_program(&self) -> bool {
        match self {
            Name::Dist | Name::Link | Name::Thin => true,
            Name::Guest | Name::Page | Name::Peers => false,
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let root = front::root();
    let all = &[
        Name::Dist,
        Name::Guest,
        Name::Link,
        Name::Page,
        Name::Peers,
        Name::Thin,
    ];
    let chosen = args.name.as_ref().map_or(&all[..], std::slice::from_ref);
    if cfg!(debug_assertions) && chosen.iter().any(Name::is_of_this_program) {
        return optimized(&root, args.name);
    }
    for name in chosen {
        match name {
            Name::Dist => dist::run(&root)?,
            Name::Guest => guest::run(&root)?,
            Name::Link => link::run(&root)?,
            Name::Page => page::run(&root)?,
            Name::Peers => peers::run(&root)?,
            Name::Thin => thin::run(&root)?,
        }
    }
    Ok(())
}

/// Measures with an optimized build of this program, as an installed one is.
fn optimized(root: &Path, name: Option<Name>) -> Outcome {
    let mut cargo = command::cargo();
    cargo
        .current_dir(root)
        .args(["run", "--release", "--package", "xtask", "--", "bench"]);
    let name = name.and_then(|name| name.to_possible_value());
    cargo.args(name.iter().map(PossibleValue::get_name));
    Ok(command::run(&mut cargo)?)
}

/// The value in the middle, of at least one.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Instructions that a program takes from its beginning to its end, by callgrind.
fn instructions(program: &Command) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program.get_program())
        .args(program.get_args());
    let output = valgrind
        .output()
        .with_context(|| format!("running {}", command::shown(&valgrind)))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find_map(|line| line.split("Collected : ").nth(1));
    let line =
        line.with_context(|| format!("{} counted nothing:\n{text}", command::shown(&valgrind)))?;
    Ok(line.trim().parse()?)
}
