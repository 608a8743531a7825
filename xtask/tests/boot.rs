//! `boot` as a program, as far as it goes without starting a machine: input
//! that is refused, with the exit code of the contract and a message that helps, and
//! what it makes of a QEMU of these tests' own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
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

/// An old QEMU whose guests die of its own fault before they come to a program.
const FAULTY: &str = r#"#!/bin/sh
[ "$1" = --version ] && echo 'QEMU emulator version 7.2.22' && exit
echo x >> "$(dirname "$0")/started"
echo '[    1.577113] Oops: int3: 0000 [#1] SMP NOPTI'
"#;

/// The first of Debian's kernels for x86_64 that is there, and a module that dist made
/// for it.
fn kernel_and_module() -> (PathBuf, PathBuf) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target");
    let modules = target.join("dist/x86_64-unknown-none");
    let releases = fs::read_dir(&modules).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, PathBuf)> = releases
        .map(|release| {
            let kernel = target.join("kernels").join(release.file_name());
            (kernel, release.path().join("sample_kmod.ko"))
        })
        .filter(|(kernel, module)| kernel.is_dir() && module.is_file())
        .collect();
    found.sort();
    let found = found.into_iter().next();
    found.expect("run `cargo xtask dist` first: no sample module for x86_64 is there")
}

#[test]
fn a_guest_that_qemu_ends_is_booted_once_more_and_each_command_shown() {
    let directory = tempfile::tempdir().unwrap();
    let qemu = directory.path().join("qemu-system-x86_64");
    fs::write(&qemu, FAULTY).unwrap();
    fs::set_permissions(&qemu, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let paths = std::env::split_paths(&path);
    let paths = std::iter::once(directory.path().to_owned()).chain(paths);
    let path = std::env::join_paths(paths).unwrap();
    let (kernel, module) = kernel_and_module();
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["boot", "--verbose", "--work", "everyday", "--kernel"])
        .arg(kernel)
        .arg("--ko")
        .arg(module)
        .env("PATH", &path)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{error}");
    let started = || fs::read_to_string(directory.path().join("started")).unwrap();
    assert_eq!(started().lines().count(), 2, "{error}");
    for words in [
        "died before the module was loaded, and is booted once more",
        "QEMU before 8.1 has guests",
        "console.first.log",
        "the guest did not report `ok boot`",
    ] {
        assert!(error.contains(words), "no `{words}` in:\n{error}");
    }
    let is_machine = |line: &&str| line.starts_with("+ qemu-system-x86_64 -M");
    let machines: Vec<&str> = error.lines().filter(is_machine).collect();
    assert_eq!(machines.len(), 2, "{error}");
    let again = Command::new("sh")
        .args(["-c", &machines[1][2..]])
        .env("PATH", &path)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}: {again:?}", machines[1]);
    assert_eq!(started().lines().count(), 3);
}
