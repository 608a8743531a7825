//! The kernel's doubly linked list, owning what is in it. The links are inside
//! the objects; the head has memory of its own so that a list can be moved.

use core::marker::PhantomData;

use crate::alloc::KBox;
use crate::bindings;
use crate::error::Result;

/// An owner of an object with links in it.
///
/// # Safety
/// `into_links` gives up the object and returns its links, which stay where
/// they are and which nobody else uses until `from_links`, the exact reverse.
/// `peek` finds the object without taking it.
pub unsafe trait Linked {
    type Object;

    fn into_links(self) -> *mut bindings::list_head;

    /// # Safety
    /// `links` came from `into_links` and is in no list.
    unsafe fn from_links(links: *mut bindings::list_head) -> Self;

    /// # Safety
    /// `links` came from `into_links` and stays given up for `'a`.
    unsafe fn peek<'a>(links: *mut bindings::list_head) -> &'a Self::Object;

    /// Another owner of the same object.
    ///
    /// # Safety
    /// `links` came from `into_links` and is still given up.
    unsafe fn share(links: *mut bindings::list_head) -> Self;
}

/// A list of owners.
pub struct List<P: Linked> {
    head: KBox<bindings::list_head>,
    owners: PhantomData<P>,
}

// SAFETY: a list owns what is in it.
unsafe impl<P: Linked + Send> Send for List<P> {}

impl<P: Linked> List<P> {
    pub fn new() -> Result<Self> {
        let head = KBox::new(bindings::list_head {
            next: core::ptr::null_mut(),
            prev: core::ptr::null_mut(),
        })?;
        // SAFETY: the head stays in its box.
        unsafe { bindings::INIT_LIST_HEAD(head.as_ptr()) };
        Ok(Self {
            head,
            owners: PhantomData,
        })
    }

    pub fn is_empty(&self) -> bool {
        // SAFETY: the head was initialised, here and below.
        unsafe { bindings::list_empty(self.head.as_ptr()) != 0 }
    }

    pub fn push_back(&mut self, owner: P) {
        // SAFETY: the links are in no list, and live while they are in this.
        unsafe { bindings::list_add_tail(owner.into_links(), self.head.as_ptr()) }
    }

    pub fn push_front(&mut self, owner: P) {
        // SAFETY: see push_back().
        unsafe { bindings::list_add(owner.into_links(), self.head.as_ptr()) }
    }

    pub fn front(&self) -> Option<&P::Object> {
        // SAFETY: what is in the list was put there by push, and stays while
        // the list is borrowed.
        self.first().map(|links| unsafe { P::peek(links) })
    }

    /// Another owner of the first object, which stays.
    pub fn share_front(&self) -> Option<P> {
        // SAFETY: see front().
        self.first().map(|links| unsafe { P::share(links) })
    }

    pub fn pop_front(&mut self) -> Option<P> {
        self.first().map(|links| {
            // SAFETY: the links are in this list, and in none after the call.
            unsafe {
                bindings::list_del(links);
                P::from_links(links)
            }
        })
    }

    /// Moves the first object to the end.
    pub fn rotate(&mut self) {
        if let Some(links) = self.first() {
            // SAFETY: the links are in this list and stay in it.
            unsafe { bindings::list_move_tail(links, self.head.as_ptr()) }
        }
    }

    /// Takes all that `other` has, in front of what is here.
    pub fn take_from(&mut self, other: &mut Self) {
        // SAFETY: both heads are live and differ, being borrowed mutably.
        unsafe { bindings::list_splice_init(other.head.as_ptr(), self.head.as_ptr()) }
    }

    fn first(&self) -> Option<*mut bindings::list_head> {
        // SAFETY: the head is live; whoever changes it has the list mutably.
        (!self.is_empty()).then(|| unsafe { (*self.head.as_ptr()).next })
    }
}

impl<P: Linked> Drop for List<P> {
    fn drop(&mut self) {
        while let Some(owner) = self.pop_front() {
            drop(owner);
        }
    }
}
