//! `utlist.h`: a singly linked list, `LL_*`, used from its head.

use crate::bindings::{self, node};
use crate::list::new_node;
use std::ffi::c_int;
use std::ptr;

/// A stack of numbers.
pub struct Stack {
    /// The node that was pushed last. All nodes are `Box`es.
    top: *mut node,
}

impl Stack {
    /// An empty stack.
    #[must_use]
    pub const fn new() -> Self {
        Stack {
            top: ptr::null_mut(),
        }
    }

    /// Puts a number on top.
    pub fn push(&mut self, value: c_int) {
        // SAFETY: the stack is whole, and a new node is in none.
        unsafe { bindings::stack_push(&mut self.top, new_node(value)) };
    }

    /// Takes the top one.
    pub fn pop(&mut self) -> Option<c_int> {
        // SAFETY: the node is out of the stack, a `Box` again.
        unsafe {
            let top = bindings::stack_pop(&mut self.top);
            (!top.is_null()).then(|| Box::from_raw(top).value)
        }
    }
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}
