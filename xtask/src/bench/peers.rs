//! Ours and its peers on hosted programs, side by side: the same hot loops over
//! three C libraries' inline functions, and building a program with an ordinary tree
//! of dependencies.
//!
//! The programs are in `bench/peers`. Here is the order of things; ways to build are
//! in `ways`, what is measured in `loops` and `builds`, what is written in `table` and
//! `picture`.

mod builds;
mod loops;
mod picture;
mod table;
mod ways;

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::failure::Outcome;
use builds::Build;
use loops::Loops;
use ways::{Tools, WAYS};

/// Where the tables and the picture are kept.
const TABLE: &str = "docs/bench/peers.md";
const PICTURE: &str = "docs/bench/peers.svg";

/// Measures and writes tables and picture.
pub fn run(root: &Path) -> Outcome {
    let tools = Tools::find(root)?;
    // In their own target directories, in which the loops then find what they need.
    let builds: Vec<Build> = builds::measure(&tools, WAYS)?;
    let loops: Loops = loops::measure(&tools, WAYS)?;
    let text = table::render(&loops, &builds);
    print!("{text}");
    for (file, text) in [(TABLE, text), (PICTURE, picture::draw(&loops, &builds))] {
        let path = root.join(file);
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    eprintln!("written to {TABLE} and {PICTURE}");
    Ok(())
}
