//! The queues of a disk, and the kernel's way into a driver.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use sample_kernel::alloc::KBox;
use sample_kernel::error::{Error, Result};

use super::{Driver, Request, Status};
use crate::bindings;

/// `struct blk_mq_tag_set` for the requests of a driver.
pub struct TagSet<D: Driver> {
    raw: KBox<Raw>,
    driver: PhantomData<fn(&D)>,
}

/// Where the kernel works on it.
#[repr(transparent)]
struct Raw(UnsafeCell<bindings::blk_mq_tag_set>);

// SAFETY: the kernel has its own locks for it.
unsafe impl Send for Raw {}
// SAFETY: see Send.
unsafe impl Sync for Raw {}

impl<D: Driver> TagSet<D> {
    /// Makes the queues.
    pub fn new(queues: u32, depth: u32) -> Result<Self> {
        // SAFETY: the driver's own table.
        unsafe { Self::answered_by(const { &Table::<D>::OPERATIONS.0 }, queues, depth) }
    }

    /// Makes queues whose requests C answers in place of the driver.
    ///
    /// # Safety
    /// `operations` expect the disk's data to be a `D`.
    pub unsafe fn answered_by(
        operations: &'static bindings::blk_mq_ops,
        queues: u32,
        depth: u32,
    ) -> Result<Self> {
        // SAFETY: zeros and what is set here is what the call wants; when it
        // fails it leaves nothing.
        let raw = unsafe {
            KBox::try_init(|slot: *mut Raw| {
                let set = slot.cast::<bindings::blk_mq_tag_set>();
                (*set).ops = operations;
                (*set).nr_hw_queues = queues;
                (*set).queue_depth = depth;
                (*set).numa_node = bindings::NUMA_NO_NODE;
                (*set).flags =
                    bindings::rust_const_blk_mq_f_should_merge | bindings::BLK_MQ_F_BLOCKING;
                Error::check(bindings::blk_mq_alloc_tag_set(set))
            })
        }?;
        Ok(Self {
            raw,
            driver: PhantomData,
        })
    }

    pub fn as_ptr(&self) -> *mut bindings::blk_mq_tag_set {
        self.raw.0.get()
    }
}

impl<D: Driver> Drop for TagSet<D> {
    fn drop(&mut self) {
        // SAFETY: new() made it, and its disk is gone.
        unsafe { bindings::blk_mq_free_tag_set(self.as_ptr()) }
    }
}

/// The table of a driver's functions, one for each driver.
struct Table<D>(PhantomData<D>);

/// A table that the kernel only reads.
#[repr(transparent)]
struct Operations(bindings::blk_mq_ops);

// SAFETY: nobody writes it, and what it points to is as constant.
unsafe impl Sync for Operations {}

impl<D: Driver> Table<D> {
    const OPERATIONS: &'static Operations = &Operations(bindings::blk_mq_ops {
        queue_rq: Some(queue_rq::<D>),
        // SAFETY: null and None, for every other field of the table.
        ..unsafe { MaybeUninit::zeroed().assume_init() }
    });
}

/// The kernel has a request.
unsafe extern "C" fn queue_rq<D: Driver>(
    _queue: *mut bindings::blk_mq_hw_ctx,
    what: *const bindings::blk_mq_queue_data,
) -> bindings::blk_status_t {
    // SAFETY: the kernel passed a request of a disk that was made with a D, which
    // outlives it. It is begun here and ended once.
    unsafe {
        let raw = (*what).rq;
        bindings::blk_mq_start_request(raw);
        let driver = &*bindings::rq_queuedata(raw).cast::<D>();
        let status = driver.handle(&Request::new(NonNull::new_unchecked(raw)));
        bindings::blk_mq_end_request(raw, status.to_c());
    }
    Status::OK.to_c()
}
