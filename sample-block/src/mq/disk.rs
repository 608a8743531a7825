//! A disk: made, then shown to everyone, then taken back.

use core::ffi::{CStr, c_int};
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use helper_inline_module::this_module;
use sample_kernel::alloc::KBox;
use sample_kernel::error::{Error, Result};

use super::{Driver, TagSet};
use crate::bindings;

/// A table that the kernel only reads.
#[repr(transparent)]
struct Table(bindings::block_device_operations);

// SAFETY: nobody writes it, and what it points to is as constant.
unsafe impl Sync for Table {}

/// The kernel counts those who have the disk open as users of the module.
static OPERATIONS: Table = Table(bindings::block_device_operations {
    owner: this_module(),
    // SAFETY: null and None, for every other field of the table.
    ..unsafe { MaybeUninit::zeroed().assume_init() }
});

/// A disk that nobody sees yet. The order of the fields is that of their end.
pub struct NewDisk<D: Driver> {
    raw: Gendisk,
    #[expect(dead_code, reason = "the disk needs it as long as it lives")]
    tags: TagSet<D>,
    data: KBox<D>,
}

/// The reference to a `struct gendisk`.
struct Gendisk(NonNull<bindings::gendisk>);

// SAFETY: a disk belongs to no task.
unsafe impl Send for Gendisk {}
// SAFETY: the kernel has its own locks for it.
unsafe impl Sync for Gendisk {}

impl Gendisk {
    fn as_ptr(&self) -> *mut bindings::gendisk {
        self.0.as_ptr()
    }
}

impl Drop for Gendisk {
    fn drop(&mut self) {
        // SAFETY: the reference is this object's own.
        unsafe { bindings::put_disk(self.as_ptr()) }
    }
}

impl<D: Driver> NewDisk<D> {
    /// Makes one whose requests go to `data`.
    pub fn new(tags: TagSet<D>, data: KBox<D>, block_size: u32) -> Result<Self> {
        // SAFETY: queues and data live longer than the disk: see the fields.
        let raw = unsafe {
            let disk = bindings::blk_mq_alloc_disk(tags.as_ptr(), block_size, data.as_ptr().cast());
            Error::check(bindings::disk_err(disk) as c_int)?;
            Gendisk(NonNull::new_unchecked(disk))
        };
        // SAFETY: nobody else has the disk yet; the table is the module's.
        unsafe { bindings::disk_set_fops(raw.as_ptr(), &OPERATIONS.0) };
        Ok(Self { raw, tags, data })
    }

    /// Names it. A name that is too long is refused.
    pub fn set_name(&self, name: &CStr) -> Result {
        // SAFETY: nobody else has the disk yet.
        match unsafe { bindings::disk_set_name(self.raw.as_ptr(), name.as_ptr()) } {
            0.. => Ok(()),
            _ => Err(Error::INVALID),
        }
    }

    /// Sets its size, in bytes.
    pub fn set_capacity(&self, bytes: u64) {
        // SAFETY: the disk is live.
        unsafe { bindings::set_capacity(self.raw.as_ptr(), bytes >> bindings::SECTOR_SHIFT) }
    }

    /// Shows it to everyone: from here on there are requests.
    pub fn add(self) -> Result<Disk<D>> {
        // SAFETY: the disk is whole. When the call fails nobody sees it.
        Error::check(unsafe { bindings::add_disk(self.raw.as_ptr()) })?;
        Ok(Disk(self))
    }
}

/// A disk that everyone sees.
pub struct Disk<D: Driver>(NewDisk<D>);

impl<D: Driver> Disk<D> {
    /// What its requests go to.
    pub fn data(&self) -> &D {
        &self.0.data
    }
}

impl<D: Driver> Drop for Disk<D> {
    fn drop(&mut self) {
        // SAFETY: add() has succeeded. The call waits for the last request.
        unsafe { bindings::del_gendisk(self.0.raw.as_ptr()) }
    }
}
