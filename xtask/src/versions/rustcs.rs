//! The rustcs of this machine: rustup's toolchains, the system's, Debian's, and
//! those that are named.
//!
//! Not here: fetching one (`debian`).

use super::{OLDEST_RUSTC, debian};
use crate::failure::{Failure, Outcome};
use helper_inline_build::cli::rustup;
use helper_inline_build::{Rustc, Version};
use std::path::{Path, PathBuf};

/// A rustc, and where it comes from.
#[derive(Debug)]
pub struct Found {
    pub rustc: Rustc,
    pub sysroot: PathBuf,
    /// rustup's name of it, or whose it is.
    origin: String,
}

impl Found {
    /// `1.85.1 (19.1.7), rustup's 1.85`.
    pub fn shown(&self) -> String {
        let version = self.rustc.version.split(' ').nth(1).unwrap_or_default();
        format!("{version} ({}), {}", self.rustc.llvm, self.origin)
    }
}

/// Finds them all, each once. Debian's is fetched first where it is not there.
pub fn find(root: &Path, named: &[PathBuf]) -> Outcome<Vec<Found>> {
    let mut candidates: Vec<(String, PathBuf)> = named
        .iter()
        .map(|path| (format!("`{}`", path.display()), path.clone()))
        .collect();
    candidates.extend(rustup::toolchains().into_iter().map(|toolchain| {
        let name = toolchain.name.split("-unknown-linux").next();
        let name = name.and_then(|name| name.rsplit_once('-'));
        let name = name.map_or(toolchain.name.as_str(), |(name, _)| name);
        let rustc = toolchain.sysroot.join("bin/rustc");
        (format!("rustup's {name}"), rustc)
    }));
    let system = PathBuf::from("/usr/bin/rustc");
    if system.exists() {
        candidates.push(("the system's".into(), system));
    }
    candidates.push(("Debian's".into(), debian::rustc(root)?));
    let mut found: Vec<Found> = Vec::new();
    for (origin, path) in candidates {
        let rustc = Rustc::at(path).map_err(Failure::need_of)?;
        if is_too_old(&rustc) {
            println!(
                "{} of {origin} is older than {OLDEST_RUSTC}, which this project needs",
                rustc.version
            );
            continue;
        }
        let sysroot = rustc.sysroot().map_err(Failure::need_of)?;
        let sysroot = sysroot.canonicalize().unwrap_or(sysroot);
        if found.iter().all(|other| other.sysroot != sysroot) {
            found.push(Found {
                rustc,
                sysroot,
                origin,
            });
        }
    }
    // The oldest one is the reason for all this.
    let llvms: Vec<u32> = found.iter().map(|found| found.rustc.llvm.major).collect();
    if llvms.iter().min() == llvms.iter().max() {
        return Err(Failure::need(format!(
            "all rustcs found have one LLVM: `rustup toolchain install {OLDEST_RUSTC} --profile minimal`"
        )));
    }
    Ok(found)
}

fn is_too_old(rustc: &Rustc) -> bool {
    let number = |text: &str| Version::find(text);
    number(&rustc.version) < number(OLDEST_RUSTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_oldest_is_left_out() {
        for (version, old) in [
            ("rustc 1.63.0", true),
            ("rustc 1.84.1 (e71f9a9a9 2025-01-27)", true),
            (
                "rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)",
                false,
            ),
            ("rustc 1.97.0-nightly (e50aa6fba 2026-05-19)", false),
        ] {
            let rustc = Rustc {
                program: "rustc".into(),
                version: version.into(),
                llvm: Version::find("LLVM 19.1.7").unwrap(),
                host: "x86_64-unknown-linux-gnu".into(),
            };
            assert_eq!(is_too_old(&rustc), old, "{version}");
        }
    }
}
