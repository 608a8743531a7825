//! One message: bytes of a writer, counted, with the links of the queue.

use core::mem::offset_of;
use core::ptr::NonNull;

use crate::counters::LIVE_MESSAGES;
use crate::time;
use sample_kernel::alloc::{KBox, KBytes};
use sample_kernel::error::Result;
use sample_kernel::list::{Linked, Links};
use sample_kernel::refcount::{Counted, Ref, RefCount};

/// A message. The queue holds one reference, whoever looks at it another.
pub struct Message {
    links: Links,
    count: RefCount,
    born: u64,
    body: KBytes,
}

impl Message {
    pub fn new(body: KBytes) -> Result<Ref<Self>> {
        let message = KBox::new(Self {
            links: Links::new(),
            count: RefCount::new(0),
            born: time::nanoseconds(),
            body,
        })?;
        message.count.set(1);
        LIVE_MESSAGES.inc();
        // SAFETY: a box is never null, and this is the one reference.
        Ok(unsafe { Ref::from_raw(NonNull::new_unchecked(message.into_raw())) })
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Nanoseconds since it was made.
    pub fn age(&self) -> u64 {
        time::nanoseconds().saturating_sub(self.born)
    }
}

// SAFETY: `free` is only called for the last reference, and new() is the one
// place that makes messages.
unsafe impl Counted for Message {
    fn count(&self) -> &RefCount {
        &self.count
    }

    unsafe fn free(object: NonNull<Self>) {
        // SAFETY: the message came from a box, and nobody has it any more.
        drop(unsafe { KBox::from_raw(object.as_ptr()) });
        LIVE_MESSAGES.dec();
    }
}

// SAFETY: the links are that field, and the queue only takes messages that are
// new or were taken out of it.
unsafe impl Linked for Message {
    const LINKS: usize = offset_of!(Message, links);
}
