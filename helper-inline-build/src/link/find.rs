//! Finding the libLLVM that links: rustc's own, or clang's where that is newer,
//! unless the user names another.
//!
//! Not here: loading it (`llvm`).

use crate::{Clang, Error, Result, Rustc, files};
use object::elf::{DT_NEEDED, FileHeader64};
use object::endian::Endianness;
use object::read::elf::{Dyn as _, FileHeader as _};
use object::{Object as _, ObjectSymbol as _};
use std::path::{Path, PathBuf};

/// A libLLVM, as a path or as a name for the dynamic loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlvmLibrary {
    /// What to load.
    pub path: PathBuf,
}

/// Finds the libLLVM to link with: `HELPER_INLINE_LLVM`, then the one that
/// rustup's toolchain carries, then the one that a distribution's rustc needs.
///
/// # Errors
/// [`Error::LlvmUnusable`], with what was tried.
pub fn find_llvm(rustc: &Rustc) -> Result<LlvmLibrary> {
    if let Some(named) = std::env::var_os("HELPER_INLINE_LLVM") {
        let path = PathBuf::from(named);
        // A bare name is the dynamic loader's to find.
        if path.components().count() > 1 {
            check_named(&path)?;
        }
        return Ok(LlvmLibrary { path });
    }
    let sysroot = rustc.sysroot()?;
    let lib = sysroot.join("lib");
    let in_sysroot = files_named(&lib, "libLLVM")
        .into_iter()
        .find(|path| files::is_elf(path));
    let path = in_sysroot
        .or_else(|| needed_by_rustc(&lib))
        .ok_or_else(|| Error::LlvmUnusable {
            detail: format!(
                "`{}` holds no libLLVM, and no librustc_driver there needs one",
                lib.display()
            ),
        })?;
    Ok(LlvmLibrary { path })
}

/// Finds the libLLVM to link this rustc's bitcode with this clang's: that of
/// [`find_llvm`], but clang's own where clang is newer than rustc's LLVM.
///
/// # Errors
/// Those of [`find_llvm`]; [`Error::ClangTooNew`] when clang's own was not found.
pub fn find_llvm_for(rustc: &Rustc, clang: &Clang) -> Result<LlvmLibrary> {
    let named = std::env::var_os("HELPER_INLINE_LLVM").is_some();
    if named || clang.version.major <= rustc.llvm.major {
        return find_llvm(rustc);
    }
    match clang.llvm_library() {
        Some(path) => Ok(LlvmLibrary { path }),
        None => Err(clang.too_new(rustc.llvm)),
    }
}

/// Fails unless the file that the user named can be a libLLVM, which would
/// otherwise show only when all is built.
fn check_named(path: &Path) -> Result<()> {
    let unusable = |why: &str| Error::LlvmUnusable {
        detail: format!("HELPER_INLINE_LLVM is `{}`, which {why}", path.display()),
    };
    if !files::is_elf(path) {
        return Err(unusable("is no shared library"));
    }
    let data = files::read(path)?;
    let defines_api = object::File::parse(data.as_slice()).is_ok_and(|file| {
        file.dynamic_symbols()
            .any(|symbol| symbol.is_definition() && symbol.name() == Ok("LLVMGetVersion"))
    });
    if defines_api {
        Ok(())
    } else {
        Err(unusable("is a library of something else than LLVM"))
    }
}

fn files_named(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
        .collect();
    found.sort();
    found
}

/// The libLLVM that a distribution's rustc is linked with, for the loader to
/// find as it does for rustc.
fn needed_by_rustc(lib: &Path) -> Option<PathBuf> {
    // Debian keeps libraries one directory deeper, in lib/<multiarch>/.
    let mut dirs = vec![lib.to_owned()];
    dirs.extend(
        std::fs::read_dir(lib)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path())),
    );
    dirs.iter()
        .flat_map(|dir| files_named(dir, "librustc_driver"))
        .find_map(|driver| needed(&driver, "libLLVM"))
}

/// The name of a needed library that begins with a prefix.
fn needed(file: &Path, prefix: &str) -> Option<PathBuf> {
    let data = files::read(file).ok()?;
    let data = data.as_slice();
    let header = FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, data).ok()?;
    let (dynamic, strings) = sections.dynamic(endian, data).ok()??;
    let strings = sections.strings(endian, data, strings).ok()?;
    dynamic
        .iter()
        .filter(|entry| entry.tag32(endian) == Some(DT_NEEDED))
        .filter_map(|entry| entry.string(endian, strings).ok())
        .filter_map(|name| std::str::from_utf8(name).ok())
        .find(|name| name.starts_with(prefix))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustcs_own_library_is_found_both_ways() {
        let rustc = Rustc::from_env().unwrap();
        let library = find_llvm(&rustc).unwrap();
        assert!(files::is_elf(&library.path), "{library:?}");
        // The way of a distribution's rustc leads to the same file name.
        let lib = rustc.sysroot().unwrap().join("lib");
        let needed = needed_by_rustc(&lib).unwrap();
        assert_eq!(library.path.file_name(), needed.file_name());
    }
}
