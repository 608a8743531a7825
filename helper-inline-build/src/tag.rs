//! A name that one build of one package has for itself, for symbols and files that
//! meet those of other packages, versions and builds in one program.
//!
//! Not here: what is named by it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// A tag of one build of one package: its name, and the hash that cargo put into
/// the name of its directory, `<package>-<hash>/out` or `<hash>/out`.
pub(crate) fn tag(package: &str, out_dir: &Path) -> String {
    const DIGITS: usize = 16;
    let package = package.replace('-', "_");
    let dir = out_dir.parent().and_then(Path::file_name);
    let dir = dir.unwrap_or_default().to_string_lossy().into_owned();
    let last = dir.rsplit('-').next().unwrap_or_default();
    let is_hash = last.len() >= DIGITS && last.chars().all(|c| c.is_ascii_hexdigit());
    let hash = match is_hash {
        true => last.to_owned(),
        // Another build tool's directory has none.
        false => {
            let mut hasher = DefaultHasher::new();
            out_dir.hash(&mut hasher);
            format!("{:016x}", hasher.finish())
        }
    };
    format!("{package}_{hash}")
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
