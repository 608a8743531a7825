//! Names of wrappers that no other crate, version or build of one has.
//!
//! Not here: names of helpers written by hand, which are the author's.

use super::scan::place;
use clang::Entity;
use std::path::{Path, PathBuf};

/// How wrappers are named.
pub(super) struct Names<'a> {
    pub prefix: &'a str,
    pub tag: &'a str,
    /// The author's own sources, whose functions are helpers, not the headers'.
    pub sources: &'a [PathBuf],
}

impl Names<'_> {
    /// The linker's name of a wrapper.
    pub(super) fn symbol(&self, name: &str) -> String {
        format!("{}{}_{name}", self.prefix, self.tag)
    }

    /// Whether a symbol is a wrapper's.
    pub(super) fn is_wrapper(&self, symbol: &str) -> bool {
        symbol.starts_with(&self.symbol(""))
    }

    /// Whether a function is the author's own and no header's.
    pub(super) fn is_own(&self, name: &str, function: Entity<'_>) -> bool {
        let path = place(function).map(|(path, _)| path);
        name.starts_with(self.prefix) || path.is_some_and(|path| self.sources.contains(&path))
    }
}

/// A tag of one build of one package: its name, and the hash that cargo put into
/// the name of its directory, `<package>-<hash>/out` or `<hash>/out`.
pub(in crate::build) fn tag(package: &str, out_dir: &Path) -> String {
    const DIGITS: usize = 16;
    let package = package.replace('-', "_");
    let dir = out_dir.parent().and_then(Path::file_name);
    let dir = dir.unwrap_or_default().to_string_lossy().into_owned();
    let last = dir.rsplit('-').next().unwrap_or_default();
    let is_hash = last.len() >= DIGITS && last.chars().all(|c| c.is_ascii_hexdigit());
    let hash = match is_hash {
        true => last.to_owned(),
        false => format!("{:016x}", fnv(out_dir.to_string_lossy().as_bytes())),
    };
    format!("{package}_{hash}")
}

/// FNV-1a: another build tool's directory has no hash in its name.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_of_one_build() {
        for (dir, expected) in [
            (
                "/t/debug/build/a-sys-1a2b3c4d5e6f7081/out",
                "a_sys_1a2b3c4d5e6f7081",
            ),
            (
                "/t/build/a-sys/1a2b3c4d5e6f7081/out",
                "a_sys_1a2b3c4d5e6f7081",
            ),
            ("/bazel/a-sys/out", "a_sys_3bd5a1b1c1ba3f2e"),
        ] {
            let tag = tag("a-sys", Path::new(dir));
            if dir.starts_with("/bazel") {
                assert!(
                    tag.starts_with("a_sys_") && tag.len() == expected.len(),
                    "{tag}"
                );
                assert_ne!(tag, super::tag("a-sys", Path::new("/bazel/other/out")));
            } else {
                assert_eq!(tag, expected);
            }
        }
    }
}
