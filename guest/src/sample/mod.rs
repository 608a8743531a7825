//! Uses the sample module as programs would: every file operation, every
//! request, bad arguments, waiting, and many processes at once. What the
//! module counts is compared with what was done.
//!
//! Loading and unloading are not done here, nor is the kernel's log read.

#[path = "../../../sample-kmod/src/abi.rs"]
mod abi;

mod arguments;
mod benches;
pub mod brief;
mod chars;
mod counters;
mod crowd;
mod device;
pub mod faults;
pub mod known;
mod limits;
mod messages;
mod patching;
mod processors;
mod user_memory;
mod waiting;

use std::fmt;

use crate::checks::Checks;
use crate::failing::Failing;
use crate::module::Module;
use counters::Counters;
use device::Device;

/// Its steps of loading.
pub const FAILING: Failing = Failing {
    steps: 5,
    paths: &[abi::DEVICE_PATH, abi::PROC_PATH],
};

/// What was done.
pub struct Summary {
    checks: u32,
    processes: u32,
    messages: u64,
    /// Places of the code that were seen to be patched, if the kernel shows them.
    patched: Option<u32>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checks, {} messages, {} processes at once, ",
            self.checks, self.messages, self.processes
        )?;
        match self.patched {
            Some(places) => write!(f, "{places} places of the code patched"),
            None => write!(f, "the code not shown by this kernel"),
        }
    }
}

/// Goes through everything. The first thing that is not as it should be is the
/// error.
pub fn run(module: &Module) -> Result<Summary, String> {
    let mut checks = Checks::default();
    let before = Counters::read()?;

    messages::run(&mut checks)?;
    arguments::run(&mut checks)?;
    user_memory::run(&mut checks)?;
    limits::run(&mut checks)?;
    waiting::run(&mut checks)?;
    benches::run(&mut checks)?;
    chars::run(&mut checks)?;
    let patched = patching::run(&mut checks, module)?;
    processors::run(&mut checks)?;
    let crowd = crowd::run(&mut checks)?;
    counters::run(&mut checks)?;

    let after = Counters::read()?;
    let messages = after.since(&before, "reads")? + after.since(&before, "cleared")?;
    checks.equal(
        "every message written was read or cleared",
        &messages,
        &after.since(&before, "writes")?,
    )?;
    for name in ["live_messages", "queued", "open_files"] {
        checks.equal(&format!("{name} at the end"), &after.get(name)?, &0)?;
    }
    checks.equal(
        "every open had its release",
        &after.get("opens")?,
        &after.get("releases")?,
    )?;
    checks.equal(
        "all file operations were used",
        &after.get("operations")?,
        &7,
    )?;
    Ok(Summary {
        checks: checks.done(),
        processes: crowd,
        messages,
        patched,
    })
}

/// An open device for both directions that does not wait.
fn nonblocking() -> Result<Device, String> {
    Device::open(libc::O_RDWR | libc::O_NONBLOCK)
}
