//! A copy of the fixture that wraps, and cargo run on it.
//!
//! Not here: what is expected of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the fixture in a place of its own.
pub fn copy(name: &str) -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures/copies");
    let dir = scratch.join(format!("wrap-{name}"));
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy_all(&here.join("tests/fixtures/wrap"), &dir);
    let workspace = here.parent().unwrap();
    for package in [dir.clone(), dir.join("other")] {
        let manifest = package.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let start = text.find("{ path = \"../../").unwrap();
        let library = workspace.join("helper-inline-build");
        let text = format!("{}{{ path = {library:?} }}\n", &text[..start])
            + text[start..].split_once('\n').unwrap().1;
        fs::write(
            manifest,
            text.replace("fixture-wrap", &format!("fixture-{name}")),
        )
        .unwrap();
    }
    let tests = dir.join("src/tests.rs");
    let text = fs::read_to_string(&tests).unwrap();
    fs::write(
        tests,
        text.replace("fixture_wrap", &format!("fixture_{name}")),
    )
    .unwrap();
    fs::copy(workspace.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
    dir
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}

/// Runs a command on a copy; whether it succeeded, and what it printed.
pub fn run(dir: &Path, command: &mut Command) -> (bool, String) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures/target");
    let output = command
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
            "qemu-aarch64 -L /usr/aarch64-linux-gnu",
        )
        .env_remove("HELPER_INLINE_KERNEL")
        // A user's cargo is at its defaults, whatever this one was told.
        .env_remove("CARGO_INCREMENTAL")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

pub fn cargo(dir: &Path, arguments: &[&str]) -> (bool, String) {
    run(dir, Command::new(env!("CARGO")).args(arguments))
}
