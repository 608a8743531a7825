//! Telling cargo when the build script must run again.
//!
//! Not here: deciding what changed; cargo compares time stamps.

use crate::clang::defaults;
use crate::manifest::{BUILT_IN_CFG, BUILT_IN_VARIABLE, DEBUG_VARIABLE};
use crate::{Result, files, policy};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Variables that change what is compiled, beside those that `cc` reports.
const VARIABLES: &[&str] = &[
    BUILT_IN_VARIABLE,
    DEBUG_VARIABLE,
    "HELPER_INLINE_CLANG",
    "HELPER_INLINE_LLVM",
    "HELPER_INLINE_KERNEL",
    policy::VARIABLE,
    // A kernel's own, for flags of the user's.
    "KCFLAGS",
    "KCPPFLAGS",
    "LIBCLANG_PATH",
    "LLVM_CONFIG_PATH",
    "CLANG_PATH",
    "PATH",
];

/// Variables of bindgen's that also come with the target appended.
const BINDGEN_ARGS: &str = "BINDGEN_EXTRA_CLANG_ARGS";

/// Paths and variables to watch.
pub(super) struct Rerun {
    out_dir: PathBuf,
    target: String,
    inputs: BTreeSet<PathBuf>,
}

impl Rerun {
    pub(super) fn new(out_dir: &Path, target: &str) -> Rerun {
        Rerun {
            out_dir: out_dir.to_owned(),
            target: target.to_owned(),
            inputs: BTreeSet::new(),
        }
    }

    /// Adds a file, or a directory with all below it.
    pub(super) fn input(&mut self, path: &Path) {
        self.inputs.insert(path.to_owned());
    }

    /// Prints the lines for the inputs named so far and for the variables.
    pub(super) fn emit_inputs(&self) {
        for path in &self.inputs {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        for variable in VARIABLES.iter().copied().chain(defaults::variables()) {
            println!("cargo::rerun-if-env-changed={variable}");
        }
        // `dist` sets it; the crate may ask for it.
        println!("cargo::rustc-check-cfg=cfg({BUILT_IN_CFG})");
        let target = &self.target;
        for suffix in [
            String::new(),
            format!("_{target}"),
            format!("_{}", target.replace('-', "_")),
        ] {
            println!("cargo::rerun-if-env-changed={BINDGEN_ARGS}{suffix}");
        }
    }

    /// Prints a line for each file that a compiler's depfile lists.
    pub(super) fn emit_depfile(&self, depfile: &Path) -> Result<()> {
        for path in self.watched(&files::read_to_string(depfile)?) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        Ok(())
    }

    /// The depfile's prerequisites, without what the build script itself writes:
    /// that would make it run at every build.
    fn watched(&self, depfile: &str) -> Vec<PathBuf> {
        prerequisites(depfile)
            .into_iter()
            .filter(|path| path.is_absolute() && !path.starts_with(&self.out_dir))
            .filter(|path| !self.inputs.contains(path))
            .collect()
    }
}

/// The prerequisites of a Makefile fragment as compilers write it.
fn prerequisites(depfile: &str) -> Vec<PathBuf> {
    let joined = depfile.replace("\\\n", " ");
    let Some((_, list)) = joined.split_once(": ") else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    let mut current = String::new();
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&' ') => current.extend(chars.next()),
            '$' if chars.peek() == Some(&'$') => current.extend(chars.next()),
            c if c.is_whitespace() => {
                if !current.is_empty() {
                    paths.push(PathBuf::from(std::mem::take(&mut current)));
                }
            }
            c => current.push(c),
        }
    }
    if !current.is_empty() {
        paths.push(PathBuf::from(current));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depfiles_are_read_as_compilers_write_them() {
        let text = "helpers.bc: /out/unit.c \\\n /src/a\\ b.c /src/$$c.h \\\n  relative.h /usr/include/stdio.h\n";
        let rerun = Rerun::new(Path::new("/out"), "t");
        assert_eq!(
            rerun.watched(text),
            ["/src/a b.c", "/src/$c.h", "/usr/include/stdio.h"].map(PathBuf::from)
        );
    }
}
