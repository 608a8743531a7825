//! One message: bytes of a writer, counted, with the links of the queue.

use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ptr::NonNull;

use crate::alloc::{KBox, KBytes};
use crate::bindings;
use crate::counters::LIVE_MESSAGES;
use crate::error::Result;
use crate::list::Linked;
use crate::refcount::{Counted, Ref, RefCount};
use crate::time;

/// A message. The queue holds one reference, whoever looks at it another.
pub struct Message {
    links: UnsafeCell<bindings::list_head>,
    count: RefCount,
    born: u64,
    body: KBytes,
}

// SAFETY: the links belong to the list that the message is in, under that
// list's lock; the count is atomic and the rest never changes.
unsafe impl Sync for Message {}
// SAFETY: nothing in it belongs to a task.
unsafe impl Send for Message {}

impl Message {
    pub fn new(body: KBytes) -> Result<Ref<Self>> {
        let message = KBox::new(Self {
            links: UnsafeCell::new(bindings::list_head {
                next: core::ptr::null_mut(),
                prev: core::ptr::null_mut(),
            }),
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

// SAFETY: the links are in the message at a fixed place, and only the owner
// that gave them to a list and that list use them.
unsafe impl Linked for Ref<Message> {
    type Object = Message;

    fn into_links(self) -> *mut bindings::list_head {
        // SAFETY: the field is inside the live message.
        unsafe { UnsafeCell::raw_get(&raw const (*self.into_raw().as_ptr()).links) }
    }

    unsafe fn from_links(links: *mut bindings::list_head) -> Self {
        // SAFETY: the links are inside a message whose reference was given up.
        unsafe { Ref::from_raw(NonNull::new_unchecked(container(links))) }
    }

    unsafe fn peek<'a>(links: *mut bindings::list_head) -> &'a Message {
        // SAFETY: the links are inside a message that lives for 'a.
        unsafe { &*container(links) }
    }

    unsafe fn share(links: *mut bindings::list_head) -> Self {
        // SAFETY: the list has a reference; it stays in the list, and the
        // clone is what the caller gets.
        unsafe { (*core::mem::ManuallyDrop::new(Self::from_links(links))).clone() }
    }
}

/// `container_of()`
///
/// # Safety
/// `links` is the field of a live message.
unsafe fn container(links: *mut bindings::list_head) -> *mut Message {
    // SAFETY: the caller's promise.
    unsafe { links.byte_sub(offset_of!(Message, links)).cast() }
}
