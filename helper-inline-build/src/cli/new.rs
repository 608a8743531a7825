//! `cargo helper-inline new`: a project that builds and passes its own test at once.
//!
//! Not here: what is in it (`templates/`).

use super::failure::{Failure, Outcome};
use super::front;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// `cargo helper-inline new`
#[derive(Debug, clap::Args)]
pub struct New {
    /// The package's name, and that of the directory that is made
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    kind: Kind,
}

/// What is made.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Kind {
    /// A Linux kernel module
    #[arg(long)]
    kernel_module: bool,
    /// Bindings of a C library
    #[arg(long)]
    ffi: bool,
}

/// A file of a template: its path in the project, and its text.
type File = (&'static str, &'static str);

macro_rules! files {
    ($template:literal, $($path:literal = $from:literal),* $(,)?) => {
        &[$((
            $path,
            include_str!(concat!("../../templates/", $template, "/", $from)),
        )),*]
    };
}

const MODULE: &[File] = files!(
    "module",
    ".cargo/config.toml" = "cargo-config.toml",
    ".gitignore" = "gitignore",
    "Cargo.toml" = "Cargo.toml.in",
    "README.md" = "README.md.in",
    "build.rs" = "build.rs",
    "helpers/kernel.c" = "helpers/kernel.c",
    "helpers/saved-bindings.rs" = "helpers/saved-bindings.rs",
    "src/kernel.rs" = "src/kernel.rs",
    "src/lib.rs" = "src/lib.rs",
    "xtask/Cargo.toml" = "xtask/Cargo.toml.in",
    "xtask/src/main.rs" = "xtask/src/main.rs",
    "xtask/tests/module.rs" = "xtask/tests/module.rs",
);

const FFI: &[File] = files!(
    "ffi",
    ".cargo/config.toml" = "cargo-config.toml",
    ".gitignore" = "gitignore",
    "Cargo.toml" = "Cargo.toml.in",
    "README.md" = "README.md.in",
    "build.rs" = "build.rs",
    "include/ring.h" = "include/ring.h",
    "src/lib.rs" = "src/lib.rs",
    "tests/ring.rs" = "tests/ring.rs",
);

impl New {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let dir = Path::new(&self.name);
        check_name(&self.name)?;
        let files = if self.kind.kernel_module { MODULE } else { FFI };
        write(dir, files, &self.name)?;
        let (name, kind, next) = if self.kind.kernel_module {
            let next = format!("{} dist --bootstrap && {0} boot", front::name());
            (&self.name, "kernel module", next)
        } else {
            (&self.name, "FFI crate", "cargo test".to_owned())
        };
        println!("made the {kind} `{name}`; next: cd {name} && {next}");
        Ok(())
    }
}

/// Fails unless cargo takes the name, and the kernel its form with underscores.
fn check_name(name: &str) -> Outcome {
    /// `MODULE_NAME_LEN` of the kernel, less what ends it.
    const LONGEST: usize = 55;
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if starts && name.chars().all(plain) && name.len() <= LONGEST {
        return check_free(name);
    }
    Err(Failure::usage(format_args!(
        "`{name}` is no name for a package and a module: begin with a lower-case letter, and go \
         on with letters, digits, `-` and `_`, {LONGEST} at most"
    )))
}

/// Fails when the name is another crate's that the template uses, or Rust's.
fn check_free(name: &str) -> Outcome {
    const TAKEN: &[&str] = &[
        "alloc",
        "core",
        "proc-macro",
        "std",
        "test",
        "xtask",
        "helper-inline-build",
        "helper-inline-module",
        "self",
        "super",
        "crate",
        "fn",
        "mod",
        "use",
        "let",
        "type",
        "impl",
    ];
    if !TAKEN.contains(&name) {
        return Ok(());
    }
    Err(Failure::usage(format_args!(
        "`{name}` is a name of Rust's or of a crate that the project uses: take another"
    )))
}

/// Writes all files into a new directory, or none.
fn write(dir: &Path, files: &[File], name: &str) -> Outcome {
    if dir.exists() {
        return Err(Failure::usage(format_args!(
            "`{}` is there already: give another name, or remove it",
            dir.display()
        )));
    }
    let beside = tempfile::Builder::new()
        .prefix(".new-")
        .tempdir_in(".")
        .context("making a directory here")?;
    for (path, text) in files {
        let path: PathBuf = beside.path().join(path);
        let parent = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        std::fs::write(&path, filled(text, name))
            .with_context(|| format!("writing {}", path.display()))?;
    }
    let whole = beside.keep();
    std::fs::rename(&whole, dir)
        .inspect_err(|_| {
            // That it cannot be named so is what is told.
            let _ = std::fs::remove_dir_all(&whole);
        })
        .with_context(|| format!("making {}", dir.display()))?;
    set_mode(dir)?;
    Ok(())
}

/// A temporary directory is its owner's alone; a project is not.
fn set_mode(dir: &Path) -> Outcome {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("making {}", dir.display()))?;
    }
    Ok(())
}

fn filled(text: &str, name: &str) -> String {
    let krate = name.replace('-', "_");
    text.replace("@NAME@", name)
        .replace("@MODULE@", &krate)
        .replace("@CRATE@", &krate)
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        for (path, text) in MODULE.iter().chain(FFI) {
            let filled = filled(text, "my-disk");
            let left = filled
                .split('@')
                .any(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase()));
            assert!(!left, "{path}: {filled}");
        }
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        for name in ["my-disk", "a", "disk2"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "2disk",
            "Disk",
            "../disk",
            "disk.ko",
            "core",
            "xtask",
            &"x".repeat(56),
        ] {
            assert_eq!(check_name(name).unwrap_err().code(), 2, "{name}");
        }
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let failure = write(dir.path(), FFI, "x").unwrap_err();
        assert_eq!(failure.code(), 2);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
