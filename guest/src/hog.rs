//! A process that takes all memory that there is, and takes it again when the
//! kernel has ended it for that.

use std::fmt;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::process::{Child, Shared, be_patient};

/// Takes memory until it is stopped.
pub struct Hog {
    keeper: Child,
    ended: Shared<AtomicUsize>,
    others: Vec<Child>,
}

/// What became of it.
pub struct Outcome {
    /// How often the kernel has ended it for want of memory.
    pub ended: usize,
}

const CHUNK: usize = 1 << 18;
/// Bytes that are left beside what the kernel keeps for itself.
const LEFT: u64 = 1 << 19;
/// Processes that the kernel may end as well. It gives up when there is none, and of
/// the hog, once ended, the memory is not back at once.
const OTHERS: usize = 32;

impl Hog {
    pub fn start() -> Result<Self, String> {
        let ended = Shared::<AtomicUsize>::new()?;
        let keeper = Child::start(|| {
            be_patient();
            loop {
                let signal = Child::start(take_all)?.join_any()?;
                ended.fetch_add((signal == libc::SIGKILL).into(), Ordering::SeqCst);
            }
        })?;
        let others: Result<_, String> = (0..OTHERS).map(|_| Child::start(wait)).collect();
        Ok(Self {
            keeper,
            ended,
            others: others?,
        })
    }

    pub fn stop(self) -> Result<Outcome, String> {
        self.keeper.signal(libc::SIGTERM)?;
        self.keeper.join_killed(libc::SIGTERM)?;
        for other in self.others {
            other.signal(libc::SIGKILL)?;
            other.join_any()?;
        }
        let ended = self.ended.load(Ordering::SeqCst);
        Ok(Outcome { ended })
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

/// Makes this process one that the kernel may end, under the hog's name.
fn offer(with_score: &str) -> Result<(), String> {
    score(with_score)?;
    let name = format!("{}\0", guest::HOG);
    // SAFETY: the name ends in NUL; the other is a number.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, name.as_ptr());
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
    }
    Ok(())
}

/// Does nothing, for the kernel to end it when it can end nobody else.
fn wait() -> Result<(), String> {
    offer("1")?;
    be_patient();
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn take_all() -> Result<(), String> {
    offer("1000")?;
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

/// What is left to others, in bytes: what the kernel keeps for itself, and a little.
fn reserve() -> Result<u64, String> {
    let path = "/proc/sys/vm/min_free_kbytes";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let kilobytes: Result<u64, _> = text.trim().parse();
    kilobytes
        .map(|number| number * 1024 + LEFT)
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
