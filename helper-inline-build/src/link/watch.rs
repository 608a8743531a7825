//! Waiting for a child that may die, print without end, or not end at all.
//!
//! Not here: what its lines mean (`child`).

use std::io::{self, BufRead as _, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How much of what a child prints to its standard error is kept, in bytes.
const KEPT: usize = 64 << 10;

/// A running child.
pub(super) struct Watch {
    child: Child,
    lines: Receiver<Vec<u8>>,
    errors: JoinHandle<String>,
    deadline: Instant,
}

/// How a child ended.
pub(super) struct Ended {
    /// Nothing when it had to be ended.
    pub(super) status: Option<ExitStatus>,
    /// The beginning of its standard error.
    pub(super) errors: String,
}

impl Watch {
    /// Watches a child whose output is piped, for as long as `limit`.
    pub(super) fn new(mut child: Child, limit: Duration) -> Watch {
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).split(b'\n');
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Watch {
            child,
            lines,
            errors: std::thread::spawn(move || beginning(stderr)),
            deadline: Instant::now() + limit,
        }
    }

    /// Hands over each line of its standard output, until it ends or is ended.
    pub(super) fn run(mut self, mut on_line: impl FnMut(&[u8])) -> io::Result<Ended> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => on_line(&line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => return self.end(),
            }
        }
        // It has closed its output, so this takes a moment, or forever.
        let mut pause = Duration::from_micros(100);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Ended {
                    status: Some(status),
                    errors: self.errors.join().unwrap_or_default(),
                });
            }
            if Instant::now() >= self.deadline {
                return self.end();
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    fn end(mut self) -> io::Result<Ended> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(Ended {
            status: None,
            errors: self.errors.join().unwrap_or_default(),
        })
    }
}

/// The beginning of what comes; the rest is read too, so that the writer is not
/// kept waiting.
fn beginning(mut reader: impl Read) -> String {
    let mut kept = Vec::new();
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = reader.read(&mut part) {
        let room = KEPT.saturating_sub(kept.len()).min(length);
        kept.extend_from_slice(&part[..room]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{KEPT, beginning};

    #[test]
    fn of_endless_complaints_the_beginning_is_kept() {
        let text = "a".repeat(KEPT) + &"b".repeat(5000);
        assert_eq!(beginning(text.as_bytes()), "a".repeat(KEPT));
        assert_eq!(beginning(&b"LLVM ERROR\xff"[..]), "LLVM ERROR\u{fffd}");
    }
}
