//! The parameters that were given, checked.

use sample_kernel::error::{Error, Result};
use sample_kernel::page;
use sample_kernel::percpu::cpu_counts;

use crate::params;

/// The largest disk, in MiB.
const MAX_MIB: u32 = 1 << 20;
/// The deepest queue, as the kernel has it.
const MAX_DEPTH: u16 = 1024;

/// What a disk is made of.
pub struct Settings {
    /// Bytes of the disk.
    pub capacity: u64,
    /// Bytes of a block.
    pub block_size: u32,
    /// Hardware queues.
    pub queues: u32,
    /// Requests that each takes at once.
    pub depth: u32,
    pub answer: Answer,
}

/// What answers the requests.
pub enum Answer {
    InRust,
    InC,
    /// They are ended and no more, to see what the rest costs.
    NotAtAll,
}

impl Settings {
    /// Reads the parameters.
    pub fn read() -> Result<Self> {
        let size_mib = params::size_mib.get();
        let block_size = params::block_size.get();
        let depth = params::depth.get();
        let sizes = 512..=(page::SIZE as u32).min(4096);
        if size_mib == 0 || size_mib > MAX_MIB {
            return Err(Error::INVALID);
        }
        if !block_size.is_power_of_two() || !sizes.contains(&block_size) {
            return Err(Error::INVALID);
        }
        if depth == 0 || depth > MAX_DEPTH {
            return Err(Error::INVALID);
        }
        let (processors, _) = cpu_counts();
        let queues = match params::queues.get() {
            0 => processors,
            some => u32::from(some).min(processors),
        };
        let answer = match params::answer.get() {
            0 => Answer::InRust,
            1 => Answer::InC,
            2 => Answer::NotAtAll,
            _ => return Err(Error::INVALID),
        };
        Ok(Self {
            capacity: u64::from(size_mib) << 20,
            block_size,
            queues,
            depth: depth.into(),
            answer,
        })
    }
}
