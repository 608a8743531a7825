//! One running command, which another thread can end.
//!
//! It leads a process group, so that what it started ends with it. Not here: which
//! commands, and how many at once (`run`).

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::collections::HashSet;
use std::io::{self, Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much of what a command prints is kept, in bytes.
const KEPT: u64 = 64 << 10;

/// How long tokens and the user's wish to stop are not looked at.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// How long a command has to clean up after itself when it is to end.
const GRACE: Duration = Duration::from_secs(1);

/// The process groups that run.
#[derive(Default)]
pub(super) struct Running(Mutex<Groups>);

#[derive(Default)]
struct Groups {
    leaders: HashSet<Pid>,
    /// What was last sent to all, and is for those that start later too.
    ending: Option<Signal>,
}

/// How a command ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The beginning of what it printed on either output.
    pub(super) printed: String,
}

impl Running {
    fn groups(&self) -> MutexGuard<'_, Groups> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a command to its end. Showing it is the caller's, who knows what of it stays.
    pub(super) fn run(&self, command: &mut Command) -> io::Result<Ended> {
        let mut output = tempfile::tempfile()?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?)
            .process_group(0);
        let mut groups = self.groups();
        let mut child = command.spawn()?;
        let leader = Pid::from_child(&child);
        groups.leaders.insert(leader);
        if let Some(signal) = groups.ending {
            // It may have ended already.
            let _ = kill_process_group(leader, signal);
        }
        drop(groups);
        // Not reaped, so that its number stays its own until nobody signals it.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(leader), options) {}
        self.groups().leaders.remove(&leader);
        let status = child.wait()?;
        let mut printed = Vec::new();
        output.rewind()?;
        output.take(KEPT).read_to_end(&mut printed)?;
        Ok(Ended {
            status,
            printed: String::from_utf8_lossy(&printed).into_owned(),
        })
    }

    /// Signals all that run, and what will yet be started.
    fn end(&self, signal: Signal) {
        let mut groups = self.groups();
        groups.ending = Some(signal);
        for leader in &groups.leaders {
            // It may have ended already.
            let _ = kill_process_group(*leader, signal);
        }
    }
}

/// The user's wish to stop, and what it does to what runs.
pub(super) struct Stop<'a> {
    running: &'a Running,
    interrupted: &'a dyn Fn() -> bool,
    /// When what still runs is ended without mercy. Nothing until the user wants to stop.
    deadline: Option<Instant>,
}

impl<'a> Stop<'a> {
    pub(super) fn new(running: &'a Running, interrupted: &'a dyn Fn() -> bool) -> Stop<'a> {
        Stop {
            running,
            interrupted,
            deadline: None,
        }
    }

    /// Ends what runs when the user wants to stop. Call it each [`TICK`].
    pub(super) fn look(&mut self) {
        match self.deadline {
            None if (self.interrupted)() => {
                self.deadline = Some(Instant::now() + GRACE);
                self.running.end(Signal::TERM);
            }
            Some(time) if Instant::now() > time => self.running.end(Signal::KILL),
            _ => {}
        }
    }

    /// Whether the user did, the last time that one looked.
    pub(super) fn is_wanted(&self) -> bool {
        self.deadline.is_some()
    }
}
