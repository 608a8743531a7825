//! `cargo helper-inline dist` of programs, by the program as it is installed: found in `PATH`
//! by cargo.
//!
//! Not here: modules, which `xtask`'s suites make.

use crate::copies::RIGHT;
use crate::workspace::{Ran, Workspace, done};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Makes a program of a package, with more arguments, and returns it.
fn dist(mut cargo: Command, workspace: &Workspace, package: &str, more: &str) -> (PathBuf, Ran) {
    let installed = Path::new(env!("CARGO_BIN_EXE_cargo-helper-inline"));
    let path = std::env::var("PATH").unwrap();
    let out = workspace.target().join("dist-of-tests");
    let program = out.join(TARGET).join(package);
    let _ = std::fs::remove_file(&program);
    cargo
        .args(["helper-inline", "dist", "--target", TARGET])
        .args(["--package", package, "--out"])
        .arg(&out)
        .args(more.split_whitespace())
        .env(
            "PATH",
            format!("{}:{path}", installed.parent().unwrap().display()),
        );
    let ran = done(&mut cargo);
    (program, ran)
}

/// Also where the user has the wrapper in cargo's configuration, as the README says.
#[test]
fn the_installed_program_makes_programs() {
    let workspace = Workspace::new();
    let counted = "counted 100073 10005 11 5001\n7001\n";
    for cargo in [workspace.cargo(""), workspace.inlining("")] {
        let (program, _) = dist(cargo, &workspace, "app", "");
        assert_eq!(done(&mut Command::new(&program)).stdout, counted);
        assert_eq!(crate::workspace::helper_symbols(&program, ""), [].into());
    }
}

/// What the program prints that plain cargo makes (`copies`), in each mode.
#[test]
fn definitions_of_each_kind_have_their_right_values() {
    let workspace = Workspace::new();
    let package = "--manifest-path copies/Cargo.toml --inline";
    for mode in ["prefer", "off", "prefer --lto thin", "off --lto thin"] {
        let more = format!("{package} {mode}");
        let (program, ran) = dist(workspace.cargo(""), &workspace, "copies", &more);
        let printed = done(&mut Command::new(&program)).stdout;
        assert_eq!(printed, RIGHT, "{mode}: {}", ran.stderr);
        assert!(!ran.stderr.contains("clang"), "{mode}: {}", ran.stderr);
    }
}
