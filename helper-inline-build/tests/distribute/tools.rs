//! The programs that these tests run.

use helper_inline_build::{Clang, Rustc};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A command that is not under the cargo that runs the tests.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for variable in ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"] {
        command.env_remove(variable);
    }
    command
}

/// The clang that is as new as rustc's LLVM.
pub fn clang() -> PathBuf {
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap().path;
    on_path(&clang.to_string_lossy())
}

/// lld does not look for programs.
#[track_caller]
pub fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut found = std::env::split_paths(&path).map(|dir| dir.join(name));
    found
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("no `{name}`: `cargo xtask test --bootstrap` installs it"))
}

/// Runs a command, which must succeed.
#[track_caller]
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

/// What it said.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What has lld distribute by that program.
pub fn distributor(program: &str, args: &[&str]) -> Vec<String> {
    let mut words = vec![
        format!("-Wl,--thinlto-distributor={program}"),
        format!("-Wl,--thinlto-remote-compiler={}", clang().display()),
    ];
    words.extend(
        args.iter()
            .map(|arg| format!("-Wl,--thinlto-distributor-arg={arg}")),
    );
    words
}

/// The same by this project's program.
pub fn ours(args: &[&str]) -> Vec<String> {
    let args = [&["helper-inline", "distribute", "--verbose"], args].concat();
    distributor(env!("CARGO_BIN_EXE_cargo-helper-inline"), &args)
}

/// Waits for what another process is about to do.
#[track_caller]
pub fn wait_until(mut done: impl FnMut() -> bool) {
    /// Others may be at work here.
    const LIMIT: Duration = Duration::from_secs(300);
    let limit = Instant::now() + LIMIT;
    while !done() {
        assert!(Instant::now() < limit, "it does not come to that");
        std::thread::sleep(Duration::from_millis(5));
    }
}
