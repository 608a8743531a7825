//! The tools of a thin link: an lld, an objcopy, and a clang whose LLVM reads the bitcode
//! of both compilers.
//!
//! rustup's toolchains carry the first two. Not here: the clang that compiles helpers.

use crate::{Clang, Error, Result, Rustc};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tools of a thin link.
#[derive(Debug, Clone)]
pub struct ThinTools {
    /// Compiles units with their index.
    pub(super) clang: Clang,
    /// The linker, and what makes it lld for ELF.
    pub(super) lld: Vec<String>,
    /// LLVM's objcopy, and how it finds its library.
    pub(super) objcopy: Vec<String>,
}

impl ThinTools {
    /// Finds what reads the bitcode of rustc and of the helpers' clang alike.
    ///
    /// # Errors
    /// [`Error::Usage`] when a clang or lld is too old, with the package that has one.
    pub fn find(rustc: &Rustc, helpers: &Clang, sysroot: &Path) -> Result<ThinTools> {
        let rustc = rustc.llvm.major;
        let reader = rustc.max(helpers.version.major);
        let clang = if helpers.version.major >= rustc {
            helpers.clone()
        } else {
            newer_clang(reader).ok_or_else(|| Error::Usage {
                message: format!(
                    "a thin link needs a clang that reads rustc's bitcode (LLVM {rustc}) to compile \
                     units, and `{}` is clang {}: install clang-{rustc} beside it \
                     (`apt-get install clang-{rustc}`), or leave `--lto thin` out",
                    helpers.path.display(),
                    helpers.version,
                ),
            })?
        };
        // What rustc carries reads what rustc writes.
        let own = |name: &str| {
            let found = bin_dirs(sysroot).into_iter().map(|dir| dir.join(name));
            found
                .into_iter()
                .find(|path| path.is_file() && reader == rustc)
        };
        let lld = match own("rust-lld") {
            Some(path) => vec![
                path.display().to_string(),
                "-flavor".to_owned(),
                "gnu".to_owned(),
            ],
            None => vec![system_lld(reader)?],
        };
        let objcopy = match own("rust-objcopy") {
            // Only rustup's own programs know where its library is.
            Some(path) => vec![
                "env".to_owned(),
                format!("LD_LIBRARY_PATH={}", sysroot.join("lib").display()),
                path.display().to_string(),
            ],
            None => vec![clang.tool("llvm-objcopy").display().to_string()],
        };
        Ok(ThinTools {
            clang,
            lld,
            objcopy,
        })
    }
}

/// A clang of a major version or one of the next.
fn newer_clang(major: u32) -> Option<Clang> {
    /// How many releases after rustc's own LLVM are looked for.
    const AHEAD: u32 = 8;
    let names = (major..=major + AHEAD).map(|n| format!("clang-{n}"));
    names
        .chain(["clang".to_owned()])
        .filter_map(|name| Clang::at(Path::new(&name)).ok())
        .find(|clang| clang.version.major >= major)
}

fn system_lld(reader: u32) -> Result<String> {
    let names = [format!("ld.lld-{reader}"), "ld.lld".to_owned()];
    let reads = |name: &String| {
        let output = Command::new(name).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = crate::Version::find(&text)?;
        (version.major >= reader).then(|| name.clone())
    };
    names.iter().find_map(reads).ok_or_else(|| Error::Usage {
        message: format!(
            "a thin link needs an lld of LLVM {reader}: install one \
             (`apt-get install lld-{reader}`), or leave `--lto thin` out"
        ),
    })
}

/// Where a sysroot has programs of the host's.
fn bin_dirs(sysroot: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(sysroot.join("lib/rustlib"));
    let entries = entries.into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = entries.map(|entry| entry.path().join("bin")).collect();
    dirs.sort();
    dirs
}
