//! What `dist` needs, found before any work is begun.
//!
//! Not here: installing what is missing.

use super::options::{Lto, Options};
use super::thin::ThinTools;
use crate::jobs;
use crate::kernel::KernelDir;
use crate::link::child;
use crate::link::{LlvmLibrary, find_llvm_for};
use crate::{Clang, Error, Result, Rustc, libclang_version};
use std::path::{Path, PathBuf};

/// What Kbuild runs of clang's LLVM for a module.
const KBUILD_TOOLS: [&str; 6] = [
    "ld.lld",
    "llvm-ar",
    "llvm-nm",
    "llvm-objcopy",
    "llvm-readelf",
    "llvm-strip",
];

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

    /// The programs and libraries that make a module or a program, this program among
    /// them.
    pub(super) fn files(&self, target: &str, kernel: Option<&KernelDir>) -> Vec<PathBuf> {
        let mut files = self.libraries(target);
        files.push(self.llvm.path.clone());
        files.push(child::program());
        files.extend(self.rustc_files());
        files.extend(self.clang.files());
        if let Some(kernel) = kernel {
            let tools = KBUILD_TOOLS.map(|name| self.clang.tool(name));
            let others = ["make", "pahole"].map(PathBuf::from);
            let all = tools.iter().chain(&others);
            files.extend(
                all.filter_map(|tool| jobs::find(&tool.to_string_lossy(), Path::new(".")).ok()),
            );
            // Of which .BTF is made.
            files.push(kernel.path().join("vmlinux"));
        }
        files
    }

    /// What rustc consists of: the program and its libraries.
    fn rustc_files(&self) -> Vec<PathBuf> {
        let libraries = std::fs::read_dir(self.sysroot.join("lib"));
        let paths = libraries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
        files.push(self.sysroot.join("bin/rustc"));
        files.sort();
        files
    }
}
