//! Finding a clang whose bitcode the linking LLVM can read.
//!
//! Not here: the flags that helpers are compiled with (`build`, `kernel`).

pub(crate) mod defaults;
pub(crate) mod effective;
mod installed;
pub(crate) mod instrumentation;
pub(crate) mod library;

use crate::rustc::Version;
use crate::{Error, Result, asked};
use std::path::{Path, PathBuf};

/// A clang and its version.
///
/// ```no_run
/// use helper_inline_build::{Clang, Rustc};
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let clang = Clang::find(Rustc::from_env()?.llvm)?;
/// println!("{} is clang {}", clang.path.display(), clang.version);
/// // LLVM's other tools are beside it.
/// println!("{}", clang.tool("llvm-nm").display());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clang {
    /// The program.
    pub path: PathBuf,
    /// Its version, which is also that of its LLVM.
    pub version: Version,
}

impl Clang {
    /// The oldest major version whose bitcode was linked and run in tests.
    pub const OLDEST: u32 = 14;

    /// Finds clang: `HELPER_INLINE_CLANG`, then `clang-N` from rustc's own LLVM
    /// major downwards, then `clang`.
    ///
    /// `rustc_llvm` is the version of rustc's own LLVM. A clang newer than that
    /// is taken when there is no other, or when the variable names it, and only
    /// with a libLLVM of its own version to link with. When `HELPER_INLINE_LLVM`
    /// names what links, any version is taken; the link step then compares.
    ///
    /// # Errors
    /// [`Error::ClangNotFound`]; [`Error::ClangUnusable`] when the variable names
    /// something else; [`Error::ClangTooNew`] when all that was found is newer
    /// than rustc's LLVM and has no libLLVM with it.
    pub fn find(rustc_llvm: Version) -> Result<Clang> {
        let any_links = std::env::var_os("HELPER_INLINE_LLVM").is_some();
        let readable = |clang: &Clang| any_links || clang.llvm_library().is_some();
        match std::env::var_os("HELPER_INLINE_CLANG") {
            Some(named) => Clang::at(Path::new(&named))?.readable(rustc_llvm, readable),
            None => Clang::search(rustc_llvm, Clang::at, readable),
        }
    }

    /// `newer_is_readable` says whether something links the bitcode of a clang
    /// that is newer than rustc's LLVM.
    fn search(
        rustc_llvm: Version,
        probe: impl Fn(&Path) -> Result<Clang>,
        newer_is_readable: impl Fn(&Clang) -> bool,
    ) -> Result<Clang> {
        /// How many releases after rustc's own LLVM are looked for.
        const AHEAD: u32 = 8;
        let own = rustc_llvm.major;
        let not_newer = (Self::OLDEST..=own).rev().map(|n| format!("clang-{n}"));
        let newer = (own + 1..=own + AHEAD).map(|n| format!("clang-{n}"));
        let mut too_new = None;
        for name in not_newer.chain(["clang".to_owned()]).chain(newer) {
            let Ok(clang) = probe(Path::new(&name)) else {
                continue;
            };
            match clang.readable(rustc_llvm, &newer_is_readable) {
                Ok(clang) => return Ok(clang),
                Err(error) => too_new = too_new.or(Some(error)),
            }
        }
        Err(too_new.unwrap_or_else(|| Error::ClangNotFound {
            searched: format!("clang-{own} down to clang-{}, and clang", Self::OLDEST),
            rustc_llvm: own,
        }))
    }

    /// Asks a clang by its path, or by a name on `PATH`.
    ///
    /// # Errors
    /// [`Error::ClangUnusable`] when it does not run or is something else.
    pub fn at(path: &Path) -> Result<Clang> {
        let unusable = |reason: String| Error::ClangUnusable {
            path: path.to_owned(),
            reason,
        };
        let output = asked::once(path, &["--version"])
            .map_err(|e| unusable(format!("it does not run: {e}")))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().next().unwrap_or_default();
        if !first.contains("clang version") {
            return Err(unusable(format!("it calls itself `{first}`")));
        }
        let version = Version::find(first)
            .ok_or_else(|| unusable(format!("no version number in `{first}`")))?;
        Ok(Clang {
            path: path.to_owned(),
            version,
        })
    }

    fn readable(
        self,
        rustc_llvm: Version,
        newer_is_readable: impl Fn(&Clang) -> bool,
    ) -> Result<Clang> {
        if self.version.major <= rustc_llvm.major || newer_is_readable(&self) {
            return Ok(self);
        }
        Err(self.too_new(rustc_llvm))
    }

    /// The error that this clang is too new to be linked in rustc's LLVM, and
    /// cannot be linked in its own.
    pub(crate) fn too_new(&self, rustc_llvm: Version) -> Error {
        Error::ClangTooNew {
            path: self.path.clone(),
            clang: self.version.to_string(),
            llvm: rustc_llvm.major,
        }
    }

    /// The libLLVM that was installed with it, which reads its bitcode.
    #[must_use]
    pub fn llvm_library(&self) -> Option<PathBuf> {
        library::find(&self.path, self.version.major)
    }

    /// The suffix that this clang's sibling tools carry: `-22` for `clang-22`
    /// and for `/usr/bin/clang-22`, empty for `clang`.
    #[must_use]
    pub fn suffix(&self) -> &str {
        let name = self.path.file_name().and_then(|n| n.to_str());
        let suffix = name.and_then(|n| n.strip_prefix("clang"));
        suffix.unwrap_or_default()
    }

    /// A tool of this clang's LLVM as Kbuild calls it: `llvm-objcopy-22` on `PATH`
    /// for `clang-22`, the one beside it for `/opt/llvm/bin/clang`.
    #[must_use]
    pub fn tool(&self, name: &str) -> PathBuf {
        match self.kbuild_llvm().as_str() {
            suffix if suffix.starts_with('-') => format!("{name}{suffix}").into(),
            dir if dir.ends_with('/') => format!("{dir}{name}").into(),
            _ => name.into(),
        }
    }

    /// Kbuild's `LLVM=`: a suffix (`-22`), a directory with a final slash, or 1.
    #[must_use]
    pub fn kbuild_llvm(&self) -> String {
        let suffix = self.suffix();
        if suffix.starts_with('-') {
            return suffix.to_owned();
        }
        match self.path.parent() {
            Some(dir) if dir != Path::new("") => format!("{}/", dir.display()),
            _ => "1".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32) -> Version {
        Version {
            major,
            minor: 1,
            patch: 0,
        }
    }

    fn installed<'a>(programs: &'a [(&'a str, u32)]) -> impl Fn(&Path) -> Result<Clang> + use<'a> {
        move |path| {
            let found = programs.iter().find(|(name, _)| Path::new(name) == path);
            let (_, major) = found.ok_or(Error::NoSources)?;
            Ok(Clang {
                path: path.to_owned(),
                version: version(*major),
            })
        }
    }

    #[test]
    fn the_newest_readable_clang_wins() {
        let probe = installed(&[("clang-16", 16), ("clang-19", 19), ("clang-23", 23)]);
        let clang = Clang::search(version(22), probe, |_| true).unwrap();
        assert_eq!(clang.path, Path::new("clang-19"));
        assert_eq!(clang.suffix(), "-19");
    }

    #[test]
    fn a_newer_clang_is_refused_by_name() {
        let probe = installed(&[("clang", 23)]);
        let error = Clang::search(version(22), probe, |_| false).unwrap_err();
        expect_test::expect![[r#"`clang` is clang 23.1.0, newer than rustc's LLVM 22, and no libLLVM 23 was found to link both with: its bitcode cannot be read safely; install `libllvm23`, or `clang-22` or older and set HELPER_INLINE_CLANG to it, or set HELPER_INLINE_LLVM to a newer libLLVM"#]]
        .assert_eq(&error.to_string());
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn a_newer_clang_serves_when_its_own_llvm_links_and_the_nearest_first() {
        let probe = installed(&[("clang-23", 23), ("clang-24", 24)]);
        let clang = Clang::search(version(22), probe, |_| true).unwrap();
        assert_eq!(clang.path, Path::new("clang-23"));
        let probe = installed(&[("clang-23", 23), ("clang-24", 24)]);
        let clang = Clang::search(version(22), probe, |c| c.version.major == 24).unwrap();
        assert_eq!(clang.path, Path::new("clang-24"));
    }

    #[test]
    fn no_clang_names_the_package() {
        let error = Clang::search(version(22), installed(&[]), |_| true).unwrap_err();
        expect_test::expect![[r#"no clang found (looked for clang-22 down to clang-14, and clang): install one of at most LLVM 22, for instance `apt-get install clang-22`, or set HELPER_INLINE_CLANG to its path"#]]
        .assert_eq(&error.to_string());
    }

    #[test]
    fn kbuild_takes_all_tools_from_clangs_own_llvm() {
        for (path, llvm, tool) in [
            ("clang-22", "-22", "llvm-nm-22"),
            ("/usr/bin/clang-22", "-22", "llvm-nm-22"),
            (
                "/opt/llvm/bin/clang",
                "/opt/llvm/bin/",
                "/opt/llvm/bin/llvm-nm",
            ),
            ("clang", "1", "llvm-nm"),
        ] {
            let clang = Clang {
                path: path.into(),
                version: version(22),
            };
            assert_eq!(clang.kbuild_llvm(), llvm);
            assert_eq!(clang.tool("llvm-nm"), Path::new(tool));
        }
    }

    #[test]
    fn another_program_is_no_clang() {
        let error = Clang::at(Path::new("true")).unwrap_err();
        assert!(matches!(error, Error::ClangUnusable { .. }), "{error}");
    }
}
