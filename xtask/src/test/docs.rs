//! What people read, held to what is there: links, the documentation as docs.rs builds
//! it, the guide's first chapters, the page of rooms, the lists of dependencies, licences
//! and public items.
//!
//! Each is a file below. Not here: examples in the documentation, which `cargo test`
//! runs.

mod dependencies;
mod guide;
mod licences;
mod links;
mod offline;
mod rooms;
mod surface;

use std::path::Path;

use anyhow::{Result, bail};

use crate::failure::Outcome;

/// Checks all of it.
pub fn check(root: &Path) -> Outcome {
    links::check(root)?;
    rooms::check(root)?;
    dependencies::check(root)?;
    licences::check(root)?;
    surface::check(root)?;
    offline::check(root)?;
    guide::check(root)?;
    Ok(())
}

/// An error that lists what is wrong, if anything is.
fn none(what: &str, problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{what}:\n  {}", problems.join("\n  "))
}
