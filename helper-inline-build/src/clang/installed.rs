//! The files that a clang consists of: the program may be a link, or a script that runs
//! another one, and most of a distribution's is in shared libraries.
//!
//! Not here: finding clang (`clang`), whether these files changed (`inputs`).

use super::{Clang, library};
use crate::asked;
use std::path::{Path, PathBuf};

/// What the libraries of a clang are called, before the version.
const LIBRARIES: [&str; 2] = ["libclang-cpp", "libLLVM"];

/// What clang says before the directory that it is installed in.
const INSTALLED: &str = "InstalledDir: ";

impl Clang {
    /// These files, as far as they are there.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let said = asked::once(&self.path, &["--version"]);
        let said = said.map_or_else(|_| Vec::new(), |output| output.stdout);
        let said = String::from_utf8_lossy(&said);
        let bin = said.lines().find_map(|line| line.strip_prefix(INSTALLED));
        let bin = bin.map(|dir| Path::new(dir.trim()));
        let programs = bin.map(|bin| bin.join("clang").canonicalize());
        let mut files: Vec<PathBuf> = library::resolve(&self.path).into_iter().collect();
        files.extend(programs.and_then(|program| program.ok()));
        let prefix = bin.and_then(Path::parent);
        for root in prefix.into_iter().chain([Path::new(library::SYSTEM)]) {
            for dir in library::dirs(root) {
                files.extend(libraries(&dir, self.version.major));
            }
        }
        files.sort();
        files.dedup();
        files
    }
}

/// The libraries of a version in a directory, links followed.
fn libraries(dir: &Path, major: u32) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let paths = entries.filter(move |entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        LIBRARIES.iter().any(|library| {
            let rest = name.strip_prefix(library);
            rest.is_some_and(|rest| library::major_of(&format!("libLLVM{rest}")) == Some(major))
        })
    });
    paths.filter_map(|entry| entry.path().canonicalize().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_script_is_followed_to_what_it_runs() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for sub in ["llvm/bin", "llvm/lib"] {
            std::fs::create_dir_all(root.join(sub)).unwrap();
        }
        let files = [
            "llvm/bin/clang-99",
            "llvm/lib/libLLVM.so.99.1",
            "llvm/lib/libclang-cpp.so.99.1",
            // Not these.
            "llvm/lib/libLLVM.so.98.1",
            "llvm/lib/libclang-common-99.txt",
        ];
        for file in files {
            std::fs::write(root.join(file), "").unwrap();
        }
        symlink("clang-99", root.join("llvm/bin/clang")).unwrap();
        let script = root.join("my-clang");
        let text = format!(
            "#!/bin/sh\necho clang version 99.1.0\necho InstalledDir: {}\n",
            root.join("llvm/bin").display()
        );
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let found = Clang::at(&script).unwrap().files();
        let mut expected: Vec<PathBuf> = files[..3].iter().map(|file| root.join(file)).collect();
        expected.push(script);
        assert_eq!(found, expected);
    }
}
