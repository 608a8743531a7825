//! The documentation of the published crates, built as docs.rs builds it, on a machine
//! that has no clang, no libclang and no network.
//!
//! The machine is this one with its clangs covered: in a namespace of its own, where only
//! a loopback device is and an empty file lies over each clang and libclang. `doctor`
//! shows that this is so. Warnings are errors, so that a link between items that leads
//! nowhere fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::command;
use crate::test::package::{self, PUBLISHED, Package};

/// Covers what is named before `--`, then runs the rest.
const COVER: &str = "while [ \"$1\" != -- ]; do mount --bind /dev/null \"$1\"; shift; done
shift; exec \"$@\"";

/// Checks the workspace at `root`.
pub fn check(root: &Path) -> Result<()> {
    let home = root.join("target/docs-rs");
    let machine = Machine::new()?;
    machine.check(&home)?;
    // Not below the workspace, of which a package in it would be a member.
    let elsewhere = tempfile::tempdir()?;
    let packages = package::make(root, &home, elsewhere.path())?;
    for (package, name) in packages.iter().zip(PUBLISHED) {
        let page = document(&machine, package, &packages[0], &home, name)?;
        ensure!(page.is_file(), "`{}` was not written", page.display());
        println!("{name} documents without clang, libclang and network");
    }
    Ok(())
}

/// Documents a package as docs.rs does; returns the page that it begins with.
fn document(
    machine: &Machine,
    package: &Package,
    library: &Package,
    home: &Path,
    name: &str,
) -> Result<PathBuf> {
    let target_dir = home.join("doc");
    let mut cargo = machine.command(command::cargo().get_program());
    cargo
        .current_dir(&package.dir)
        .args(["rustdoc", "--lib", "--offline", "--quiet", "--target-dir"])
        .arg(&target_dir)
        // As docs.rs, whose rustc is a nightly one.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("DOCS_RS", "1")
        .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings");
    if package.dir != library.dir {
        // What crates.io will have, once it is published.
        let path = format!("patch.crates-io.helper-inline-build.path={:?}", library.dir);
        cargo.args(["--config", &path]);
    }
    let settings = &package.docs_rs;
    if settings["all-features"].as_bool() == Some(true) {
        cargo.arg("--all-features");
    }
    let targets = settings["targets"]
        .as_array()
        .context("no targets for docs.rs")?;
    let target = targets.first().and_then(|target| target.as_str());
    let target = target.context("no target for docs.rs")?;
    cargo.args(["--target", target]);
    command::run(&mut cargo)?;
    let directory = name.replace('-', "_");
    Ok(target_dir
        .join(target)
        .join("doc")
        .join(directory)
        .join("index.html"))
}

/// This machine without what docs.rs need not have.
struct Machine {
    /// Every clang and libclang, with links followed.
    covered: BTreeSet<PathBuf>,
}

impl Machine {
    /// Finds what is to be covered.
    fn new() -> Result<Machine> {
        let mut directories = command::search_path();
        for pattern in ["/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/usr/lib64"] {
            let directory = PathBuf::from(pattern);
            let entries = directory.read_dir().into_iter().flatten().flatten();
            // Those of architectures, and LLVM's own.
            for entry in entries
                .map(|entry| entry.path())
                .filter(|path| path.is_dir())
            {
                directories.extend([entry.join("lib"), entry.join("bin"), entry]);
            }
            directories.push(directory);
        }
        let mut covered = BTreeSet::new();
        for directory in directories {
            let entries = directory.read_dir().into_iter().flatten().flatten();
            for entry in entries.filter(|entry| is_clang(&entry.file_name().to_string_lossy())) {
                // A link that dangles is none.
                covered.extend(
                    entry
                        .path()
                        .canonicalize()
                        .ok()
                        .filter(|path| path.is_file()),
                );
            }
        }
        ensure!(
            !covered.is_empty(),
            "this machine has no clang to be covered"
        );
        Ok(Machine { covered })
    }

    /// A command there.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("unshare");
        command
            .args([
                "--map-root-user",
                "--net",
                "--mount",
                "sh",
                "-ec",
                COVER,
                "cover",
            ])
            .args(&self.covered)
            .arg("--")
            .arg(program);
        for variable in [
            "HELPER_INLINE_CLANG",
            "LIBCLANG_PATH",
            "HELPER_INLINE_KERNEL",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// That there is no clang, no libclang and no network, but for the covers all as here.
    fn check(&self, home: &Path) -> Result<()> {
        let devices = command::output(self.command("cat").arg("/proc/net/dev"))?;
        let devices: Vec<&str> = devices.lines().skip(2).collect();
        ensure!(
            devices
                .iter()
                .all(|line| line.trim_start().starts_with("lo:")),
            "there is a network: {devices:?}"
        );
        // A shell is between: `/proc/self/exe` would be it.
        let program = command::own_program(home)?;
        let here = doctor(Command::new(&program))?;
        let there = doctor(self.command(&program))?;
        for need in ["clang", "libclang"] {
            ensure!(
                state(&here, need) == Some("found"),
                "no {need} here:\n{here}"
            );
            ensure!(
                state(&there, need) == Some("MISSING"),
                "{need} is not covered:\n{there}"
            );
        }
        println!(
            "covered: {} files of clang and libclang",
            self.covered.len()
        );
        Ok(())
    }
}

/// Programs `clang` and `clang-22`, and the libraries that they and bindgen are.
fn is_clang(file: &str) -> bool {
    let version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '-');
    file.strip_prefix("clang").is_some_and(version)
        || (file.starts_with("libclang") && file.contains(".so"))
}

/// What `doctor` prints. It fails where something is missing.
fn doctor(mut command: Command) -> Result<String> {
    let output = command.arg("doctor").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        text.contains("rustc"),
        "doctor does not run: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(text)
}

/// The first word of a need's row.
fn state<'t>(table: &'t str, need: &str) -> Option<&'t str> {
    table.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let state = words.next()?;
        (words.next()? == need).then_some(state)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_is_clang_alone() {
        for (file, is) in [
            ("clang", true),
            ("clang-22", true),
            ("libclang-22.so.22", true),
            ("libclang.so", true),
            ("clang-format", false),
            ("clangd", false),
            ("libclangBasic.a", false),
        ] {
            assert_eq!(is_clang(file), is, "{file}");
        }
    }

    #[test]
    fn a_needs_state_is_the_first_word_of_its_row() {
        let table =
            "found    clang     /usr/bin/clang-22\nMISSING  libclang  no\n   mend it with: clang\n";
        assert_eq!(state(table, "clang"), Some("found"));
        assert_eq!(state(table, "libclang"), Some("MISSING"));
        assert_eq!(state(table, "qemu"), None);
    }
}
