//! `cargo deny check`, by deny.toml: advisories, and licences, duplicates and sources too.
//!
//! Not here: the settings. Licences are also checked with every change, without this
//! program.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::command;
use crate::failure::Outcome;

/// Where cargo-deny takes the database from when nothing else is said.
const DATABASE: &str = "https://github.com/RustSec/advisory-db";

/// Checks the workspace at `root`, with the database of this URL.
pub fn check(root: &Path, deny: &Path, database: Option<&str>) -> Outcome {
    let mut check = Command::new(deny);
    check.current_dir(root).args([
        "--all-features",
        "--locked",
        "check",
        "--hide-inclusion-graph",
    ]);
    if let Some(database) = database {
        // It takes no other URL than https, and has git fetch it.
        check
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", format!("url.{database}.insteadOf"))
            .env("GIT_CONFIG_VALUE_0", DATABASE);
    }
    println!("running: {}", command::shown(&check));
    command::run(&mut check).with_context(|| {
        format!(
            "checking what {} is built with; where the database of advisories cannot be \
             reached, name a copy of it with --advisories",
            root.display()
        )
    })?;
    Ok(())
}
