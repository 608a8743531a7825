//! The module as users get it. Its kernel is fetched the first time.

use std::process::Command;

fn xtask(arguments: &[&str]) -> bool {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(arguments).status().unwrap().success()
}

/// `dist` fails unless each helper that is called was inlined.
#[test]
fn it_is_built_loaded_and_unloaded() {
    let target = format!("{}-unknown-none{}", std::env::consts::ARCH, SUFFIX);
    assert!(xtask(&["dist", "--target", &target]));
    assert!(xtask(&["boot", "--target", &target, "--rounds", "10"]));
}

const SUFFIX: &str = if cfg!(target_arch = "aarch64") {
    "-softfloat"
} else {
    ""
};
