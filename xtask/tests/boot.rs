//! `boot` as a program, as far as it goes without starting a machine: input
//! that is refused, with the exit code of the contract and a message that helps.

use std::fs;
use std::process::Command;

fn refused(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("boot")
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    error
}

#[test]
fn an_unknown_target_is_refused_with_the_known_ones() {
    let error = refused(&["--target", "riscv64gc-unknown-none-elf"]);
    assert!(
        error.contains("x86_64-unknown-none and aarch64-unknown-none-softfloat"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_module_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text.ko");
    fs::write(&path, "not a module").unwrap();
    let error = refused(&["--ko", path.to_str().unwrap()]);
    assert!(error.contains("text.ko is no kernel module"), "{error}");

    // This test itself is ELF, and still no module.
    let program = std::env::current_exe().unwrap();
    let error = refused(&["--ko", program.to_str().unwrap()]);
    assert!(error.contains("not a relocatable object"), "{error}");

    let error = refused(&["--ko", directory.path().join("no.ko").to_str().unwrap()]);
    assert!(error.contains("no.ko"), "{error}");
}

#[test]
fn a_directory_that_is_no_kernel_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let error = refused(&["--kernel", directory.path().to_str().unwrap()]);
    assert!(error.contains("cargo xtask kernels fetch"), "{error}");
}

#[test]
fn all_means_no_single_module_and_no_single_work() {
    for other in [["--ko", "x.ko"], ["--work", "rounds"]] {
        let error = refused(&[&["--all"][..], &other].concat());
        assert!(error.contains("cannot be used with"), "{error}");
    }
}
