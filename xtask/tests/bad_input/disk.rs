//! A full disk: a small tmpfs over the outputs or over cargo's directory for
//! the target, in a mount namespace of the command's own.

use crate::support::{Finished, Fixture, X86, run, target_dir};
use std::fs;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = r#"
size=$1 dir=$2
shift 2
mount -t tmpfs -o "size=$size" none "$dir" || exit 111
"$@"
code=$?
cd "$dir" && find . -type f -exec cksum {} + | sed 's/^/left: /'
exit "$code"
"#;

/// Runs a command with nothing but a few KiB in place of a directory. The
/// files there at its end are on its standard output, with their checksums.
fn with_little_room(dir: &Path, kib: usize, command: &Command) -> Finished {
    fs::create_dir_all(dir).unwrap();
    let mut inside = Command::new("unshare");
    // Root's rights over mounts, for anyone and for this command alone.
    inside
        .args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(format!("{kib}k"))
        .arg(dir)
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(key, value),
            None => inside.env_remove(key),
        };
    }
    let finished = run(&mut inside);
    assert_ne!(finished.code, Some(111), "no tmpfs: {}", finished.stderr);
    finished
}

fn left(finished: &Finished) -> Vec<&str> {
    let lines = finished.stdout.lines();
    let mut left: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("left: "))
        .collect();
    left.sort_unstable();
    left
}

/// Runs a command with each size. It must fail and pass the check, or succeed.
/// Returns the steps at which the disk was full; a success must be `whole`.
fn sweep(
    dir: &Path,
    sizes: &[usize],
    command: &Command,
    check: impl Fn(&Finished),
    whole: impl Fn(&Finished),
) -> Vec<String> {
    let mut steps = Vec::new();
    for kib in sizes {
        let finished = with_little_room(dir, *kib, command);
        if finished.code == Some(0) {
            whole(&finished);
            steps.push("success".to_owned());
            continue;
        }
        finished.expect(3, &["No space left on device"]);
        check(&finished);
        let step = |line: &str| {
            let (_, step) = line.split_once("-amd64: ")?;
            Some(step.split(" (").next()?.to_owned())
        };
        steps.extend(finished.stderr.lines().filter_map(step).next_back());
    }
    steps
}

#[test]
fn full_while_linking_and_packaging() {
    let fixture = Fixture::new("disk-full-out");
    // Larger than what Kbuild adds to it, so that there is room for one alone.
    fixture.append(
        "src/lib.rs",
        "#[used]\nstatic FILLING: [u8; 65536] = [1; 65536];\n",
    );
    let large = with_little_room(&fixture.out(), 65536, &fixture.dist());
    large.expect(0, &[]);
    let with_room = left(&large).into_iter().find(|l| l.ends_with(".ko"));
    let with_room = with_room.unwrap().to_owned();
    let steps = sweep(
        &fixture.out(),
        &[16, 64, 80, 120, 150, 180, 220, 260, 300, 4096],
        &fixture.dist(),
        |finished| assert_eq!(left(finished), [""; 0], "{}", finished.stderr),
        // No tool overlooked that it could not write all.
        |finished| {
            let module = left(finished).into_iter().find(|l| l.ends_with(".ko"));
            assert_eq!(module, Some(with_room.as_str()), "{}", finished.stderr);
        },
    );
    for step in ["link, inline and lower", "package", "success"] {
        let met = steps.iter().any(|s| s == step);
        assert!(met, "never came to {step}: {steps:?}");
    }
    // What was in the small file system is gone with it.
    fixture.make();
}

#[test]
fn full_while_cargo_builds() {
    let fixture = Fixture::new("disk-full-target");
    let dir = target_dir().join("dist/.build").join(X86);
    let sizes = [8, 100, 200, 16384];
    let nothing_made = |_: &Finished| assert_eq!(fixture.left().len(), 0);
    let all_made = |_: &Finished| assert_eq!(fixture.left().len(), 4);
    let steps = sweep(&dir, &sizes, &fixture.dist(), nothing_made, all_made);
    assert_eq!(steps[0], "cargo build");
    assert_eq!(steps.last().unwrap(), "success");
}
