//! What `dist` needs, found before any work is begun.
//!
//! Not here: installing what is missing.

use crate::link::{LlvmLibrary, find_llvm_for};
use crate::{Clang, Error, Result, Rustc, libclang_version};
use std::path::PathBuf;

/// The tools found.
pub(super) struct Tools {
    pub rustc: Rustc,
    pub llvm: LlvmLibrary,
    pub clang: Clang,
    sysroot: PathBuf,
}

impl Tools {
    /// Finds everything, or says what is missing and what mends it.
    pub(super) fn find(targets: &[String]) -> Result<Tools> {
        let rustc = Rustc::from_env()?;
        let clang = Clang::find(rustc.llvm)?;
        let llvm = find_llvm_for(&rustc, &clang)?;
        libclang_version(rustc.llvm.major)?;
        let tools = Tools {
            sysroot: rustc.sysroot()?,
            rustc,
            llvm,
            clang,
        };
        for target in targets {
            if tools.libraries(target).is_empty() {
                return Err(Error::TargetMissing {
                    target: target.clone(),
                });
            }
        }
        Ok(tools)
    }

    /// The prebuilt rlibs of a target.
    pub(super) fn libraries(&self, target: &str) -> Vec<PathBuf> {
        Rustc::target_libraries(&self.sysroot, target)
    }
}
