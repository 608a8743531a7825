//! The kernels that are unpacked: finding them and choosing one. Reads
//! directories, changes nothing.

use std::path::{Path, PathBuf};

use super::{Arch, DEFAULT_RELEASE, build};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;
use crate::kernel::nearby::{compare_releases, headers_in};

/// An unpacked kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// What `uname -r` says there.
    pub release: String,
    /// What it runs on.
    pub arch: Arch,
    /// Its build directory, for Kbuild.
    pub build_dir: PathBuf,
    /// Its bootable image.
    pub image: PathBuf,
}

impl Kernel {
    /// Whether it belongs to a version line: `6.1.0-56-amd64` to `6.1`, not to `6`.
    pub fn is_of_line(&self, line: &str) -> bool {
        self.release
            .strip_prefix(line)
            .is_some_and(|rest| rest.starts_with(['.', '-', '+']))
    }

    /// Whether `kernels build` made it, which is nobody's default.
    pub fn is_built_here(&self) -> bool {
        self.image.starts_with(&self.build_dir)
    }

    /// As `kernels fetch` or `kernels build` lays it out in `tree`; nothing when a
    /// part is missing.
    pub(super) fn in_tree(tree: &Path, release: &str) -> Option<Self> {
        let arch = Arch::of_release(release)?;
        let built = build::output_of(tree);
        let images = [
            tree.join("boot").join(format!("vmlinuz-{release}")),
            tree.join("usr/lib/modules").join(release).join("vmlinuz"),
            built.join(image_in_output(arch)),
        ];
        let headers = headers_in(tree, release);
        let whole = |dir: &PathBuf| dir.join("Module.symvers").is_file();
        Some(Self {
            release: release.to_owned(),
            arch,
            build_dir: [headers, built].into_iter().find(whole)?,
            image: images.into_iter().find(|image| image.is_file())?,
        })
    }
}

/// The kernels in a directory such as `target/kernels`, newest first in each architecture.
pub fn installed(directory: &Path) -> Vec<Kernel> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut kernels: Vec<Kernel> = entries
        .filter_map(|entry| {
            let release = entry.file_name().into_string().ok()?;
            // A leading dot marks a tree that is still being unpacked.
            if release.starts_with('.') {
                return None;
            }
            Kernel::in_tree(&entry.path(), &release)
        })
        .collect();
    kernels.sort_by(|a, b| {
        a.arch
            .cmp(&b.arch)
            .then_with(|| compare_releases(&b.release, &a.release))
    });
    kernels
}

/// The kernel that a module's Rust target is built for when none is named: the
/// newest of the default line, or else the newest there is.
pub fn default_for(directory: &Path, rust_target: &str) -> Option<Kernel> {
    let arch = Arch::of_target(rust_target)?;
    let mut kernels = installed(directory);
    kernels.retain(|kernel| kernel.arch == arch && !kernel.is_built_here());
    let preferred = kernels
        .iter()
        .position(|kernel| kernel.is_of_line(DEFAULT_RELEASE))
        .unwrap_or(0);
    (preferred < kernels.len()).then(|| kernels.swap_remove(preferred))
}

/// The kernel build directory that the user means: of a tree made by `kernels
/// fetch` the one in it, else the directory itself, whatever it holds.
pub fn build_dir(directory: &Path) -> PathBuf {
    let tree = directory.canonicalize().ok();
    let kernel = tree.and_then(|tree| {
        let release = tree.file_name()?.to_string_lossy().into_owned();
        Kernel::in_tree(&tree, &release)
    });
    kernel.map_or_else(|| directory.to_owned(), |kernel| kernel.build_dir)
}

/// The kernel that the user named: the tree of `kernels fetch`, or a kernel build
/// directory with its image in the same tree or in /boot.
pub fn at(directory: &Path) -> Outcome<Kernel> {
    let directory = directory.canonicalize().map_err(|error| {
        Failure::usage(format_args!(
            "kernel directory {}: {error}",
            directory.display()
        ))
    })?;
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    if let Some(kernel) = Kernel::in_tree(&directory, &name) {
        return Ok(kernel);
    }
    // Not include/config/kernel.release: Debian's holds the upstream version.
    let release_file = directory.join("include/generated/utsrelease.h");
    let text = std::fs::read_to_string(&release_file);
    let Some(release) = text.as_deref().ok().and_then(release_in) else {
        let why = match &text {
            Ok(_) => "defines no UTS_RELEASE".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(Failure::usage(format_args!(
            "{} is neither a tree made by `{} kernels fetch` nor a prepared kernel build directory ({}: {why})",
            directory.display(),
            front::name(),
            release_file.display()
        )));
    };
    let arch = Arch::of_release(&release).or_else(|| arch_of_config(&directory));
    let Some(arch) = arch else {
        return Err(Failure::usage(format_args!(
            "kernel {release} in {} is for neither amd64 nor arm64",
            directory.display()
        )));
    };
    let file = format!("vmlinuz-{release}");
    let images = [
        directory.join("../../../boot").join(&file),
        directory
            .join("../../lib/modules")
            .join(&release)
            .join("vmlinuz"),
        Path::new("/lib/modules").join(&release).join("vmlinuz"),
        Path::new("/boot").join(&file),
        directory.join(image_in_output(arch)),
    ];
    let Some(image) = images.iter().find(|image| image.is_file()) else {
        return Err(Failure::need(format_args!(
            "no bootable image {file} for the kernel build directory {}; name the tree that holds boot/{file}, or run `{} kernels fetch`",
            directory.display(),
            front::name()
        )));
    };
    Ok(Kernel {
        image: image.clone(),
        release,
        arch,
        build_dir: directory,
    })
}

/// Where Kbuild leaves a bootable image.
fn image_in_output(arch: Arch) -> &'static str {
    match arch {
        Arch::Amd64 => "arch/x86/boot/bzImage",
        Arch::Arm64 => "arch/arm64/boot/Image",
    }
}

/// `#define UTS_RELEASE "6.1.0-56-amd64"`
fn release_in(utsrelease: &str) -> Option<String> {
    let rest = utsrelease.split("UTS_RELEASE \"").nth(1)?;
    Some(rest.split('"').next()?.to_owned())
}

fn arch_of_config(directory: &Path) -> Option<Arch> {
    let config = std::fs::read_to_string(directory.join(".config")).ok()?;
    let has = |line: &str| config.lines().any(|present| present == line);
    if has("CONFIG_X86_64=y") {
        Some(Arch::Amd64)
    } else if has("CONFIG_ARM64=y") {
        Some(Arch::Arm64)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(directory: &Path, tree: &str, release: &str) {
        let tree = directory.join(tree);
        let headers = tree.join(format!("usr/src/linux-headers-{release}"));
        std::fs::create_dir_all(&headers).unwrap();
        std::fs::create_dir_all(tree.join("boot")).unwrap();
        std::fs::write(headers.join("Module.symvers"), "").unwrap();
        std::fs::write(tree.join(format!("boot/vmlinuz-{release}")), "").unwrap();
    }

    fn releases(kernels: &[Kernel]) -> Vec<&str> {
        kernels.iter().map(|k| k.release.as_str()).collect()
    }

    #[test]
    fn whole_trees_are_listed_newest_first_and_half_ones_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let dir = directory.path();
        for release in [
            "6.1.0-9-amd64",
            "6.1.0-56-amd64",
            "6.12.9+bpo-amd64",
            "6.1.0-56-arm64",
        ] {
            unpacked(dir, release, release);
        }
        unpacked(dir, ".6.1.0-99-amd64.partial", "6.1.0-99-amd64");
        unpacked(dir, "6.1.0-98-amd64", "6.1.0-98-amd64");
        std::fs::remove_file(dir.join("6.1.0-98-amd64/boot/vmlinuz-6.1.0-98-amd64")).unwrap();
        assert_eq!(
            releases(&installed(dir)),
            [
                "6.12.9+bpo-amd64",
                "6.1.0-56-amd64",
                "6.1.0-9-amd64",
                "6.1.0-56-arm64"
            ]
        );
        let chosen = default_for(dir, "x86_64-unknown-none").unwrap();
        assert_eq!(chosen.release, "6.1.0-56-amd64");
        assert_eq!(default_for(dir, "riscv64gc-unknown-none-elf"), None);
    }

    #[test]
    fn a_kernel_that_was_built_here_is_found_in_its_output_directory() {
        let directory = tempfile::tempdir().unwrap();
        let tree = directory.path().join("6.12.9-clang-amd64");
        std::fs::create_dir_all(tree.join("build/arch/x86/boot")).unwrap();
        std::fs::write(tree.join("build/arch/x86/boot/bzImage"), "").unwrap();
        assert_eq!(releases(&installed(directory.path())), [""; 0]);
        std::fs::write(tree.join("build/Module.symvers"), "").unwrap();
        let found = installed(directory.path());
        assert_eq!(releases(&found), ["6.12.9-clang-amd64"]);
        assert_eq!(found[0].build_dir, tree.join("build"));
        assert!(found[0].is_built_here());
        assert_eq!(default_for(directory.path(), "x86_64-unknown-none"), None);
    }

    #[test]
    fn a_kernel_is_found_by_its_tree_and_by_its_build_directory() {
        let directory = tempfile::tempdir().unwrap();
        let release = "6.1.0-56-arm64";
        unpacked(directory.path(), release, release);
        let tree = directory.path().join(release);
        let by_tree = at(&tree).unwrap();
        let generated = by_tree.build_dir.join("include/generated");
        std::fs::create_dir_all(&generated).unwrap();
        let line = "#define UTS_RELEASE \"6.1.0-56-arm64\"\n";
        std::fs::write(generated.join("utsrelease.h"), line).unwrap();
        let by_build_dir = at(&by_tree.build_dir).unwrap();
        assert_eq!(by_tree.release, by_build_dir.release);
        assert_eq!(by_build_dir.arch, Arch::Arm64);
        assert!(by_build_dir.image.is_file());

        std::fs::remove_file(tree.join("boot/vmlinuz-6.1.0-56-arm64")).unwrap();
        assert_eq!(at(&by_tree.build_dir).unwrap_err().code(), 2);
    }

    #[test]
    fn a_directory_that_is_no_kernel_is_refused_with_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let failure = at(directory.path()).unwrap_err();
        let message = format!("{failure:#}");
        assert_eq!(failure.code(), 2);
        assert!(message.contains(&*directory.path().file_name().unwrap().to_string_lossy()));
        assert!(
            message.contains("cargo helper-inline kernels fetch"),
            "{message}"
        );
    }
}
