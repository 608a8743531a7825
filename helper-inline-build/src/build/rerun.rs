//! Telling cargo when the build script must run again.
//!
//! Not here: deciding what changed; cargo compares time stamps.

use crate::clang::defaults;
use crate::manifest::{BUILT_IN_CFG, BUILT_IN_VARIABLE, DEBUG_VARIABLE};
use crate::{Result, files, kernel, policy};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Variables that change what is compiled, beside those that `cc` reports.
const VARIABLES: &[&str] = &[
    BUILT_IN_VARIABLE,
    DEBUG_VARIABLE,
    "HELPER_INLINE_CLANG",
    "HELPER_INLINE_LLVM",
    "HELPER_INLINE_KERNEL",
    policy::VARIABLE,
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
        let own = VARIABLES.iter().copied();
        for variable in own.chain(defaults::variables()).chain(kernel::variables()) {
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

    /// Prints a line for each file that a depfile lists, and returns these and the
    /// inputs named so far that are files. What is relative in it is so to the compiler's
    /// working directory.
    pub(super) fn emit_depfile(&self, directory: &Path, depfile: &Path) -> Result<Vec<PathBuf>> {
        let read = self.watched(directory, &files::read_to_string(depfile)?);
        for path in read.iter().filter(|path| !self.inputs.contains(*path)) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        Ok(read)
    }

    /// The depfile's prerequisites, without what the build script itself writes:
    /// that would make it run at every build.
    fn watched(&self, directory: &Path, depfile: &str) -> Vec<PathBuf> {
        prerequisites(depfile)
            .into_iter()
            .map(|path| plain(&directory.join(path)))
            .filter(|path| !self.writes(path))
            .collect()
    }

    /// Returns true if a file is in the build script's own directory, by whatever path.
    fn writes(&self, path: &Path) -> bool {
        let is_below = |path: &Path, dir: &Path| path.starts_with(dir);
        if is_below(path, &self.out_dir) {
            return true;
        }
        // Few are read by such a path; asking the system of each of thousands takes time.
        let may_be = path.components().any(|part| part == Component::ParentDir);
        let real = |path: &Path| path.canonicalize().ok();
        may_be
            && real(path)
                .zip(real(&self.out_dir))
                .is_some_and(|(path, dir)| is_below(&path, &dir))
    }
}

/// A path without `.`. What goes through `..` stays: the directory before it may be a link.
pub(super) fn plain(path: &Path) -> PathBuf {
    let kept = path.components().filter(|part| *part != Component::CurDir);
    kept.collect()
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
        let text = "helpers.bc: /out/unit.c ../out/b.c \\\n /src/a\\ b.c /src/$$c.h \\\n  relative.h ./include/a.h /usr/include/stdio.h\n";
        let rerun = Rerun::new(Path::new("/out"), "t");
        assert_eq!(
            rerun.watched(Path::new("/src/lib"), text),
            [
                "/src/lib/../out/b.c",
                "/src/a b.c",
                "/src/$c.h",
                "/src/lib/relative.h",
                "/src/lib/include/a.h",
                "/usr/include/stdio.h"
            ]
            .map(PathBuf::from)
        );
    }

    #[test]
    fn what_the_script_writes_is_no_input_by_whatever_path() {
        let out = tempfile::tempdir().unwrap();
        let out_dir = out.path().join("build/out");
        std::fs::create_dir_all(&out_dir).unwrap();
        std::fs::write(out_dir.join("unit.c"), "").unwrap();
        let rerun = Rerun::new(&out_dir, "t");
        let text = "helpers.bc: out/unit.c ../build/out/unit.c\n";
        let watched = rerun.watched(&out.path().join("build"), text);
        assert_eq!(watched, [""; 0].map(PathBuf::from));
    }
}
