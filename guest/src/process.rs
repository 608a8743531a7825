//! Child processes that run a closure and report how it went, and memory that
//! is shared with them.

use std::io;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A child that does not end by itself is ended after so many seconds.
const PATIENCE: u32 = 120;

/// Lets this process run on until it is ended, however long that takes.
pub fn be_patient() {
    // SAFETY: a number.
    unsafe { libc::alarm(0) };
}

/// Values in memory that children share with their parent. Made of zeros, so
/// only for what can be zero: atomics and arrays of them.
pub struct Shared<T>(NonNull<T>);

/// Types that all zeros are a value of, and that may be changed by several
/// processes at once.
///
/// # Safety
/// Both hold.
pub unsafe trait Shareable {}

// SAFETY: an atomic.
unsafe impl Shareable for AtomicU8 {}
// SAFETY: an atomic.
unsafe impl Shareable for AtomicUsize {}
// SAFETY: as its elements.
unsafe impl<T: Shareable, const N: usize> Shareable for [T; N] {}

impl<T: Shareable> Shared<T> {
    pub fn new() -> Result<Self, String> {
        // SAFETY: asks for new memory; aligned to a page, which is enough.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(format!(
                "mapping shared memory: {}",
                io::Error::last_os_error()
            ));
        }
        NonNull::new(start.cast())
            .map(Self)
            .ok_or_else(|| "mapping shared memory gave address 0".to_owned())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: mapped for as long as self, and all zeros were a value.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: mapped by new(), and nobody refers to it any more.
        unsafe { libc::munmap(self.0.as_ptr().cast(), size_of::<T>()) };
    }
}

/// What a child says of its failure, ending in zeros.
type Text = [AtomicU8; 512];

/// A running child.
pub struct Child {
    pid: libc::pid_t,
    text: Shared<Text>,
}

impl Child {
    /// Starts a child that runs `work` and ends.
    pub fn start(work: impl FnOnce() -> Result<(), String>) -> Result<Self, String> {
        let text = Shared::<Text>::new()?;
        // SAFETY: this program has one thread, so the child may do anything.
        match unsafe { libc::fork() } {
            -1 => Err(format!("fork: {}", io::Error::last_os_error())),
            0 => {
                // SAFETY: a number.
                unsafe { libc::alarm(PATIENCE) };
                let outcome = catch_unwind(AssertUnwindSafe(work))
                    .unwrap_or_else(|_| Err("it panicked".to_owned()));
                if let Err(error) = &outcome {
                    for (place, byte) in text.iter().zip(error.bytes()) {
                        place.store(byte, Ordering::Relaxed);
                    }
                }
                // SAFETY: ends the child without what the parent set up to be
                // done at its own end.
                unsafe { libc::_exit(outcome.is_err().into()) }
            }
            pid => Ok(Self { pid, text }),
        }
    }

    /// Its number.
    pub fn pid(&self) -> libc::pid_t {
        self.pid
    }

    /// Waits until it sleeps in a system call.
    pub fn until_asleep(&self) -> Result<(), String> {
        let path = format!("/proc/{}/stat", self.pid);
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut asleep = 0;
        while Instant::now() < deadline {
            let stat =
                std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            // The state comes after the name, which is in parentheses.
            let state = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.chars().next());
            match state {
                Some('S') => asleep += 1,
                Some('Z') | None => return Err(format!("it ended too early: {}", self.said())),
                Some(_) => asleep = 0,
            }
            // Seen for a while, so that it is no short sleep on the way.
            if asleep == 5 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("process {} does not go to sleep", self.pid))
    }

    pub fn signal(&self, signal: i32) -> Result<(), String> {
        // SAFETY: a child that nobody has waited for yet.
        if unsafe { libc::kill(self.pid, signal) } != 0 {
            return Err(format!("signal {signal}: {}", io::Error::last_os_error()));
        }
        Ok(())
    }

    /// Waits for its end, which must be a good one.
    pub fn join(self) -> Result<(), String> {
        let status = self.status()?;
        if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0 {
            return Ok(());
        }
        if libc::WIFSIGNALED(status) {
            return Err(format!("it was ended by signal {}", libc::WTERMSIG(status)));
        }
        Err(self.said())
    }

    /// Waits for its end, whatever it is: the signal, or 0.
    pub fn join_any(self) -> Result<i32, String> {
        let status = self.status()?;
        Ok(match libc::WIFSIGNALED(status) {
            true => libc::WTERMSIG(status),
            false => 0,
        })
    }

    /// Waits for its end, which must be by this signal.
    pub fn join_killed(self, signal: i32) -> Result<(), String> {
        let status = self.status()?;
        if libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == signal {
            return Ok(());
        }
        Err(format!(
            "it was not ended by signal {signal}: status {status:#x}, {}",
            self.said()
        ))
    }

    fn status(&self) -> Result<i32, String> {
        let mut status = 0;
        loop {
            // SAFETY: the status is this function's own.
            if unsafe { libc::waitpid(self.pid, &mut status, 0) } == self.pid {
                return Ok(status);
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(format!("waitpid: {error}"));
            }
        }
    }

    fn said(&self) -> String {
        let bytes: Vec<u8> = self
            .text
            .iter()
            .map(|byte| byte.load(Ordering::Relaxed))
            .take_while(|&byte| byte != 0)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Has a process run on one processor alone; 0 is the calling process.
pub fn move_to(pid: libc::pid_t, cpu: u64) -> Result<(), String> {
    // SAFETY: zeros are an empty set, and the number is below its size.
    let outcome = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu as usize, &mut set);
        libc::sched_setaffinity(pid, size_of::<libc::cpu_set_t>(), &set)
    };
    if outcome != 0 {
        let error = io::Error::last_os_error();
        return Err(format!("moving process {pid} to processor {cpu}: {error}"));
    }
    Ok(())
}
