//! What is counted: hot paths in per-processor counters, rare events in atomic
//! ones, and what lives in two counts that outlast the device, so that the
//! module can say at its end that nothing is left.

use crate::abi::Stats;
use sample_kernel::atomic::{Atomic, Atomic64};
use sample_kernel::bits::Bits;
use sample_kernel::error::Result;
use sample_kernel::percpu::PerCpu;

/// Messages in memory.
pub static LIVE_MESSAGES: Atomic = Atomic::new(0);
/// Files open.
pub static LIVE_FILES: Atomic = Atomic::new(0);

/// The counters of a device.
pub struct Counters {
    pub opens: Atomic64,
    pub releases: Atomic64,
    pub cleared: Atomic64,
    pub polls: Atomic64,
    pub ioctls: Atomic64,
    pub faults: Atomic64,
    pub traced: Atomic64,
    pub reads: PerCpu,
    pub writes: PerCpu,
    bytes_read: PerCpu,
    bytes_written: PerCpu,
    waited_ns: PerCpu,
    operations: Bits,
}

impl Counters {
    pub fn new() -> Result<Self> {
        Ok(Self {
            opens: Atomic64::new(0),
            releases: Atomic64::new(0),
            cleared: Atomic64::new(0),
            polls: Atomic64::new(0),
            ioctls: Atomic64::new(0),
            faults: Atomic64::new(0),
            traced: Atomic64::new(0),
            reads: PerCpu::new()?,
            writes: PerCpu::new()?,
            bytes_read: PerCpu::new()?,
            bytes_written: PerCpu::new()?,
            waited_ns: PerCpu::new()?,
            operations: Bits::new(),
        })
    }

    /// A message went to a reader.
    pub fn count_read(&self, bytes: usize, waited_ns: u64) {
        self.reads.inc();
        self.bytes_read.add(bytes as u64);
        self.waited_ns.add(waited_ns);
    }

    /// A message came from a writer.
    pub fn count_write(&self, bytes: usize) {
        self.writes.inc();
        self.bytes_written.add(bytes as u64);
    }

    /// The file operation `bit` was called. Looks first, so that the word
    /// stays shared between the processors' caches.
    pub fn note_operation(&self, bit: u32) {
        if !self.operations.test(bit) {
            self.operations.set(bit);
        }
    }

    /// All counters, each read at its own moment.
    pub fn snapshot(&self, queued: u32, generation: u64) -> Stats {
        Stats {
            opens: self.opens.read() as u64,
            releases: self.releases.read() as u64,
            open_files: LIVE_FILES.read() as u64,
            reads: self.reads.sum(),
            writes: self.writes.sum(),
            bytes_read: self.bytes_read.sum(),
            bytes_written: self.bytes_written.sum(),
            waited_ns: self.waited_ns.sum(),
            live_messages: LIVE_MESSAGES.read() as u64,
            queued: queued.into(),
            cleared: self.cleared.read() as u64,
            polls: self.polls.read() as u64,
            ioctls: self.ioctls.read() as u64,
            faults: self.faults.read() as u64,
            traced: self.traced.read() as u64,
            generation,
            operations: self.operations.word(),
        }
    }
}
