//! The libLLVM that was installed with a clang, which reads what that clang
//! writes.
//!
//! By file names alone, because build scripts look for it too and are to stay
//! light. Not here: whether it is needed (`clang`), loading it (`link`).

use crate::files;
use std::path::{Path, PathBuf};

/// Finds it for a program: in the `lib` beside its `bin`, and where
/// distributions keep shared libraries.
pub(super) fn find(program: &Path, major: u32) -> Option<PathBuf> {
    let program = resolve(program)?;
    let prefix = program.parent()?.parent()?;
    [prefix, SYSTEM.as_ref()]
        .into_iter()
        .flat_map(dirs)
        .find_map(|dir| in_dir(&dir, major))
}

/// Where distributions install.
pub(crate) const SYSTEM: &str = "/usr";

/// Where shared libraries of this machine lie below an installation's root, in
/// Debian's, Fedora's and everyone else's way.
pub(crate) fn dirs(prefix: &Path) -> [PathBuf; 3] {
    let lib = prefix.join("lib");
    let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
    [lib.join(multiarch), prefix.join("lib64"), lib]
}

/// The file behind a program's name and links: `clang-22` lives in LLVM's own
/// directory.
pub(super) fn resolve(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.canonicalize().ok();
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find_map(|dir| {
        let file = dir.join(program);
        file.is_file().then(|| file.canonicalize().ok()).flatten()
    })
}

fn in_dir(dir: &Path, major: u32) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            major_of(&name) == Some(major) && files::is_elf(path)
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

/// `libLLVM.so.22.1` and `libLLVM-22.so.1` are of LLVM 22.
pub(crate) fn major_of(name: &str) -> Option<u32> {
    let rest = name.strip_prefix("libLLVM")?;
    let number = match rest.strip_prefix(".so.") {
        Some(number) => number,
        None => rest.strip_prefix('-').filter(|rest| rest.contains(".so"))?,
    };
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_distributions_tell_the_version() {
        for (name, major) in [
            ("libLLVM.so.22.1", Some(22)),
            ("libLLVM-16.so.1", Some(16)),
            ("libLLVM-14.0.6.so", Some(14)),
            ("libLLVM.so.21.1-rust-1.91.0-stable", Some(21)),
            ("libLLVM.so", None),
            ("libLLVM-22.a", None),
            ("libLLVMCore.so.22", None),
        ] {
            assert_eq!(major_of(name), major, "{name}");
        }
    }

    #[test]
    fn the_library_beside_the_program_is_found_through_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for sub in ["llvm/bin", "llvm/lib", "bin"] {
            std::fs::create_dir_all(root.join(sub)).unwrap();
        }
        std::fs::write(root.join("llvm/bin/clang"), "").unwrap();
        let link = root.join("bin/clang-99");
        std::os::unix::fs::symlink("../llvm/bin/clang", &link).unwrap();
        // A linker script of that name is no library, nor is one of another LLVM.
        std::fs::write(root.join("llvm/lib/libLLVM-99.so"), "INPUT(x)").unwrap();
        std::fs::write(root.join("llvm/lib/libLLVM.so.98.1"), "\x7fELF").unwrap();
        assert_eq!(find(&link, 99), None);
        let library = root.join("llvm/lib/libLLVM.so.99.1");
        std::fs::write(&library, "\x7fELF").unwrap();
        assert_eq!(find(&link, 99), Some(library));
    }
}
