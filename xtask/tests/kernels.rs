//! `kernels fetch` as a program, without the network: what is there already,
//! and apt-get failing or being interrupted half way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// An apt of shell scripts that knows one kernel for amd64. `$1` of its
/// `apt-get` after the options decides; what `download` does is the test's.
fn fake_apt(directory: &Path, download: &str) {
    let show = r#"case "$*" in
*pkgnames*linux-image-amd64) echo linux-image-amd64 ;;
*pkgnames*) for word; do :; done; echo "$word" ;;
*show*linux-image-amd64:*) printf 'Package: linux-image-amd64\nVersion: 6.1.192-2\nArchitecture: amd64\nDepends: linux-image-6.1.0-56-amd64\nSize: 1\n' ;;
*show*linux-image-6*) printf 'Package: linux-image-6.1.0-56-amd64\nVersion: 6.1.192-2\nArchitecture: amd64\nSize: 5\n' ;;
*show*-common:*|*show*kbuild*) for word; do :; done; printf 'Package: %s\nVersion: 6.1.192-2\nArchitecture: all\nSize: 5\n' "${word%%:*}" ;;
*show*linux-headers-6*) printf 'Package: linux-headers-6.1.0-56-amd64\nVersion: 6.1.192-2\nArchitecture: amd64\nDepends: linux-headers-6.1.0-56-common, linux-kbuild-6.1\nSize: 5\n' ;;
esac"#;
    let get = format!("case \"$*\" in *' download '*) {download} ;; esac");
    for (name, body) in [
        ("apt-get", get.as_str()),
        ("apt-cache", show),
        ("apt-config", ""),
        ("dpkg-deb", "exit 1"),
    ] {
        let path = directory.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn fetch(programs: &Path, kernels: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(["kernels", "fetch", "--arch", "amd64", "--dir"])
        .arg(kernels)
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What `fetch` left, without its own state.
fn left_in(kernels: &Path) -> Vec<String> {
    let names = fs::read_dir(kernels)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .map(|name| name.into_string().unwrap())
        .filter(|name| name != ".apt" && name != ".lock")
        .collect()
}

#[test]
fn a_kernel_that_is_there_needs_no_apt_and_no_network() {
    let directory = tempfile::tempdir().unwrap();
    let release = "6.1.0-56-amd64";
    let tree = directory.path().join(release);
    let headers = tree.join(format!("usr/src/linux-headers-{release}"));
    fs::create_dir_all(&headers).unwrap();
    fs::create_dir_all(tree.join("boot")).unwrap();
    fs::write(headers.join("Module.symvers"), "").unwrap();
    fs::write(tree.join(format!("boot/vmlinuz-{release}")), "").unwrap();

    let nothing = tempfile::tempdir().unwrap();
    let output = fetch(nothing.path(), directory.path())
        .env("PATH", nothing.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", error_of(&output));
    assert_eq!(error_of(&output), "6.1.0-56-amd64 is already there\n");
    assert_eq!(left_in(directory.path()), [release]);
}

#[test]
fn without_apt_it_exits_2_and_says_what_else_can_be_done() {
    let directory = tempfile::tempdir().unwrap();
    let output = fetch(directory.path(), &directory.path().join("k"))
        .env("PATH", directory.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error_of(&output).contains("`apt-get` is not on PATH"),
        "{}",
        error_of(&output)
    );
    assert!(error_of(&output).contains("--kernel DIR"));
}

#[test]
fn a_version_line_that_debian_does_not_have_exits_2_with_those_that_it_has() {
    let programs = tempfile::tempdir().unwrap();
    fake_apt(programs.path(), "exit 100");
    let kernels = programs.path().join("k");
    let output = fetch(programs.path(), &kernels)
        .args(["--release", "9.9"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", error_of(&output));
    assert!(
        error_of(&output).contains("it has 6.1.192-2 (amd64); choose"),
        "{}",
        error_of(&output)
    );
}

#[test]
fn a_download_that_fails_half_way_leaves_nothing() {
    let programs = tempfile::tempdir().unwrap();
    fake_apt(
        programs.path(),
        "echo half >linux-image_half.deb; echo 'E: Hash Sum mismatch' >&2; exit 100",
    );
    let kernels = programs.path().join("k");
    let output = fetch(programs.path(), &kernels).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", error_of(&output));
    assert!(
        error_of(&output).contains("E: Hash Sum mismatch"),
        "{}",
        error_of(&output)
    );
    assert_eq!(left_in(&kernels), [""; 0]);
}

#[test]
fn it_says_as_much_as_is_asked_for() {
    let programs = tempfile::tempdir().unwrap();
    fake_apt(programs.path(), "exit 100");
    let kernels = programs.path().join("k");
    let said = |more: &[&str]| {
        error_of(
            &fetch(programs.path(), &kernels)
                .args(more)
                .output()
                .unwrap(),
        )
    };
    let steps = ["package lists ...", "download (1 MB) ..."];
    let command = " apt-get -qq -o APT::Status-Fd=1 download ";
    let plain = said(&[]);
    assert!(steps.iter().all(|step| plain.contains(step)), "{plain}");
    assert!(!plain.contains("+ "), "{plain}");
    let verbose = said(&["-v"]);
    let shown = |line: &str| line.starts_with("+ cd ") && line.contains(command);
    assert!(verbose.lines().any(shown), "{verbose}");
    let quiet = said(&["-q"]);
    assert!(steps.iter().all(|step| !quiet.contains(step)), "{quiet}");
    assert!(quiet.contains("error: "), "{quiet}");
}

#[test]
fn an_interrupted_download_leaves_nothing() {
    let programs = tempfile::tempdir().unwrap();
    let started = programs.path().join("started");
    fake_apt(
        programs.path(),
        &format!(
            "echo half >half.deb; : >{}; exec sleep 60",
            started.display()
        ),
    );
    let kernels = programs.path().join("k");
    let child = fetch(programs.path(), &kernels).spawn().unwrap();
    let begin = Instant::now();
    while !started.exists() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "the download never began"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = Command::new("sh")
        .args(["-c", &format!("kill -INT {}", child.id())])
        .status()
        .unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(40),
        "it waited for apt-get to end by itself"
    );
    assert_eq!(output.status.code(), Some(3), "{}", error_of(&output));
    assert!(
        error_of(&output).contains("interrupted"),
        "{}",
        error_of(&output)
    );
    assert_eq!(left_in(&kernels), [""; 0]);
}
