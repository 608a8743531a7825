//! A kernel that is on this machine, where none is configured and any serves to check a
//! crate with.
//!
//! Not here: the kernel that a module is built for, which is always named.

use super::KernelDir;
use crate::served::module_target;
use crate::{Error, Result, files};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// The kernel build directory in a tree of Debian's packages.
#[must_use]
pub(crate) fn headers_in(tree: &Path, release: &str) -> PathBuf {
    tree.join("usr/src")
        .join(format!("linux-headers-{release}"))
}

/// Releases in their order: numbers as numbers, so that 6.12 is newer than 6.1 and -56
/// than -9.
pub(crate) fn compare_releases(a: &str, b: &str) -> Ordering {
    let key = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit())
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

/// The newest kernel of the target's architecture that `kernels fetch` unpacked for the
/// workspace of a package, or else the one that runs, or another that is installed.
pub(crate) fn find(package_dir: &Path, target: &str) -> Result<KernelDir> {
    let fetched = package_dir
        .ancestors()
        .map(|dir| dir.join("target/kernels"))
        .find(|dir| dir.is_dir());
    let mut candidates = Vec::new();
    for tree in fetched.iter().flat_map(|dir| newest_first(dir)) {
        let release = tree.file_name().unwrap_or_default().to_string_lossy();
        candidates.push(headers_in(&tree, &release));
    }
    let modules = Path::new("/lib/modules");
    let running = files::read_to_string(Path::new("/proc/sys/kernel/osrelease"));
    if let Ok(running) = running {
        candidates.push(modules.join(running.trim()).join("build"));
    }
    candidates.extend(newest_first(modules).iter().map(|dir| dir.join("build")));
    let fits = |kernel: &KernelDir| kernel.fits_target(module_target(target));
    candidates
        .iter()
        .filter(|dir| dir.is_dir())
        .filter_map(|dir| KernelDir::open(dir).ok())
        .find(fits)
        .ok_or_else(|| Error::KernelDir {
            dir: fetched.unwrap_or_else(|| modules.to_owned()),
            problem: format!("it has no kernel whose headers are here and that is for `{target}`"),
            mend: "run `cargo helper-inline kernels fetch`, or install a kernel's headers".into(),
        })
}

fn newest_first(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<String> = dir
        .read_dir()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        // A leading dot marks a tree that is still being unpacked.
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_by(|a, b| compare_releases(b, a));
    names.iter().map(|name| dir.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::dir::tests::kernel;

    #[test]
    fn the_newest_of_the_architecture_is_found() {
        let workspace = tempfile::tempdir().unwrap();
        let package = workspace.path().join("crates/one");
        std::fs::create_dir_all(&package).unwrap();
        for (release, config) in [
            ("6.1.0-9-amd64", "CONFIG_X86_64=y\n"),
            ("6.12.1-amd64", "CONFIG_X86_64=y\n"),
            (".6.13.1-amd64.partial", "CONFIG_X86_64=y\n"),
            ("6.12.2-arm64", "CONFIG_ARM64=y\n"),
        ] {
            let tree = workspace.path().join("target/kernels").join(release);
            let headers = headers_in(&tree, release);
            std::fs::create_dir_all(headers.parent().unwrap()).unwrap();
            std::fs::rename(kernel(config).keep(), &headers).unwrap();
        }
        for (target, release) in [
            ("x86_64-unknown-none", "6.12.1-amd64"),
            ("x86_64-unknown-linux-gnu", "6.12.1-amd64"),
            ("aarch64-unknown-none-softfloat", "6.12.2-arm64"),
        ] {
            let found = find(&package, target).unwrap();
            assert!(found.path().ends_with(format!("linux-headers-{release}")));
        }
        let error = find(&package, "riscv64gc-unknown-none-elf").unwrap_err();
        assert!(error.to_string().contains("kernels fetch"), "{error}");
    }
}
