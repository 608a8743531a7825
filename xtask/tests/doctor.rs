//! `doctor` as a program, on a machine that seems to have nothing.

use std::process::Command;

#[test]
fn with_nothing_on_path_it_exits_2_and_names_what_mends_it() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("doctor")
        .env_clear()
        .env("PATH", empty.path())
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{table}{error}");
    for command in [
        "https://sh.rustup.rs",
        "rustup target add x86_64-unknown-none",
        "apt-get install --no-install-recommends clang-",
        "apt-get install --no-install-recommends make",
        "apt-get install --no-install-recommends qemu-system-arm",
    ] {
        assert!(table.contains(command), "no `{command}` in:\n{table}");
    }
    assert!(error.starts_with("error: "), "{error}");
    assert!(error.contains("cargo xtask dist --bootstrap"), "{error}");
}
