//! What `__FILE__` says in a helper: a path that does not depend on where the workspace
//! lies, so that two builds in different directories are alike.
//!
//! A kernel's own build does the same to its sources. Not here: debug information, which
//! is to be found.

use std::path::{Path, PathBuf};

/// Flags that take off what the package and all sources have in common, and the build
/// script's output directory.
pub(super) fn flags(package: &Path, out_dir: &Path, sources: &[PathBuf]) -> Vec<String> {
    let package = package
        .canonicalize()
        .unwrap_or_else(|_| package.to_owned());
    let shared = sources
        .iter()
        .fold(package, |shared, source| common(&shared, source));
    let mut flags = Vec::new();
    for dir in [shared.as_path(), out_dir] {
        if dir.parent().is_some() {
            flags.push(format!("-fmacro-prefix-map={}/=", dir.display()));
        }
    }
    flags
}

/// The innermost directory that holds both.
fn common(one: &Path, other: &Path) -> PathBuf {
    one.components()
        .zip(other.components())
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::flags;
    use std::path::Path;

    #[test]
    fn paths_begin_where_package_and_sources_part() {
        let map = |sources: &[&str]| {
            let sources: Vec<_> = sources.iter().map(|s| (*s).into()).collect();
            flags(Path::new("/w/s/pkg"), Path::new("/w/t/out"), &sources)
        };
        let out = "-fmacro-prefix-map=/w/t/out/=";
        assert_eq!(
            map(&["/w/s/pkg/c/a.c"]),
            ["-fmacro-prefix-map=/w/s/pkg/=", out]
        );
        assert_eq!(
            map(&["/w/s/pkg/a.c", "/w/s/helpers/b.c"]),
            ["-fmacro-prefix-map=/w/s/=", out]
        );
        // Nothing in common: as it is.
        assert_eq!(map(&["/usr/share/x.c"]), [out]);
    }
}
