//! What is to be done to one crate's code-generation units.
//!
//! Plain data: the wrapper hands it to the linker's stand-in through the
//! environment. Not here: doing it (`unit`).

use super::helpers::Helpers;
use crate::link::job::OptLevel;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One crate's units.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CrateJob {
    /// What its files' names have before their first dot.
    pub(super) stem: String,
    pub(super) out_dir: PathBuf,
    pub(super) level: OptLevel,
    /// Whether objects keep debug information.
    pub(super) debug: bool,
    /// What it may call.
    pub(super) helpers: Vec<Helpers>,
    /// Where objects are kept for the next build, in an incremental one.
    pub(super) cache: Option<PathBuf>,
    /// The program that links.
    pub(super) linker: PathBuf,
}

impl CrateJob {
    /// Where the linker's stand-in tells what it did.
    pub(super) fn told(&self) -> PathBuf {
        self.out_dir
            .join(format!("{}.helper-inline-told", self.stem))
    }
}
