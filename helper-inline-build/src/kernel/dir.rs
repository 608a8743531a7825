//! A kernel build directory, checked for what modules need of it.
//!
//! Read from its configuration and generated headers, never guessed from its
//! version. Not here: running its Kbuild.

use super::unserved;
use crate::served::is_bare_metal;
use crate::{Error, Result, files};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A prepared kernel build directory: a distribution's headers or a build tree.
///
/// ```no_run
/// use helper_inline_build::kernel::KernelDir;
/// use std::path::Path;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let kernel = KernelDir::open(Path::new("/usr/src/linux-headers-6.1.0-56-amd64"))?;
/// kernel.check_target("x86_64-unknown-none")?;
/// if kernel.is_set("CONFIG_RETHUNK") {
///     println!("{} has return thunks", kernel.release());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KernelDir {
    path: PathBuf,
    release: String,
    arch: Arch,
    config: HashMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Arch {
    /// `ARCH=` of the kernel's Makefile.
    kbuild: &'static str,
    /// The option that is `y` in such a kernel's configuration.
    option: &'static str,
    /// First component of the Rust target triples that fit.
    rust: &'static str,
}

const ARCHES: [Arch; 2] = [
    Arch {
        kbuild: "x86",
        option: "CONFIG_X86_64",
        rust: "x86_64",
    },
    Arch {
        kbuild: "arm64",
        option: "CONFIG_ARM64",
        rust: "aarch64",
    },
];

impl KernelDir {
    /// Opens a kernel build directory.
    ///
    /// # Errors
    /// [`Error::KernelDir`] when it is none, is not prepared, lacks
    /// `Module.symvers`, or is configured with an option that cannot be followed;
    /// the message says what mends it.
    pub fn open(path: &Path) -> Result<KernelDir> {
        let fail = |problem: String, mend: &str| Error::KernelDir {
            dir: path.to_owned(),
            problem,
            mend: mend.to_owned(),
        };
        let headers = "install the kernel's headers (on Debian `apt-get install linux-headers-…`, \
                       or `cargo helper-inline kernels fetch`), or name a kernel build directory with --kernel or HELPER_INLINE_KERNEL";
        let prepare = "run `make modules_prepare` in it, or use the distribution's header package";
        if !path.is_dir() {
            return Err(fail("there is no such directory".into(), headers));
        }
        for file in ["Makefile", "include"] {
            if !path.join(file).exists() {
                let problem = format!("it has no `{file}`, so it is not a kernel build directory");
                return Err(fail(problem, headers));
            }
        }
        for file in [
            "include/generated/autoconf.h",
            "include/generated/utsrelease.h",
            "include/config/auto.conf",
        ] {
            if !path.join(file).is_file() {
                return Err(fail(format!("it has no `{file}`"), prepare));
            }
        }
        let config = parse_config(&files::read_to_string(
            &path.join("include/config/auto.conf"),
        )?);
        let is_set = |option: &str| is_set(&config, option);
        if let Some(unserved) = unserved::find(path, is_set) {
            return Err(fail(unserved.problem, &unserved.mend));
        }
        if !path.join("Module.symvers").is_file() {
            return Err(fail(
                "it has no `Module.symvers`, so modpost cannot check a module's symbols".into(),
                "build the kernel's modules (`make modules`), or use the distribution's header package",
            ));
        }
        let path = path.canonicalize().map_err(files::io("resolve", path))?;
        let release = parse_release(&files::read_to_string(
            &path.join("include/generated/utsrelease.h"),
        )?)
        .ok_or_else(|| {
            fail(
                "`include/generated/utsrelease.h` defines no UTS_RELEASE".into(),
                prepare,
            )
        })?;
        let arch = ARCHES
            .into_iter()
            .find(|a| is_set(a.option))
            .ok_or_else(|| {
                fail(
                    "its architecture is neither x86_64 nor arm64".into(),
                    "only these two are supported",
                )
            })?;
        Ok(KernelDir {
            path,
            release,
            arch,
            config,
        })
    }

    /// Fails unless the Rust target is bare metal of this kernel's architecture.
    ///
    /// # Errors
    /// [`Error::KernelDir`], with both architectures; [`Error::TargetUnsupported`]
    /// for a hosted target.
    pub fn check_target(&self, target: &str) -> Result<()> {
        if self.fits_target(target) {
            return Ok(());
        }
        if target.split('-').next() == Some(self.arch.rust) {
            return Err(Error::TargetUnsupported {
                target: target.to_owned(),
                reason: "a kernel module needs a bare-metal target: \
                         x86_64-unknown-none or aarch64-unknown-none-softfloat"
                    .into(),
            });
        }
        Err(Error::KernelDir {
            dir: self.path.clone(),
            problem: format!(
                "it is a kernel for {}, and the target is `{target}`",
                self.arch.rust
            ),
            mend: format!(
                "give --target for {} or the build directory of another kernel",
                self.arch.rust
            ),
        })
    }

    /// Whether the Rust target is bare metal of this kernel's architecture.
    #[must_use]
    pub fn fits_target(&self, target: &str) -> bool {
        target.split('-').next() == Some(self.arch.rust) && is_bare_metal(target)
    }

    /// The directory, canonical.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `uname -r` of this kernel.
    #[must_use]
    pub fn release(&self) -> &str {
        &self.release
    }

    /// `ARCH=` for its Makefile.
    pub(crate) fn arch(&self) -> &'static str {
        self.arch.kbuild
    }

    /// The architecture as targets begin with it: `x86_64` or `aarch64`.
    pub(crate) fn target_arch(&self) -> &'static str {
        self.arch.rust
    }

    /// An option's value in the configuration, as it stands there: `y`, a number, a
    /// string in quotes.
    ///
    /// ```no_run
    /// # fn show(kernel: &helper_inline_build::kernel::KernelDir) {
    /// assert_eq!(kernel.value("CONFIG_NR_CPUS"), Some("8192"));
    /// # }
    /// ```
    #[must_use]
    pub fn value(&self, option: &str) -> Option<&str> {
        self.config.get(option).map(String::as_str)
    }

    /// Whether an option, such as `CONFIG_RETHUNK`, is `y` or `m` in the
    /// configuration that the kernel was built with.
    #[must_use]
    pub fn is_set(&self, option: &str) -> bool {
        is_set(&self.config, option)
    }
}

fn is_set(config: &HashMap<String, String>, option: &str) -> bool {
    config.get(option).is_some_and(|v| v == "y" || v == "m")
}

fn parse_config(text: &str) -> HashMap<String, String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn parse_release(utsrelease: &str) -> Option<String> {
    let line = utsrelease
        .lines()
        .find_map(|l| l.strip_prefix("#define UTS_RELEASE "))?;
    Some(line.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A directory with what `KernelDir::open` looks at.
    pub(in crate::kernel) fn kernel(config: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Makefile", "");
        write("Module.symvers", "");
        write("include/generated/autoconf.h", "");
        write(
            "include/generated/utsrelease.h",
            "#define UTS_RELEASE \"6.1.0-56-amd64\"\n",
        );
        write("include/config/auto.conf", config);
        dir
    }

    #[test]
    fn release_architecture_and_options_are_read() {
        let dir = kernel("CONFIG_X86_64=y\n# CONFIG_RUST is not set\nCONFIG_CC_IS_GCC=y\n");
        let kernel = KernelDir::open(dir.path()).unwrap();
        assert_eq!(kernel.release(), "6.1.0-56-amd64");
        assert_eq!(kernel.arch(), "x86");
        assert!(kernel.is_set("CONFIG_CC_IS_GCC"));
        assert!(!kernel.is_set("CONFIG_RUST"));
        kernel.check_target("x86_64-unknown-none").unwrap();
        let error = kernel
            .check_target("aarch64-unknown-none-softfloat")
            .unwrap_err()
            .to_string();
        assert!(error.contains("it is a kernel for x86_64"), "{error}");
        let error = kernel.check_target("x86_64-unknown-linux-gnu").unwrap_err();
        assert!(error.to_string().contains("bare-metal"), "{error}");
    }

    #[test]
    fn an_option_that_cannot_be_followed_is_named() {
        let dir = kernel("CONFIG_X86_64=y\nCONFIG_CFI_CLANG=y\n");
        // It would be no better with its symbols.
        std::fs::remove_file(dir.path().join("Module.symvers")).unwrap();
        let error = KernelDir::open(dir.path()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("CONFIG_CFI_CLANG"), "{error}");
    }

    #[test]
    fn each_missing_part_is_named_with_its_mend() {
        for (file, problem, mend) in [
            ("Makefile", "not a kernel build directory", "headers"),
            (
                "include/generated/autoconf.h",
                "it has no `include/generated/autoconf.h`",
                "make modules_prepare",
            ),
            (
                "Module.symvers",
                "it has no `Module.symvers`",
                "make modules",
            ),
        ] {
            let dir = kernel("CONFIG_ARM64=y\n");
            std::fs::remove_file(dir.path().join(file)).unwrap();
            let error = KernelDir::open(dir.path()).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let text = error.to_string();
            assert!(text.contains(problem) && text.contains(mend), "{text}");
        }
        let error = KernelDir::open(Path::new("no-such-dir")).unwrap_err();
        assert!(error.to_string().contains("no such directory"), "{error}");
        let error = KernelDir::open(kernel("CONFIG_RISCV=y\n").path()).unwrap_err();
        assert!(error.to_string().contains("neither"), "{error}");
    }
}
