//! Finding the libLLVM that links: rustc's own, or clang's where that is newer,
//! unless the user names another.
//!
//! Not here: loading it (`llvm`).

use crate::clang::library;
use crate::{Clang, Error, Result, Rustc, files};
use object::elf::{DT_NEEDED, FileHeader64};
use object::endian::Endianness;
use object::read::ReadCache;
use object::read::elf::{Dyn as _, FileHeader as _};
use object::{Object as _, ObjectSymbol as _};
use std::path::{Path, PathBuf};

/// A libLLVM, as a path or as a name for the dynamic loader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlvmLibrary {
    /// What to load.
    pub path: PathBuf,
}

/// Finds the libLLVM to link with: `HELPER_INLINE_LLVM`, or the one that rustc
/// itself needs, which rustup's toolchains carry beside it and distributions
/// install for all.
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
    let (dir, name) = needed_by_rustc(&sysroot).ok_or_else(|| Error::LlvmUnusable {
        detail: format!(
            "`{}` holds no librustc_driver that needs a libLLVM",
            sysroot.display()
        ),
    })?;
    let path = std::iter::once(dir)
        .chain(library::dirs(library::SYSTEM.as_ref()))
        .map(|dir| dir.join(&name))
        .find(|path| files::is_elf(path));
    Ok(LlvmLibrary {
        // Elsewhere the loader may still find it, as it does for rustc.
        path: path.unwrap_or(name),
    })
}

/// Finds the libLLVM to link this rustc's bitcode with this clang's: that of
/// [`find_llvm`], but clang's own where clang is newer than rustc's LLVM.
///
/// # Errors
/// Those of [`find_llvm`]; [`Error::ClangTooNew`] when clang's own was not found.
///
/// ```no_run
/// use helper_inline_build::{Clang, Rustc, link::find_llvm_for};
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let rustc = Rustc::from_env()?;
/// let clang = Clang::find(rustc.llvm)?;
/// println!("linked by {}", find_llvm_for(&rustc, &clang)?.path.display());
/// # Ok(())
/// # }
/// ```
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

/// The library that rustc is: the directory that holds it, and the libLLVM that
/// it needs.
fn needed_by_rustc(sysroot: &Path) -> Option<(PathBuf, PathBuf)> {
    library::dirs(sysroot).into_iter().find_map(|dir| {
        let entries = std::fs::read_dir(&dir).ok()?;
        let mut drivers = entries.filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_string_lossy().into_owned();
            name.starts_with("librustc_driver").then_some(path)
        });
        let name = drivers.find_map(|driver| needed(&driver, "libLLVM"))?;
        Some((dir, name))
    })
}

/// The name of a needed library that begins with a prefix.
fn needed(file: &Path, prefix: &str) -> Option<PathBuf> {
    // Only a few places of a file of a hundred megabytes.
    let data = ReadCache::new(std::fs::File::open(file).ok()?);
    let data = &data;
    let header = FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, data).ok()?;
    let (dynamic, strings) = sections.dynamic(endian, data).ok()??;
    let strings = sections.strings(endian, data, strings).ok()?;
    dynamic
        .iter()
        .filter(|entry| entry.tag32(endian) == Some(DT_NEEDED))
        .filter_map(|entry| strings.get(u32::try_from(entry.d_val(endian)).ok()?).ok())
        .filter_map(|name| std::str::from_utf8(name).ok())
        .find(|name| name.starts_with(prefix))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustcs_own_library_is_found_where_rustc_itself_has_it() {
        let rustc = Rustc::from_env().unwrap();
        let library = find_llvm(&rustc).unwrap();
        assert!(files::is_elf(&library.path), "{library:?}");
        let llvm = crate::link::llvm::Llvm::load(&library.path).unwrap();
        assert_eq!(llvm.version(), rustc.llvm);
    }

    #[test]
    fn a_distributions_library_is_the_one_that_rustc_needs_and_no_other() {
        let rustc = Rustc::from_env().unwrap();
        let (dir, name) = needed_by_rustc(&rustc.sysroot().unwrap()).unwrap();
        let driver = std::fs::read_dir(&dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.to_string_lossy().contains("/librustc_driver"))
            .unwrap();
        // As in /usr: several LLVMs beside each other, in Debian's or Fedora's
        // place; the loader finds rustc's own.
        for lib in library::dirs(Path::new("")) {
            let root = tempfile::tempdir().unwrap();
            let lib = root.path().join(lib);
            std::fs::create_dir_all(&lib).unwrap();
            std::os::unix::fs::symlink(&driver, lib.join(driver.file_name().unwrap())).unwrap();
            std::fs::write(lib.join("libLLVM-1.so"), "\x7fELF").unwrap();
            let found = needed_by_rustc(root.path()).unwrap();
            assert_eq!(found, (lib, name.clone()));
        }
        assert_eq!(needed_by_rustc(tempfile::tempdir().unwrap().path()), None);
    }
}
