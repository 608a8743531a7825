//! `uthash.h`: a hash table whose elements hold its pointers.

use crate::bindings::{self, UT_hash_handle, entry};
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;

/// A hash table of numbers, in the order in which they were added.
pub struct Map {
    /// The first entry, which leads to the table. All entries are `Box`es.
    head: *mut entry,
}

impl Map {
    /// An empty table, which has no memory yet.
    #[must_use]
    pub const fn new() -> Self {
        Map {
            head: ptr::null_mut(),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // SAFETY: the table is whole.
        unsafe { bindings::map_count(self.head) as usize }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: u64) -> Option<u64> {
        // SAFETY: the table is whole, and what is found in it is an entry of it.
        unsafe { bindings::map_find(self.head, key).as_ref() }.map(|found| found.value)
    }

    /// Sets a key's value, and returns the one that it had. A key that was there
    /// becomes the last.
    pub fn insert(&mut self, key: u64, value: u64) -> Option<u64> {
        let new = Box::into_raw(Box::new(entry {
            key,
            value,
            // SAFETY: a handle is made of integers and pointers that may be null.
            hh: unsafe { MaybeUninit::<UT_hash_handle>::zeroed().assume_init() },
        }));
        // SAFETY: `new` is no entry yet, and stays where it is until it is taken out.
        // The one that it replaces is out of the table, a `Box` again.
        unsafe {
            let old = bindings::map_replace(&mut self.head, new);
            (!old.is_null()).then(|| Box::from_raw(old).value)
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: u64) -> Option<u64> {
        // SAFETY: what is found is an entry, and then no more: a `Box` again.
        unsafe {
            let found = bindings::map_find(self.head, key);
            if found.is_null() {
                return None;
            }
            bindings::map_delete(&mut self.head, found);
            Some(Box::from_raw(found).value)
        }
    }

    /// Orders the entries by their keys.
    pub fn sort(&mut self) {
        unsafe extern "C" fn by_key(a: *const entry, b: *const entry) -> c_int {
            // SAFETY: uthash compares entries.
            unsafe { (*a).key.cmp(&(*b).key) as c_int }
        }
        // SAFETY: the table is whole.
        unsafe { bindings::map_sort(&mut self.head, Some(by_key)) };
    }

    /// All entries, in their order.
    #[must_use]
    pub fn entries(&self) -> Vec<(u64, u64)> {
        unsafe extern "C" fn collect(entry: *mut entry, all: *mut c_void) {
            // SAFETY: an entry, and the vector that is given below.
            unsafe { (*all.cast::<Vec<_>>()).push(((*entry).key, (*entry).value)) };
        }
        let mut all: Vec<(u64, u64)> = Vec::new();
        // SAFETY: the table is whole; `collect` gets the vector that it expects.
        unsafe { bindings::map_each(self.head, Some(collect), (&raw mut all).cast()) };
        all
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        unsafe extern "C" fn free(entry: *mut entry, _: *mut c_void) {
            // SAFETY: an entry is a `Box`, and nothing knows it any more.
            drop(unsafe { Box::from_raw(entry) });
        }
        let first = self.head;
        // SAFETY: freeing the table leaves the entries and the pointers between them.
        unsafe {
            bindings::map_clear(&mut self.head);
            bindings::map_each(first, Some(free), ptr::null_mut());
        }
    }
}
