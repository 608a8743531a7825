//! What `dist` needs, found before any work is begun.
//!
//! Not here: installing what is missing.

use super::options::{Lto, Options};
use super::thin::ThinTools;
use crate::jobs;
use crate::link::{LlvmLibrary, find_llvm_for};
use crate::{Clang, Error, Result, Rustc, libclang_version};
use std::path::{Path, PathBuf};

/// The tools found.
pub(super) struct Tools {
    pub rustc: Rustc,
    pub llvm: LlvmLibrary,
    pub clang: Clang,
    /// Those of a thin link, if there is to be one.
    pub thin: Option<ThinTools>,
    sysroot: PathBuf,
}

impl Tools {
    /// Finds everything, or says what is missing and what mends it.
    pub(super) fn find(options: &Options, build_dir: &Path) -> Result<Tools> {
        let rustc = Rustc::from_env()?;
        let clang = Clang::find(rustc.llvm)?;
        let llvm = find_llvm_for(&rustc, &clang)?;
        // Loading it takes longer than all else here. Where something was built before,
        // it was there; should it be gone since, that shows when it is needed. One that is
        // named may be another than before, for which cargo compiles bindgen again.
        let is_new = |target: &String| !build_dir.join(target).is_dir();
        let is_named = std::env::var_os("LIBCLANG_PATH").is_some();
        if is_named || options.targets.iter().any(is_new) {
            libclang_version(rustc.llvm.major)?;
        }
        let sysroot = rustc.sysroot()?;
        let thin = match &options.lto {
            Lto::One => None,
            Lto::Thin(thin) => {
                if let Some(distributor) = &thin.distributor {
                    let program = &distributor.program;
                    let missing = |_| Error::InputNotFound {
                        what: "distributor",
                        path: program.clone(),
                    };
                    // All may be in the cache, and then nobody would notice.
                    jobs::find(&program.to_string_lossy(), Path::new(".")).map_err(missing)?;
                }
                Some(ThinTools::find(&rustc, &clang, &sysroot)?)
            }
        };
        let tools = Tools {
            sysroot,
            rustc,
            llvm,
            clang,
            thin,
        };
        for target in &options.targets {
            if tools.libraries(target).is_empty() {
                return Err(Error::TargetMissing {
                    target: target.clone(),
                });
            }
        }
        Ok(tools)
    }

    /// What a failed build lacked, if it was libclang.
    pub(super) fn lacks_libclang(&self) -> Option<Error> {
        libclang_version(self.rustc.llvm.major).err()
    }

    /// Whether a target has the standard library.
    pub(super) fn has_std(&self, target: &str) -> bool {
        Rustc::has_std(&self.sysroot, target)
    }

    /// The prebuilt rlibs of a target.
    pub(super) fn libraries(&self, target: &str) -> Vec<PathBuf> {
        Rustc::target_libraries(&self.sysroot, target)
    }
}
