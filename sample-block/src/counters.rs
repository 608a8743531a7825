//! What the disk has done, counted on each processor by itself.

use sample_kernel::error::Result;
use sample_kernel::percpu::PerCpu;
use sample_kernel::pr_info;

/// The counters of a disk.
#[repr(C)]
pub struct Counters {
    pub reads: Direction,
    pub writes: Direction,
    /// Requests that were answered with an error.
    pub errors: PerCpu,
}

/// Those of one direction.
#[repr(C)]
pub struct Direction {
    requests: PerCpu,
    segments: PerCpu,
    bytes: PerCpu,
}

impl Counters {
    pub fn new() -> Result<Self> {
        Ok(Self {
            reads: Direction::new()?,
            writes: Direction::new()?,
            errors: PerCpu::new()?,
        })
    }

    /// Says it all in the log.
    pub fn report(&self, pages: u64) {
        let (reads, writes) = (&self.reads, &self.writes);
        pr_info!(
            "read {} requests, {} segments, {} bytes",
            reads.requests.sum(),
            reads.segments.sum(),
            reads.bytes.sum()
        );
        pr_info!(
            "wrote {} requests, {} segments, {} bytes; {} errors, {pages} pages",
            writes.requests.sum(),
            writes.segments.sum(),
            writes.bytes.sum(),
            self.errors.sum()
        );
    }
}

impl Direction {
    fn new() -> Result<Self> {
        Ok(Self {
            requests: PerCpu::new()?,
            segments: PerCpu::new()?,
            bytes: PerCpu::new()?,
        })
    }

    #[inline]
    pub fn request(&self) {
        self.requests.inc();
    }

    #[inline]
    pub fn segment(&self, bytes: usize) {
        self.segments.inc();
        self.bytes.add(bytes as u64);
    }
}
