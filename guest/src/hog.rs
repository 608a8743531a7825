//! A process that takes all memory that there is, and takes it again when the
//! kernel has ended it for that.

use std::fmt;
use std::fs;
use std::time::Duration;

use crate::process::Child;

/// Takes memory until it is stopped.
pub struct Hog {
    child: Child,
    ended: u32,
}

/// What became of it.
pub struct Outcome {
    /// How often the kernel has ended it for want of memory.
    pub ended: u32,
}

const CHUNK: usize = 1 << 18;

impl Hog {
    pub fn start() -> Result<Self, String> {
        Ok(Self {
            child: Child::start(take_all)?,
            ended: 0,
        })
    }

    /// Starts it again if it was ended.
    pub fn keep_at_it(&mut self) -> Result<(), String> {
        if let Some(killed) = self.child.has_ended()? {
            self.ended += u32::from(killed == libc::SIGKILL);
            self.child = Child::start(take_all)?;
        }
        Ok(())
    }

    pub fn stop(mut self) -> Result<Outcome, String> {
        self.keep_at_it()?;
        // It may have ended in between.
        let _ = self.child.signal(libc::SIGTERM);
        let _ = self.child.join_killed(libc::SIGTERM);
        Ok(Outcome { ended: self.ended })
    }
}

/// Has the kernel end others before this process and its children.
pub fn spare_this_process() -> Result<(), String> {
    score("-1000")
}

fn score(score: &str) -> Result<(), String> {
    let path = "/proc/self/oom_score_adj";
    fs::write(path, score).map_err(|error| format!("{path}: {error}"))
}

fn take_all() -> Result<(), String> {
    score("1000")?;
    let name = format!("{}\0", guest::HOG);
    // SAFETY: the name ends in NUL.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    let reserve = reserve()?;
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        if free()? > reserve {
            // Written to, so that it is really there.
            taken.push(vec![1; CHUNK]);
        } else {
            // It has all; whoever needs some more brings the kernel into distress.
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// What the kernel keeps for itself, in bytes.
fn reserve() -> Result<u64, String> {
    let path = "/proc/sys/vm/min_free_kbytes";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let kilobytes: Result<u64, _> = text.trim().parse();
    kilobytes
        .map(|number| number * 1024)
        .map_err(|error| format!("{path}: {error}: {text}"))
}

/// Bytes of memory that nobody uses.
fn free() -> Result<u64, String> {
    // SAFETY: zeros are a value of it, and the call fills it in.
    let info = unsafe {
        let mut info: libc::sysinfo = std::mem::zeroed();
        if libc::sysinfo(&mut info) != 0 {
            return Err(format!("sysinfo: {}", std::io::Error::last_os_error()));
        }
        info
    };
    Ok(info.freeram * u64::from(info.mem_unit))
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ended by the kernel {} times", guest::HOG, self.ended)
    }
}
