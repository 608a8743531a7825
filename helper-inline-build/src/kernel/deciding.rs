//! The files of a kernel that decide how a module for it is made, beside the headers that
//! its helpers include: configuration, symbols and their checksums, make files, and the
//! programs that Kbuild runs.
//!
//! Not here: whether they changed (`inputs`), what a compiler includes (`build::rerun`).

use super::KernelDir;
use std::path::{Path, PathBuf};

/// Files of the build directory, there or not: one that appears matters as well.
const OF_THE_BUILD: &[&str] = &[
    // The configuration, as make, C and Rust read it, and as it was written.
    "include/config/auto.conf",
    "include/generated/autoconf.h",
    "include/generated/rustc_cfg",
    ".config",
    ".kernelvariables",
    // What it is called, which modules have to say.
    "include/config/kernel.release",
    "include/generated/utsrelease.h",
    // Its symbols.
    "Module.symvers",
    "System.map",
    // How modules are linked and checked.
    "scripts/module.lds",
    "scripts/mod/modpost",
    "scripts/basic/fixdep",
    "tools/objtool/objtool",
];

/// Directories of make files, in the build directory and in that of the sources, and how
/// the names of these begin.
const OF_MAKE: &[(&str, &[&str])] = &[
    ("", &["Makefile", "Kbuild"]),
    ("scripts", &["Makefile", "Kbuild.include"]),
    ("arch/@", &["Makefile", "Kbuild"]),
];

impl KernelDir {
    /// These files, for sources in a directory.
    pub(crate) fn deciding_files(&self, source_tree: &Path) -> Vec<PathBuf> {
        let build = OF_THE_BUILD.iter().map(|file| self.path().join(file));
        let mut found: Vec<PathBuf> = build.collect();
        for root in [self.path(), source_tree] {
            for (dir, begins) in OF_MAKE {
                let dir = root.join(dir.replace('@', self.arch()));
                let names = std::fs::read_dir(&dir).into_iter().flatten().flatten();
                let paths = names.map(|entry| entry.path());
                found.extend(paths.filter(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    begins.iter().any(|begin| name.starts_with(begin)) && path.is_file()
                }));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::dir::tests::kernel;
    use super::*;

    #[test]
    fn make_files_are_found_in_both_trees() {
        let build = kernel("CONFIG_X86_64=y\n");
        let sources = tempfile::tempdir().unwrap();
        let root = sources.path().canonicalize().unwrap();
        for file in [
            "Makefile",
            "scripts/Makefile.lib",
            "arch/x86/Makefile_32.cpu",
        ] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::fs::write(root.join("scripts/Lindent"), "").unwrap();
        let kernel = KernelDir::open(build.path()).unwrap();
        let files = kernel.deciding_files(&root);
        let of = |root: &Path| -> Vec<String> {
            let mut names: Vec<String> = files
                .iter()
                .filter_map(|path| Some(path.strip_prefix(root).ok()?.display().to_string()))
                .filter(|name| !OF_THE_BUILD.contains(&name.as_str()))
                .collect();
            names.sort();
            names
        };
        assert_eq!(of(kernel.path()), ["Makefile"]);
        assert_eq!(
            of(&root),
            [
                "Makefile",
                "arch/x86/Makefile_32.cpu",
                "scripts/Makefile.lib"
            ]
        );
        assert!(files.contains(&kernel.path().join("Module.symvers")));
    }
}
