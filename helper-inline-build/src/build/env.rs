//! What cargo tells a build script through its environment.
//!
//! Not here: variables of this library's own (`HELPER_INLINE_*`), which are read
//! where they decide.

use crate::{Error, Result};
use std::path::PathBuf;

/// Cargo's variables that the build side needs.
pub(super) struct BuildEnv {
    /// `OUT_DIR`
    pub out_dir: PathBuf,
    /// `TARGET`
    pub target: String,
    /// `CARGO_PKG_NAME`
    pub package: String,
    /// `CARGO_MANIFEST_DIR`, which is also the build script's working directory.
    pub package_dir: PathBuf,
}

impl BuildEnv {
    pub(super) fn read() -> Result<BuildEnv> {
        Ok(BuildEnv {
            out_dir: PathBuf::from(variable("OUT_DIR")?),
            target: variable("TARGET")?,
            package: variable("CARGO_PKG_NAME")?,
            package_dir: PathBuf::from(variable("CARGO_MANIFEST_DIR")?),
        })
    }

    /// Where the declarations go.
    pub(super) fn bindings(&self) -> PathBuf {
        self.out_dir.join("helpers.rs")
    }
}

fn variable(name: &'static str) -> Result<String> {
    std::env::var(name).map_err(|_| Error::NotInBuildScript { variable: name })
}
