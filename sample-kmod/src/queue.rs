//! The messages that wait to be read, in order, and the tasks that wait for
//! one or for room.

use crate::bindings;
use crate::message::Message;
use crate::wait::WaitQueue;
use sample_kernel::error::{Error, Result};
use sample_kernel::list::List;
use sample_kernel::refcount::Ref;
use sample_kernel::spinlock::SpinLock;

/// poll's events for a reader.
pub const READABLE: u32 = bindings::rust_const_epollin | bindings::rust_const_epollrdnorm;
/// poll's events for a writer.
pub const WRITABLE: u32 = bindings::rust_const_epollout | bindings::rust_const_epollwrnorm;

struct Waiting {
    messages: List<Message>,
    len: u32,
}

/// A queue of messages.
pub struct Queue {
    waiting: SpinLock<Waiting>,
    pub readers: WaitQueue,
    pub writers: WaitQueue,
}

impl Queue {
    /// Makes a queue in place; after an error there is nothing to drop.
    ///
    /// # Safety
    /// `slot` can hold a queue, holds nothing, and what is in it will not move.
    pub unsafe fn init(slot: *mut Self) -> Result {
        let messages = List::new()?;
        // SAFETY: the caller's promise.
        unsafe {
            SpinLock::init(&raw mut (*slot).waiting, Waiting { messages, len: 0 });
            WaitQueue::init(&raw mut (*slot).readers);
            WaitQueue::init(&raw mut (*slot).writers);
        }
        Ok(())
    }

    /// Adds a message, or gives it back when `limit` of them wait already.
    pub fn push(
        &self,
        message: Ref<Message>,
        limit: u32,
    ) -> core::result::Result<(), Ref<Message>> {
        {
            let mut waiting = self.waiting.lock();
            if waiting.len >= limit {
                return Err(message);
            }
            waiting.messages.push_back(message);
            waiting.len += 1;
        }
        self.readers.wake(READABLE);
        Ok(())
    }

    /// Takes the next message if it has at most `room` bytes. A longer one
    /// stays, and is an error.
    pub fn pop(&self, room: usize) -> Result<Option<Ref<Message>>> {
        let message = {
            let mut waiting = self.waiting.lock();
            match waiting.messages.front() {
                None => return Ok(None),
                Some(message) if message.body().len() > room => return Err(Error::MESSAGE_SIZE),
                Some(_) => (),
            }
            waiting.len -= 1;
            waiting.messages.pop_front()
        };
        self.writers.wake(WRITABLE);
        Ok(message)
    }

    /// Puts a message back to the front that could not be delivered. It may
    /// exceed the limit by one for a while, which is better than losing it.
    pub fn put_back(&self, message: Ref<Message>) {
        {
            let mut waiting = self.waiting.lock();
            waiting.messages.push_front(message);
            waiting.len += 1;
        }
        self.readers.wake(READABLE);
    }

    /// The next message, which stays.
    pub fn peek(&self) -> Option<Ref<Message>> {
        self.waiting.lock().messages.share_front()
    }

    pub fn len(&self) -> u32 {
        self.waiting.lock().len
    }

    /// Drops all messages; returns how many there were.
    pub fn clear(&self) -> Result<u32> {
        // They are freed from a list of their own, when the lock is free.
        let mut dropped = List::new()?;
        let count = {
            let mut waiting = self.waiting.lock();
            dropped.take_from(&mut waiting.messages);
            core::mem::take(&mut waiting.len)
        };
        self.writers.wake(WRITABLE);
        Ok(count)
    }
}
