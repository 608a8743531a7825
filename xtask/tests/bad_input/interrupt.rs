//! Ctrl-C in the middle of `dist`: it ends soon and for the stated reason,
//! nothing runs on, nothing is half-written, and the next `dist` succeeds.

use crate::support::{Finished, Fixture, real_clang, script};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How soon it must be over.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn while_kbuild_compiles_helpers_under_cargo() {
    let fixture = Fixture::new("interrupted-cargo");
    // The module of before is still of a time before this.
    fixture.make();
    let (clang, begun) = slow_clang(&fixture, "-emit-llvm");
    let child = start(fixture.dist().env("HELPER_INLINE_CLANG", clang));
    wait_until(|| begun.exists());
    let made = fixture.left();
    check_interrupted(&fixture, child, made);
}

#[test]
fn while_the_child_links() {
    let fixture = Fixture::new("interrupted-link");
    let mut child = start(&mut fixture.dist());
    let mut stderr = BufReader::new(child.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("link, inline and lower") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it never linked");
    }
    child.0.stderr = Some(stderr.into_inner());
    check_interrupted(&fixture, child, BTreeMap::new());
}

#[test]
fn while_kbuild_packages() {
    let fixture = Fixture::new("interrupted-package");
    let (clang, begun) = slow_clang(&fixture, "fixture.mod.c");
    let child = start(fixture.dist().env("HELPER_INLINE_CLANG", clang));
    wait_until(|| begun.exists());
    let partial = fs::read_dir(fixture.outputs()).unwrap().count();
    assert_eq!(partial, 1, "the work beside the outputs has begun");
    check_interrupted(&fixture, child, BTreeMap::new());
}

/// A clang that sleeps when an argument contains a word, and a file that is
/// there when it does.
fn slow_clang(fixture: &Fixture, word: &str) -> (PathBuf, PathBuf) {
    let real = real_clang();
    let begun = fixture.dir.join("begun");
    // Of the same name, from which Kbuild's other tools take theirs.
    let slow = fixture.dir.join("slow").join(real.file_name().unwrap());
    script(
        &slow,
        &format!(
            "case \"$*\" in *{word}*) : > {}; sleep 300; exit 1;; esac\nexec {} \"$@\"",
            begun.display(),
            real.display()
        ),
    );
    (slow, begun)
}

/// The leader of a process group. None of it outlives the test, however that ends.
struct Leader(Child);

/// Starts it in a process group of its own, as a shell would.
fn start(command: &mut Command) -> Leader {
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Leader(child.unwrap())
}

impl Leader {
    fn signal(&self, signal: &str) {
        // The shell's own: not every system has a program of that name.
        let kill = format!("kill {signal} -{}", self.0.id());
        let kill = Command::new("sh").args(["-c", &kill]).status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if !running(self.0.id()).is_empty() {
            self.signal("-KILL");
        }
    }
}

/// Interrupts it. These outputs must be left.
fn check_interrupted(fixture: &Fixture, mut child: Leader, left: BTreeMap<String, Vec<u8>>) {
    let signalled = Instant::now();
    child.signal("-INT");
    wait_until(|| child.0.try_wait().unwrap().is_some());
    wait_until(|| running(child.0.id()).is_empty());
    assert!(signalled.elapsed() < SOON, "it ended late");

    let mut stdout = String::new();
    let mut stderr = String::new();
    let (mut out, mut err) = (
        child.0.stdout.take().unwrap(),
        child.0.stderr.take().unwrap(),
    );
    out.read_to_string(&mut stdout).unwrap();
    err.read_to_string(&mut stderr).unwrap();
    let finished = Finished {
        code: child.0.wait().unwrap().code(),
        stdout,
        stderr,
    };
    finished.expect(3, &["error: interrupted"]);
    assert!(fixture.left() == left, "{:?}", fixture.left().keys());
    fixture.make();
}

/// The processes of a group that have not ended.
fn running(group: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // pid (name) state parent group …, and a name may hold anything.
        let rest = stat.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<&str> = rest.split(' ').collect();
        if fields.get(2) == Some(&group.to_string().as_str()) && fields[0] != "Z" {
            found.push(stat);
        }
    }
    found
}

#[track_caller]
fn wait_until(mut done: impl FnMut() -> bool) {
    // The first build of all is slow, and others may be at work.
    let limit = Instant::now() + Duration::from_secs(240);
    while !done() {
        assert!(Instant::now() < limit, "it does not come to that");
        std::thread::sleep(Duration::from_millis(10));
    }
}
