//! What the rustc in use says of itself: its version, its LLVM, its sysroot.
//!
//! Not here: finding libLLVM itself (`link::find`).

use crate::{Error, Result, asked, command};
use std::path::{Path, PathBuf};
use std::process::Output;

/// Libraries of a target that Rust crates lean on, linked as far as needed.
const LIBRARIES: &[&str] = &["libcore-", "liballoc-"];

/// The rustc that cargo uses.
///
/// ```
/// use helper_inline_build::Rustc;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let rustc = Rustc::from_env()?;
/// println!("{} for {}, with LLVM {}", rustc.version, rustc.host, rustc.llvm);
/// assert!(Rustc::has_std(&rustc.sysroot()?, &rustc.host));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rustc {
    /// The program, as cargo names it.
    pub program: PathBuf,
    /// First line of `rustc -vV`, for instance `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub version: String,
    /// The version of the LLVM that it was built with.
    pub llvm: Version,
    /// The host's target triple.
    pub host: String,
}

/// A version of clang or LLVM; ordered, the major number first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The major number, which decides whether bitcode can be read.
    pub major: u32,
    /// The minor number.
    pub minor: u32,
    /// The patch level.
    pub patch: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// The first version number in a text: `Debian clang version 22.1.8 (…)` is 22.1.8.
    ///
    /// ```
    /// use helper_inline_build::Version;
    ///
    /// let version = Version::find("Debian clang version 22.1.8 (1~deb12u1)").unwrap();
    /// assert_eq!(version.to_string(), "22.1.8");
    /// assert!(version > Version::find("LLVM 19.1").unwrap());
    /// assert_eq!(Version::find("no number"), None);
    /// ```
    #[must_use]
    pub fn find(text: &str) -> Option<Version> {
        text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .find_map(|word| {
                let mut parts = word.split('.').map(str::parse::<u32>);
                let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else {
                    return None;
                };
                let patch = parts.next().and_then(|p| p.ok()).unwrap_or(0);
                Some(Version {
                    major,
                    minor,
                    patch,
                })
            })
    }
}

impl Rustc {
    /// Asks the rustc named by `RUSTC` (cargo sets it for build scripts), or the
    /// one on `PATH`.
    ///
    /// # Errors
    /// When it does not run or does not say which LLVM it has.
    pub fn from_env() -> Result<Rustc> {
        Rustc::at(std::env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from))
    }

    /// Asks a rustc by its path, or by a name on `PATH`.
    ///
    /// # Errors
    /// When it does not run or does not say which LLVM it has.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// let rustc = helper_inline_build::Rustc::at("/opt/rust/bin/rustc".into())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(program: PathBuf) -> Result<Rustc> {
        let output = ask("asking rustc's version", &program, &["-vV"])?;
        let text = String::from_utf8_lossy(&output.stdout);
        Rustc::parse(program.clone(), &text).ok_or_else(|| Error::Usage {
            message: format!(
                "`{} -vV` names no LLVM version: this tool needs a rustc with the LLVM back end",
                program.display()
            ),
        })
    }

    fn parse(program: PathBuf, text: &str) -> Option<Rustc> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        Some(Rustc {
            program,
            version: text.lines().next()?.to_owned(),
            llvm: Version::find(field("LLVM version: ")?)?,
            host: field("host: ")?.to_owned(),
        })
    }

    /// The sysroot, from `rustc --print sysroot`.
    ///
    /// # Errors
    /// When rustc does not run.
    pub fn sysroot(&self) -> Result<PathBuf> {
        let arguments = ["--print", "sysroot"];
        let output = ask("asking rustc's sysroot", &self.program, &arguments)?;
        Ok(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ))
    }

    /// The prebuilt rlibs of `core` and `alloc` for a target, from a sysroot;
    /// none when the target is not installed there.
    ///
    /// ```
    /// use helper_inline_build::Rustc;
    ///
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// let rustc = Rustc::from_env()?;
    /// let libraries = Rustc::target_libraries(&rustc.sysroot()?, &rustc.host);
    /// assert_eq!(libraries.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn target_libraries(sysroot: &Path, target: &str) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = rlibs(sysroot, target)
            .filter(|path| LIBRARIES.iter().any(|lib| is_called(path, lib)))
            .collect();
        // alloc needs core, so it is linked first.
        found.sort();
        found
    }

    /// Whether a sysroot has the standard library of a target, so that programs can
    /// be made for it.
    #[must_use]
    pub fn has_std(sysroot: &Path, target: &str) -> bool {
        rlibs(sysroot, target).any(|path| is_called(&path, "libstd-"))
    }
}

fn ask(what: &str, program: &Path, arguments: &[&str]) -> Result<Output> {
    let output = asked::once(program, arguments);
    command::check(what, &asked::command(program, arguments), output)
}

fn rlibs(sysroot: &Path, target: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let dir = sysroot.join("lib/rustlib").join(target).join("lib");
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "rlib")
        })
}

fn is_called(path: &Path, prefix: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_compilers_print() {
        for (text, expected) in [
            ("Debian clang version 22.1.8 (1~deb12u1)", Some((22, 1, 8))),
            (
                "Apple clang version 17.0.0 (clang-1700.0.13.3)",
                Some((17, 0, 0)),
            ),
            ("LLVM22.1.2-rust-1.95.0-stable", Some((22, 1, 2))),
            ("LLVM 19.1", Some((19, 1, 0))),
            ("gcc", None),
        ] {
            let found = Version::find(text).map(|v| (v.major, v.minor, v.patch));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_rustc_without_llvm_is_not_parsed() {
        let text = "rustc 1.95.0\nhost: x86_64-unknown-linux-gnu\nbackend: cranelift\n";
        assert_eq!(Rustc::parse("rustc".into(), text), None);
        let text = "rustc 1.95.0 (abc)\nhost: h\nLLVM version: 22.1.2\n";
        let rustc = Rustc::parse("rustc".into(), text).unwrap();
        assert_eq!(rustc.llvm.to_string(), "22.1.2");
        assert_eq!(rustc.host, "h");
    }
}
