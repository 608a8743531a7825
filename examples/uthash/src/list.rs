//! `utlist.h`: a doubly linked list, `DL_*`.

use crate::bindings::{self, node};
use std::ffi::c_int;
use std::ptr;

/// A list of numbers.
pub struct List {
    /// The first node. All nodes are `Box`es.
    head: *mut node,
}

impl List {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        List {
            head: ptr::null_mut(),
        }
    }

    /// Appends a number.
    pub fn push_back(&mut self, value: c_int) {
        // SAFETY: the list is whole, and a new node is in none.
        unsafe { bindings::list_append(&mut self.head, new_node(value)) };
    }

    /// Puts a number before all others.
    pub fn push_front(&mut self, value: c_int) {
        // SAFETY: the list is whole, and a new node is in none.
        unsafe { bindings::list_prepend(&mut self.head, new_node(value)) };
    }

    /// Takes the first node of this value out; whether there was one.
    pub fn remove(&mut self, value: c_int) -> bool {
        // SAFETY: what is found is a node of the list, and then no more: a `Box` again.
        unsafe {
            let found = bindings::list_search(self.head, value);
            if found.is_null() {
                return false;
            }
            bindings::list_delete(&mut self.head, found);
            drop(Box::from_raw(found));
        }
        true
    }

    /// Orders the list; equal numbers keep theirs.
    pub fn sort(&mut self) {
        unsafe extern "C" fn compare(a: *const node, b: *const node) -> c_int {
            // SAFETY: utlist compares nodes.
            unsafe { (*a).value.cmp(&(*b).value) as c_int }
        }
        // SAFETY: the list is whole.
        unsafe { bindings::list_sort(&mut self.head, Some(compare)) };
    }

    /// How many there are, by counting.
    #[must_use]
    pub fn len(&self) -> usize {
        // SAFETY: the list is whole.
        unsafe { bindings::list_count(self.head) as usize }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// The numbers from the first to the last.
    pub fn iter(&self) -> impl Iterator<Item = c_int> + '_ {
        // SAFETY: a node's `next` is null or a node, and none goes while the list is
        // borrowed.
        let mut at = unsafe { self.head.as_ref() };
        std::iter::from_fn(move || {
            let node = at?;
            // SAFETY: as above.
            at = unsafe { node.next.as_ref() };
            Some(node.value)
        })
    }
}

/// A node for a list to own.
pub(crate) fn new_node(value: c_int) -> *mut node {
    Box::into_raw(Box::new(node {
        value,
        prev: ptr::null_mut(),
        next: ptr::null_mut(),
    }))
}

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        while let Some(first) = ptr::NonNull::new(self.head) {
            // SAFETY: the first node is of the list, and then no more: a `Box` again.
            unsafe {
                bindings::list_delete(&mut self.head, first.as_ptr());
                drop(Box::from_raw(first.as_ptr()));
            }
        }
    }
}
