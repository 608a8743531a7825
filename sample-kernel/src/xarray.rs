//! The kernel's sparse array, owning what is in it. Entries are added by anyone
//! at any time, and stay until the array goes: so they can be lent out without a
//! lock.

use core::cell::UnsafeCell;
use core::ffi::c_ulong;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use crate::alloc::Flags;
use crate::bindings;
use crate::error::{Error, Result};

/// An owner that can be kept as a pointer.
///
/// # Safety
/// `into_raw` gives up the object, which stays where it is until `from_raw`, the
/// exact reverse. The pointer is aligned to 4.
pub unsafe trait Owner {
    /// What it owns.
    type Object;

    /// Gives the object to the caller.
    fn into_raw(self) -> NonNull<Self::Object>;

    /// Takes it back.
    ///
    /// # Safety
    /// `object` came from `into_raw`, and nobody else uses it.
    unsafe fn from_raw(object: NonNull<Self::Object>) -> Self;
}

/// `struct xarray` of owners.
#[repr(transparent)]
pub struct XArray<P: Owner> {
    raw: UnsafeCell<bindings::xarray>,
    owners: PhantomData<P>,
}

// SAFETY: an array owns what is in it.
unsafe impl<P: Owner + Send> Send for XArray<P> {}
// SAFETY: it has a lock of its own; shared, it lends out its objects and takes
// new ones.
unsafe impl<P: Owner + Send> Sync for XArray<P> where P::Object: Sync {}

impl<P: Owner> XArray<P> {
    /// Makes an empty array in place.
    ///
    /// # Safety
    /// `slot` can hold an array, holds nothing, and what is in it will not move.
    #[inline]
    pub unsafe fn init(slot: *mut Self) {
        // SAFETY: the caller's promise.
        unsafe { bindings::xa_init(UnsafeCell::raw_get(&raw const (*slot).raw)) }
    }

    /// The object at an index.
    #[inline]
    pub fn get(&self, index: u64) -> Option<&P::Object> {
        // SAFETY: the array was initialised. What is in it came from an owner, and
        // stays as long as the array.
        unsafe {
            let entry = bindings::xa_load(self.raw.get(), index as c_ulong);
            entry.cast::<P::Object>().as_ref()
        }
    }

    /// The object at an index, made by `make` when there is none. Of two tasks
    /// that do this at once, one sees its own owner dropped again. May sleep when
    /// `flags` allow it.
    ///
    /// # Errors
    /// Those of `make`; [`Error::NO_MEMORY`] when the array cannot grow.
    #[inline]
    pub fn get_or_insert(
        &self,
        index: u64,
        flags: Flags,
        make: impl FnOnce() -> Result<P>,
    ) -> Result<&P::Object> {
        if let Some(object) = self.get(index) {
            return Ok(object);
        }
        let new = make()?.into_raw();
        // SAFETY: see get(). The array takes the object when there was none;
        // otherwise it is given back to its owner, which drops it.
        unsafe {
            let old = bindings::xa_cmpxchg(
                self.raw.get(),
                index as c_ulong,
                ptr::null_mut(),
                new.as_ptr().cast(),
                flags.to_c(),
            );
            let Some(old) = NonNull::new(old) else {
                return Ok(new.as_ref());
            };
            drop(P::from_raw(new));
            Error::check(bindings::xa_err(old.as_ptr()))?;
            Ok(old.cast().as_ref())
        }
    }
}

impl<P: Owner> XArray<P> {
    /// How many objects there are, found one after the other.
    pub fn count(&self) -> u64 {
        self.entries().fold(0, |count, _| count + 1)
    }

    /// Its entries, in the order of their indices.
    fn entries(&self) -> impl Iterator<Item = NonNull<P::Object>> {
        let mut last = None;
        core::iter::from_fn(move || {
            let mut index: c_ulong = last.unwrap_or(0);
            let present = bindings::rust_const_xa_present;
            // SAFETY: the array was initialised. The search goes on behind what
            // it found last, and does not look at the entry itself.
            let entry = unsafe {
                match last {
                    None => bindings::xa_find(self.raw.get(), &mut index, c_ulong::MAX, present),
                    Some(_) => {
                        bindings::xa_find_after(self.raw.get(), &mut index, c_ulong::MAX, present)
                    }
                }
            };
            last = Some(index);
            NonNull::new(entry.cast())
        })
    }
}

impl<P: Owner> Drop for XArray<P> {
    fn drop(&mut self) {
        for object in self.entries() {
            // SAFETY: nobody else has the array, and each object is given back to
            // an owner once.
            drop(unsafe { P::from_raw(object) });
        }
        // SAFETY: what is left is the array's own memory.
        unsafe { bindings::xa_destroy(self.raw.get()) }
    }
}
