//! `cargo helper-inline distribute` without lld: what it refuses, how it is stopped, and
//! that it takes part in make's jobserver.

use crate::tools::{command, on_path, stderr, succeed, wait_until};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What it is started by, before the path of the JSON.
const DISTRIBUTE: [&str; 3] = [
    env!("CARGO_BIN_EXE_cargo-helper-inline"),
    "helper-inline",
    "distribute",
];

fn distribute(dir: &Path, file: &str) -> Command {
    let mut ours = command(DISTRIBUTE[0]);
    ours.args(&DISTRIBUTE[1..]).arg(file).current_dir(dir);
    ours
}

/// A JSON of shell scripts that each make `out-N`.
fn write_jobs(dir: &Path, scripts: impl Iterator<Item = String>) {
    let jobs: Vec<_> = scripts
        .enumerate()
        .map(|(number, script)| {
            serde_json::json!({"args": [script], "inputs": [], "outputs": [format!("out-{number}")]})
        })
        .collect();
    let common = serde_json::json!({"linker_output": "x", "args": ["sh", "-c"], "inputs": []});
    let file = serde_json::json!({"common": common, "jobs": jobs});
    fs::write(dir.join("jobs.json"), file.to_string()).unwrap();
}

#[test]
fn what_lld_did_not_write_is_refused() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("jobs.json"), r#"{"jobs": []}"#).unwrap();
    for (file, cause) in [
        ("jobs.json", "missing field `common` at line 1"),
        ("none.json", "cannot read `none.json`"),
    ] {
        let output = distribute(dir.path(), file).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert!(stderr(&output).contains(cause), "{output:?}");
    }
}

#[test]
fn interrupting_it_ends_its_jobs() {
    for signal in ["INT", "TERM"] {
        let dir = TempDir::new().unwrap();
        let begun = dir.path().join("begun");
        let slow = format!(
            "echo half >out-0; echo $$ >{0}.new; mv {0}.new {0}; exec sleep 300",
            begun.display()
        );
        write_jobs(dir.path(), [slow].into_iter());
        let mut ours = distribute(dir.path(), "jobs.json");
        let child = ours.stderr(Stdio::piped()).spawn().unwrap();
        wait_until(|| begun.exists());
        // The shell's own: not every system has a program of that name.
        let kill = format!("kill -{signal} {}", child.id());
        succeed(Command::new("sh").args(["-c", &kill]));
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert!(stderr(&output).contains("error: interrupted"), "{output:?}");
        let job = fs::read_to_string(&begun).unwrap();
        let stat = fs::read_to_string(format!("/proc/{}/stat", job.trim())).unwrap_or_default();
        assert!(
            stat.is_empty() || stat.contains(") Z "),
            "it runs on: {stat}"
        );
        fs::remove_file(begun).unwrap();
        let left: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(left, ["jobs.json"]);
    }
}

/// Runs twelve jobs under `make -jN`, beside a recipe that lasts until they are done, and
/// gives how many there were at once at most.
fn at_once_under_make(jobs: &str, recipe: &str) -> usize {
    let dir = TempDir::new().unwrap();
    let running = dir.path().join("running");
    fs::create_dir(&running).unwrap();
    let here = running.display();
    let script = |number: usize| {
        format!(
            ": >{here}/{number}; ls {here} | wc -l >&2; sleep 0.1; rm {here}/{number}; \
             : >out-{number}"
        )
    };
    write_jobs(dir.path(), (0..12).map(script));
    let ours = [&DISTRIBUTE[..], &["jobs.json"]].concat().join(" ");
    let rules = format!(
        "all: beside ours\nbeside:\n\t@until [ -e done ]; do sleep 0.01; done\n\
         ours:\n\t{recipe}{ours}; r=$$?; : >done; exit $$r\n"
    );
    fs::write(dir.path().join("Makefile"), rules).unwrap();
    let mut make = command(&on_path("make").to_string_lossy());
    let output = succeed(make.arg(jobs).current_dir(dir.path()));
    let said = stderr(&output);
    // make counts its tokens at the end.
    assert!(!said.contains("tokens"), "{said}");
    let counts = said.lines().filter_map(|line| line.trim().parse().ok());
    let counts: Vec<usize> = counts.collect();
    assert_eq!(counts.len(), 12, "{said}");
    counts.into_iter().max().unwrap()
}

#[test]
fn under_make_it_takes_no_more_than_make_has() {
    // The other recipe has the one that there is besides its own.
    assert_eq!(at_once_under_make("-j2", "+@"), 1);
    assert!(at_once_under_make("-j3", "+@") <= 2);
    // make gives nothing to a recipe without a `+`: then it is as many as the machine has.
    let threads = std::thread::available_parallelism().unwrap().get();
    assert!(at_once_under_make("-j2", "@") <= threads);
}
