//! Declaring a kernel's helpers where no kernel is configured, so that `cargo check` and
//! the editors that run it know them.
//!
//! Not here: finding a kernel (`kernel::nearby`), and writing the file of saved
//! declarations (`dist`).

use super::env::BuildEnv;
use super::rerun::Rerun;
use super::steps::{self, With};
use super::{Built, Helpers, bindings, compile};
use crate::kernel::{KernelDir, nearby};
use crate::manifest::FILE_NAME;
use crate::served;
use crate::{Clang, Error, Result, Rustc, files};
use std::path::{Path, PathBuf};

/// The `cfg` of a crate whose helpers are declared and not compiled.
const CFG: &str = "helper_inline_checked";

/// At the end of such declarations for bare metal. No linker and no modpost takes what
/// has been compiled with them, and each names the symbol.
const NOT_LINKED: &str = "
// Declared without a kernel that is configured: for checking, and for no module.
const _: () = {
    unsafe extern \"C\" {
        fn HELPER_INLINE_KERNEL_is_not_set();
    }
    #[used]
    static NOT_LINKED: unsafe extern \"C\" fn() = HELPER_INLINE_KERNEL_is_not_set;
};
";

/// How it is said that there is none.
const NONE: &str = "no kernel is configured: set HELPER_INLINE_KERNEL to a kernel build directory";

/// Tells rustc of the `cfg`.
pub(super) fn announce() {
    println!("cargo::rustc-check-cfg=cfg({CFG})");
}

/// Where the declarations came from.
enum Source {
    /// The kernel that is configured.
    Configured,
    /// One that was found.
    Found(KernelDir),
    /// The saved ones, and why no kernel served.
    Saved(String),
}

/// Declares the helpers.
pub(super) fn declare(
    mut helpers: Helpers<'_>,
    env: BuildEnv,
    rerun: &Rerun,
    configured: Option<PathBuf>,
    saved: &Path,
) -> Result<Built> {
    println!("cargo::rerun-if-changed={}", saved.display());
    let is_bare = served::is_bare_metal(&env.target);
    let output = env.bindings();
    let built = Built {
        bitcode: None,
        bindings: output.clone(),
        archive: compile::archive(&env),
        manifest: env.out_dir.join(FILE_NAME),
        only_declared: true,
    };
    // A hosted crate is checked as one for the kernel of its architecture.
    let target = served::module_target(&env.target).to_owned();
    let configured = configured.map(|dir| serving(&dir, &target));
    let lacking = match &configured {
        Some(Err(error)) => format!("the kernel that is configured does not serve: {error}"),
        _ => NONE.to_owned(),
    };
    let kernel = match configured {
        Some(Ok(kernel)) => Ok((kernel, true)),
        _ => nearby::find(&env.package_dir, &target).map(|kernel| (kernel, false)),
    };
    let declared = kernel.and_then(|(kernel, is_configured)| {
        of_kernel(&mut helpers, &BuildEnv { target, ..env }, rerun, &kernel)?;
        Ok(match is_configured {
            true => Source::Configured,
            false => Source::Found(kernel),
        })
    });
    let source = match declared {
        Ok(source) => source,
        Err(error) if saved.is_file() => {
            let text = files::read(saved)?;
            files::write_if_changed(&output, &text)?;
            Source::Saved(error.to_string())
        }
        // The crate is empty on such a target, as it would be without any of this.
        Err(error) if !is_bare => {
            for line in nothing(&lacking, &error, saved).lines() {
                println!("cargo::warning={line}");
            }
            return Ok(built);
        }
        Err(error) => {
            let message = nothing(&lacking, &error, saved);
            return Err(Error::Usage { message });
        }
    };
    if is_bare {
        let text = files::read_to_string(&output)? + NOT_LINKED;
        files::write_if_changed(&output, text.as_bytes())?;
    }
    println!("cargo::rustc-cfg={CFG}");
    for line in warning(&lacking, &source, saved).lines() {
        println!("cargo::warning={line}");
    }
    Ok(built)
}

/// A kernel build directory for a target.
fn serving(dir: &Path, target: &str) -> Result<KernelDir> {
    let kernel = KernelDir::open(dir)?;
    kernel.check_target(target)?;
    Ok(kernel)
}

/// Declares them as they are for a kernel.
fn of_kernel(
    helpers: &mut Helpers<'_>,
    env: &BuildEnv,
    rerun: &Rerun,
    kernel: &KernelDir,
) -> Result<()> {
    let rustc = Rustc::from_env()?;
    let clang = Clang::find(rustc.llvm)?;
    bindings::require_libclang(rustc.llvm.major)?;
    let with = With {
        rustc: &rustc,
        clang: Some(&clang),
        kernel: Some(kernel),
        is_linked: false,
    };
    steps::make(helpers, env, rerun, &with).map(drop)
}

/// What is said of declarations that are there. `lacking` is what there should be.
fn warning(lacking: &str, source: &Source, saved: &Path) -> String {
    match source {
        Source::Configured => String::new(),
        Source::Found(kernel) => format!(
            "{lacking}. The helpers are declared as for {} ({}), for checking alone",
            kernel.release(),
            kernel.path().display()
        ),
        Source::Saved(why) => format!(
            "{lacking}. The helpers are declared as saved in {}, for checking alone, and not \
             as they are now: {why}",
            saved.display()
        ),
    }
}

/// What is said where there are none.
fn nothing(lacking: &str, error: &Error, saved: &Path) -> String {
    format!(
        "{lacking}. Nothing can be checked either: {} is not there, which \
         `cargo helper-inline dist --save-bindings` writes, and no other kernel serves: \
         {error}",
        saved.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_says_what_is_missing_and_where_the_declarations_come_from() {
        let saved = Path::new("helpers/bindings.rs");
        let source = Source::Saved("libclang is missing".into());
        expect_test::expect!["no kernel is configured: set HELPER_INLINE_KERNEL to a kernel build directory. The helpers are declared as saved in helpers/bindings.rs, for checking alone, and not as they are now: libclang is missing"]
            .assert_eq(&warning(NONE, &source, saved));
        let error = Error::NotInBuildScript { variable: "TARGET" };
        let text = nothing(NONE, &error, saved);
        assert!(
            text.contains("dist --save-bindings") && text.contains("TARGET"),
            "{text}"
        );
        assert_eq!(warning(NONE, &Source::Configured, saved), "");
    }

    #[test]
    fn a_configured_kernel_that_does_not_serve_is_named() {
        let error = serving(Path::new("no-such-kernel"), "x86_64-unknown-none").unwrap_err();
        assert!(error.to_string().contains("no-such-kernel"), "{error}");
    }
}
