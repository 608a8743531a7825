//! What belongs to one open file: the device, who opened it, and how far it
//! has read.

use crate::abi;
use crate::counters::LIVE_FILES;
use crate::device::DeviceRef;
use crate::file::File;
use crate::static_key;
use crate::task::{self, Task};
use sample_kernel::alloc::KBox;
use sample_kernel::atomic::Atomic64;
use sample_kernel::error::{Error, Result};
use sample_kernel::pr_info;

/// An open file.
pub struct OpenFile {
    pub device: DeviceRef,
    opener: Task,
    /// Bytes read from this file.
    position: Atomic64,
}

impl OpenFile {
    pub fn new(file: File<'_>) -> Result<KBox<Self>> {
        let device = DeviceRef::get()?;
        let open = KBox::new(Self {
            device,
            opener: Task::current(),
            position: Atomic64::new(0),
        })?;
        LIVE_FILES.inc();
        open.device.counters.opens.inc();
        open.note(abi::OP_OPEN);
        if static_key::tracing() {
            pr_info!(
                "opened by process {}, thread {}, on processor {}, minor {}",
                open.opener.process(),
                task::current_thread(),
                task::processor(),
                file.minor()
            );
        }
        Ok(open)
    }

    /// The file is closed for the last time.
    pub fn release(open: KBox<Self>) {
        open.note(abi::OP_RELEASE);
        open.device.counters.releases.inc();
        LIVE_FILES.dec();
        if static_key::tracing() {
            pr_info!("closed, opened by process {}", open.opener.process());
        }
    }

    pub fn note(&self, operation: u32) {
        self.device.counters.note_operation(operation);
    }

    /// Adds what was read to the position.
    pub fn advance(&self, bytes: usize) {
        self.position.fetch_add(bytes as i64);
    }

    /// A queue cannot be sought in; all one can ask is how far one is.
    pub fn seek(&self, offset: i64, tells: bool) -> Result<i64> {
        if offset == 0 && tells {
            Ok(self.position.read())
        } else {
            Err(Error::NO_SEEK)
        }
    }

    /// Counts addresses that were no good.
    pub fn watch<T>(&self, outcome: Result<T>) -> Result<T> {
        if matches!(outcome, Err(Error::FAULT)) {
            self.device.counters.faults.inc();
        }
        outcome
    }
}
