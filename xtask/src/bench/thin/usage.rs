//! What a command takes: time, the memory of its largest process and that of all its
//! processes together, on so many cores.
//!
//! Not here: which commands.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

use crate::command;

/// How often it is looked which processes there are.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a command took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    pub seconds: f64,
    /// Resident memory of the process that had most, in bytes. The kernel's account.
    pub largest: u64,
    /// Memory that is no file's of all processes at the time that it was most, in bytes,
    /// as far as it was looked often enough.
    pub together: u64,
}

/// Runs a command on the first cores.
pub fn measure(command: &Command, cores: usize) -> Result<Usage> {
    let numbers: Vec<String> = (0..cores).map(|core| core.to_string()).collect();
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", &numbers.join(",")]);
    pinned
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(dir) = command.get_current_dir() {
        pinned.current_dir(dir);
    }
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(key, value),
            None => pinned.env_remove(key),
        };
    }
    let errors = tempfile::NamedTempFile::new().context("making a file")?;
    pinned.stderr(File::create(errors.path())?);
    let started = Instant::now();
    let mut child = command::spawn(&mut pinned)?;
    let process = child.id();
    let ended = AtomicBool::new(false);
    let (used, together) = thread::scope(|scope| {
        let together = scope.spawn(|| {
            let mut most = 0;
            while !ended.load(Ordering::Relaxed) {
                most = most.max(memory(process));
                thread::sleep(INTERVAL);
            }
            most
        });
        let used = child.wait4();
        let seconds = started.elapsed().as_secs_f64();
        ended.store(true, Ordering::Relaxed);
        let together = together.join().unwrap_or_default();
        (used.map(|used| (used, seconds)), together)
    });
    command::check_interrupt()?;
    let (used, seconds) = used.context("waiting for a command")?;
    if !used.status.success() {
        let mut text = String::new();
        File::open(errors.path())?.read_to_string(&mut text)?;
        bail!(
            "`{}` failed ({}):\n{text}",
            command::shown(&pinned),
            used.status
        );
    }
    Ok(Usage {
        seconds,
        largest: used.rusage.maxrss,
        together,
    })
}

/// Memory of a process and of all that it started. What ends meanwhile has none.
fn memory(process: u32) -> u64 {
    let dir = Path::new("/proc").join(process.to_string());
    let status = fs::read_to_string(dir.join("status")).unwrap_or_default();
    let own = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB"))
        .and_then(|kib| kib.parse::<u64>().ok());
    let threads = fs::read_dir(dir.join("task")).into_iter().flatten();
    let children = threads.flatten().flat_map(|thread| {
        let list = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let numbers = list.split_whitespace().filter_map(|n| n.parse().ok());
        numbers.map(memory).collect::<Vec<u64>>()
    });
    own.unwrap_or_default() * 1024 + children.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_children_of_children_take_counts() {
        let script = "data=$(head -c 30000000 /dev/zero | tr '\\0' x); sleep 0.3; : \"$data\"";
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            &format!("sh -c '{}'; true", script.replace('\'', "'\\''")),
        ]);
        let used = measure(&shell, 1).unwrap();
        for bytes in [used.largest, used.together] {
            assert!((30_000_000..1_000_000_000).contains(&bytes), "{used:?}");
        }
        let mut failing = Command::new("sh");
        failing.args(["-c", "echo lost >&2; exit 3"]);
        let error = format!("{:#}", measure(&failing, 1).unwrap_err());
        assert!(error.contains("lost"), "{error}");
    }
}
