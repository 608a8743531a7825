//! The device: what reading, writing and polling mean, apart from how the
//! kernel asks for them.

use core::ops::Deref;
use core::ptr::NonNull;

use crate::abi::{Config, Stats};
use crate::completion::Completion;
use crate::counters::Counters;
use crate::message::Message;
use crate::queue::{Queue, READABLE, WRITABLE};
use crate::rcu::Rcu;
use crate::static_key;
use crate::task;
use sample_kernel::alloc::KBox;
use sample_kernel::error::{Error, Result};
use sample_kernel::memory::Published;
use sample_kernel::refcount::RefCount;
use sample_kernel::steps::Steps;
use sample_kernel::uaccess::UserMemory;

/// The limits of a device that nobody has configured.
const DEFAULT: Config = Config {
    max_message: 4096,
    max_queued: 256,
};

static DEVICE: Published<Device> = Published::new();

/// The one device of the module.
pub struct Device {
    /// The module, and each open file.
    users: RefCount,
    /// Done when the last user is gone.
    idle: Completion,
    pub queue: Queue,
    pub config: Rcu<Config>,
    pub counters: Counters,
}

impl Device {
    fn new(steps: &mut Steps) -> Result<KBox<Self>> {
        steps.begin()?;
        let counters = Counters::new()?;
        // SAFETY: the fields are made in place, and those that are made by
        // then are dropped when a later one fails.
        unsafe {
            KBox::try_init(|slot: *mut Self| {
                steps.begin()?;
                Queue::init(&raw mut (*slot).queue)?;
                let configured = steps
                    .begin()
                    .and_then(|()| Rcu::init(&raw mut (*slot).config, DEFAULT));
                if let Err(error) = configured {
                    (&raw mut (*slot).queue).drop_in_place();
                    return Err(error);
                }
                Completion::init(&raw mut (*slot).idle);
                (&raw mut (*slot).users).write(RefCount::new(1));
                (&raw mut (*slot).counters).write(counters);
                Ok(())
            })
        }
    }

    /// Takes the next message; waits for one unless `nonblocking`.
    pub fn read(&self, to: UserMemory, nonblocking: bool) -> Result<usize> {
        task::might_sleep();
        if to.len() == 0 {
            return Ok(0);
        }
        let message = loop {
            if let Some(message) = self.queue.pop(to.len())? {
                break message;
            }
            if nonblocking {
                return Err(Error::AGAIN);
            }
            self.queue.readers.wait_until(|| self.queue.len() > 0)?;
        };
        if let Err(error) = to.write(message.body()) {
            self.queue.put_back(message);
            return Err(error);
        }
        self.counters
            .count_read(message.body().len(), message.age());
        self.trace();
        Ok(message.body().len())
    }

    /// Adds a message; waits for room unless `nonblocking`.
    pub fn write(&self, from: UserMemory, nonblocking: bool) -> Result<usize> {
        task::might_sleep();
        let len = from.len();
        if len == 0 {
            return Ok(0);
        }
        if len > self.config.read(|config| config.max_message) as usize {
            return Err(Error::MESSAGE_SIZE);
        }
        let mut message = Message::new(from.to_kernel()?)?;
        while let Err(refused) = self.queue.push(message, self.limit()) {
            if nonblocking {
                return Err(Error::AGAIN);
            }
            message = refused;
            self.queue.writers.wait_until(|| self.has_room())?;
        }
        self.counters.count_write(len);
        self.trace();
        Ok(len)
    }

    /// What poll would find now.
    pub fn events(&self) -> u32 {
        let readable = if self.queue.len() > 0 { READABLE } else { 0 };
        let writable = if self.has_room() { WRITABLE } else { 0 };
        readable | writable
    }

    /// Replaces the limits. Writers look again, for there may be room now.
    pub fn configure(&self, config: Config) -> Result {
        let (message, queued) = (config.max_message, config.max_queued);
        if message == 0 || message > crate::abi::MAX_MESSAGE {
            return Err(Error::INVALID);
        }
        if queued == 0 || queued > crate::abi::MAX_QUEUED {
            return Err(Error::INVALID);
        }
        self.config.replace(config)?;
        self.queue.writers.wake(WRITABLE);
        Ok(())
    }

    /// Drops the messages that wait.
    pub fn clear(&self) -> Result<u32> {
        let dropped = self.queue.clear()?;
        self.counters.cleared.add(dropped.into());
        Ok(dropped)
    }

    pub fn stats(&self) -> Stats {
        self.counters
            .snapshot(self.queue.len(), self.config.generation())
    }

    fn limit(&self) -> u32 {
        self.config.read(|config| config.max_queued)
    }

    fn has_room(&self) -> bool {
        self.queue.len() < self.limit()
    }

    fn trace(&self) {
        if static_key::tracing() {
            self.counters.traced.inc();
        }
    }

    /// One user less.
    fn put(&self) {
        if self.users.dec_and_test() {
            self.idle.complete();
        }
    }
}

/// A user of the device, which keeps it.
pub struct DeviceRef(NonNull<Device>);

impl DeviceRef {
    /// The device. The caller runs inside an operation of a file that the
    /// kernel takes away, and waits for, before the device goes.
    pub fn get() -> Result<Self> {
        let device = NonNull::new(DEVICE.get().cast_mut()).ok_or(Error::NO_DEVICE)?;
        // SAFETY: see above: the device is withdrawn after its files.
        let found = unsafe { device.as_ref() }.users.inc_not_zero();
        found.then_some(Self(device)).ok_or(Error::NO_DEVICE)
    }
}

impl Deref for DeviceRef {
    type Target = Device;

    fn deref(&self) -> &Device {
        // SAFETY: the device waits for its users.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for DeviceRef {
    fn drop(&mut self) {
        self.put();
    }
}

/// Makes the device, for files to find.
pub fn publish(steps: &mut Steps) -> Result {
    DEVICE.publish(Device::new(steps)?.into_raw());
    Ok(())
}

/// Frees the device when the last of its users is gone. The files that could
/// find it are gone already.
pub fn withdraw() {
    let device = DEVICE.get().cast_mut();
    DEVICE.withdraw();
    // SAFETY: publish() gave it from a box, and this takes it back, once.
    let device = unsafe { KBox::from_raw(device) };
    device.put();
    device.idle.wait();
}
