//! The disk: what a request means, and how the disk comes about.

use core::mem::offset_of;

use sample_kernel::alloc::KBox;
use sample_kernel::error::{Error, Result};
use sample_kernel::pr_info;
use sample_kernel::steps::Steps;

use crate::bindings::{self, twin_device};
use crate::counters::Counters;
use crate::mq::{Disk, Driver, NewDisk, Operation, Request, Status, TagSet};
use crate::params;
use crate::settings::{Answer, Settings};
use crate::store::Store;

/// What the disk's requests work on: `struct twin_device` of twin.c, which can
/// answer them instead.
#[repr(C)]
pub struct Device {
    store: Store,
    counters: Counters,
    /// Bytes.
    capacity: u64,
}

const _: () = assert!(
    size_of::<Device>() == size_of::<twin_device>()
        && offset_of!(Device, counters) == offset_of!(twin_device, reads)
        && offset_of!(Device, capacity) == offset_of!(twin_device, capacity),
    "Device and twin_device differ"
);

impl Device {
    fn new(capacity: u64) -> Result<KBox<Self>> {
        let counters = Counters::new()?;
        // SAFETY: the fields are made in place, and none of them can fail.
        unsafe {
            KBox::try_init(|slot: *mut Self| {
                Store::init(&raw mut (*slot).store);
                (&raw mut (*slot).counters).write(counters);
                (&raw mut (*slot).capacity).write(capacity);
                Ok(())
            })
        }
    }

    /// Says in the log what was done.
    pub fn report(&self) {
        self.counters.report(self.store.pages());
    }

    fn answer(&self, request: &Request<'_>) -> Status {
        let position = request.position();
        let end = position.checked_add(request.bytes().into());
        // The kernel looks at this too; but what is behind the end must not
        // come into being.
        if end.is_none_or(|end| end > self.capacity) {
            return Status::IO_ERROR;
        }
        match request.operation() {
            Operation::Read => self.read(request, position),
            Operation::Write if params::refuse_writes.get() => Status::IO_ERROR,
            Operation::Write => self.write(request, position),
            Operation::Other => Status::NOT_SUPPORTED,
        }
    }

    #[inline]
    fn read(&self, request: &Request<'_>, mut position: u64) -> Status {
        self.counters.reads.request();
        for segment in request.segments() {
            let len = segment.len();
            {
                let memory = segment.map();
                // SAFETY: the mapping is as long as the segment.
                unsafe { self.store.read(position, memory.as_ptr(), len) };
            }
            segment.written();
            self.counters.reads.segment(len);
            position += len as u64;
        }
        Status::OK
    }

    #[inline]
    fn write(&self, request: &Request<'_>, mut position: u64) -> Status {
        self.counters.writes.request();
        for segment in request.segments() {
            let len = segment.len();
            let memory = segment.map();
            // SAFETY: the mapping is as long as the segment.
            match unsafe { self.store.write(position, memory.as_ptr(), len) } {
                Ok(()) => self.counters.writes.segment(len),
                // There is no memory, and waiting has not brought any.
                Err(_) => return Status::IO_ERROR,
            }
            position += len as u64;
        }
        Status::OK
    }
}

impl Driver for Device {
    #[inline]
    fn handle(&self, request: &Request<'_>) -> Status {
        let status = self.answer(request);
        if status != Status::OK {
            self.counters.errors.inc();
        }
        status
    }
}

/// The queues, with who answers what comes through them.
fn tags(settings: &Settings) -> Result<TagSet<Device>> {
    let (queues, depth) = (settings.queues, settings.depth);
    // SAFETY: the tables are constant, and theirs is a device laid out like ours.
    unsafe {
        match settings.answer {
            Answer::InRust => TagSet::new(queues, depth),
            Answer::InC => TagSet::answered_by(&bindings::twin_in_c, queues, depth),
            Answer::NotAtAll => TagSet::answered_by(&bindings::twin_not_at_all, queues, depth),
        }
    }
}

/// Makes the disk and shows it to everyone. What a step has made is gone again
/// when a later one fails: each is an owner that is dropped.
pub fn make() -> Result<Disk<Device>> {
    let mut steps = Steps::new(params::fail_step.get());
    steps.begin()?;
    let settings = Settings::read()?;
    steps.begin()?;
    let device = Device::new(settings.capacity)?;
    steps.begin()?;
    let tags = tags(&settings)?;
    steps.begin()?;
    let disk = NewDisk::new(tags, device, settings.block_size)?;
    steps.begin()?;
    params::name.with(|name| {
        if name.is_empty() {
            return Err(Error::INVALID);
        }
        disk.set_name(name)
    })?;
    disk.set_capacity(settings.capacity);
    steps.begin()?;
    // The last thing that may fail. From here on others can have the disk open,
    // and loading that fails does not wait for them: on 6.12 the kernel's own look
    // at the partitions is closed after init has returned.
    let disk = disk.add()?;
    pr_info!(
        "loaded, {} bytes in blocks of {}, {} queues of {}",
        settings.capacity,
        settings.block_size,
        settings.queues,
        settings.depth
    );
    Ok(disk)
}
