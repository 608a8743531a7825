//! A value that readers look at without waiting while writers replace it.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::marker::PhantomData;

use crate::bindings;
use sample_kernel::alloc::KBox;
use sample_kernel::error::Result;
use sample_kernel::mutex::Mutex;

/// One version of the value. The head comes first: kfree_rcu() is told the
/// head alone and frees from there.
#[repr(C)]
struct Version<T> {
    head: bindings::callback_head,
    value: T,
}

impl<T> Version<T> {
    fn allocate(value: T) -> Result<*mut Self> {
        let head = bindings::callback_head {
            next: core::ptr::null_mut(),
            func: None,
        };
        Ok(KBox::new(Self { head, value })?.into_raw())
    }
}

/// A replaceable value. Copy, because a version is freed without being
/// dropped.
pub struct Rcu<T: Copy> {
    current: UnsafeCell<*mut c_void>,
    /// How often the value was replaced; holding it makes one a writer.
    writers: Mutex<u64>,
    value: PhantomData<T>,
}

// SAFETY: readers share the value, and writers take turns.
unsafe impl<T: Copy + Send + Sync> Sync for Rcu<T> {}
// SAFETY: it owns its value.
unsafe impl<T: Copy + Send> Send for Rcu<T> {}

impl<T: Copy> Rcu<T> {
    /// Makes one in place; after an error there is nothing to drop.
    ///
    /// # Safety
    /// `slot` can hold one, holds nothing, and what is in it will not move.
    pub unsafe fn init(slot: *mut Self, value: T) -> Result {
        let version = Version::allocate(value)?;
        // SAFETY: the caller's promise; nobody reads yet.
        unsafe {
            (&raw mut (*slot).current).write(UnsafeCell::new(core::ptr::null_mut()));
            bindings::rcu_init_pointer(
                UnsafeCell::raw_get(&raw const (*slot).current),
                version.cast(),
            );
            Mutex::init(&raw mut (*slot).writers, 0);
        }
        Ok(())
    }

    /// Shows the value to `look`, which must not sleep.
    pub fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        // SAFETY: the version that is found lives until the unlock, because
        // writers free an old one after a grace period only. There always is
        // one.
        unsafe {
            bindings::rcu_read_lock();
            let version = bindings::rcu_dereference(self.current.get()).cast::<Version<T>>();
            let seen = look(&(*version).value);
            bindings::rcu_read_unlock();
            seen
        }
    }

    /// Puts a new value in the place of the old. A signal ends the wait for
    /// other writers.
    pub fn replace(&self, value: T) -> Result {
        let version = Version::allocate(value)?;
        let mut generation = match self.writers.lock_interruptible() {
            Ok(guard) => guard,
            Err(error) => {
                // SAFETY: nobody has seen the new version.
                drop(unsafe { KBox::from_raw(version) });
                return Err(error);
            }
        };
        // SAFETY: this is the only writer, and it frees what readers can no
        // longer find, once those that had found it are done.
        unsafe {
            let old = bindings::rcu_dereference_protected(self.current.get());
            bindings::rcu_assign_pointer(self.current.get(), version.cast());
            bindings::kfree_rcu(&raw mut (*old.cast::<Version<T>>()).head);
        }
        *generation += 1;
        Ok(())
    }

    /// How often the value was replaced.
    pub fn generation(&self) -> u64 {
        *self.writers.lock()
    }
}

impl<T: Copy> Drop for Rcu<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else has this object, so nobody reads or writes. The
        // version came from a box.
        unsafe {
            let last = bindings::rcu_dereference_protected(self.current.get());
            drop(KBox::from_raw(last.cast::<Version<T>>()));
        }
    }
}
