//! `cargo xtask release-check`: what must hold before a version is published, asked of
//! programs that others keep: advisories against what is built with, and what the version
//! breaks for its users.
//!
//! Not here: what every change must pass (`test`), for this takes minutes to compile, and
//! the database of advisories is on a server of its own.

mod advisories;
mod breakage;
mod program;

use crate::failure::Outcome;
use crate::front;

/// `cargo xtask release-check`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Compile the programs that are missing, by `cargo install`, into target/tools
    #[arg(long)]
    bootstrap: bool,
    /// Fetch RustSec's database of advisories from here, not from github.com
    #[arg(long, value_name = "GIT-URL")]
    advisories: Option<String>,
    /// The revision to compare with [default: the newest tag of a version]
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let root = front::root();
    // All that can be wrong with the machine or the arguments, before anything long.
    let baseline = breakage::baseline(&root, args.since)?;
    let programs = program::all(&root, args.bootstrap)?;
    advisories::check(&root, &programs.deny, args.advisories.as_deref())?;
    breakage::check(&root, &programs.semver, baseline.as_deref())?;
    Ok(())
}
