//! The kernel's doubly linked list, owning what is in it. The links are inside
//! the objects; the head has memory of its own so that a list can be moved.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use crate::alloc::KBox;
use crate::bindings;
use crate::error::Result;
use crate::refcount::{Counted, Ref};

/// The links in an object, for one list at a time.
#[repr(transparent)]
pub struct Links(UnsafeCell<bindings::list_head>);

// SAFETY: only the list that an object is in uses its links.
unsafe impl Sync for Links {}
// SAFETY: they belong to no task.
unsafe impl Send for Links {}

impl Links {
    /// In no list.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "links are made with an object")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(bindings::list_head {
            next: ptr::null_mut(),
            prev: ptr::null_mut(),
        }))
    }
}

/// A counted object with links in it.
///
/// # Safety
/// `LINKS` is where a field of type [`Links`] is in it. An object is put into a
/// list only when it is in none: not by a reference that was cloned from one in
/// a list.
pub unsafe trait Linked: Counted + Sized {
    /// `offset_of!()` the links.
    const LINKS: usize;
}

/// A list of references to objects.
pub struct List<T: Linked> {
    head: KBox<bindings::list_head>,
    owners: PhantomData<Ref<T>>,
}

// SAFETY: a list owns what is in it.
unsafe impl<T: Linked> Send for List<T> where Ref<T>: Send {}

impl<T: Linked> List<T> {
    /// An empty list.
    ///
    /// # Errors
    /// [`Error::NO_MEMORY`](crate::error::Error::NO_MEMORY)
    #[inline]
    pub fn new() -> Result<Self> {
        let head = KBox::new(bindings::list_head {
            next: ptr::null_mut(),
            prev: ptr::null_mut(),
        })?;
        // SAFETY: the head stays in its box.
        unsafe { bindings::INIT_LIST_HEAD(head.as_ptr()) };
        Ok(Self {
            head,
            owners: PhantomData,
        })
    }

    /// Its head, for C that has the list for a while.
    #[inline]
    pub fn head(&mut self) -> *mut bindings::list_head {
        self.head.as_ptr()
    }

    /// Whether nothing is in it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        // SAFETY: the head was initialised, here and below.
        unsafe { bindings::list_empty(self.head.as_ptr()) != 0 }
    }

    /// Adds an object behind all others.
    #[inline]
    pub fn push_back(&mut self, object: Ref<T>) {
        // SAFETY: the links are in no list, and live while they are in this.
        unsafe { bindings::list_add_tail(into_links(object), self.head.as_ptr()) }
    }

    /// Adds an object before all others.
    #[inline]
    pub fn push_front(&mut self, object: Ref<T>) {
        // SAFETY: see push_back().
        unsafe { bindings::list_add(into_links(object), self.head.as_ptr()) }
    }

    /// A look at the first object.
    #[inline]
    pub fn front(&self) -> Option<&T> {
        // SAFETY: what is in the list was put there by push, and stays while
        // the list is borrowed.
        self.first()
            .map(|links| unsafe { object::<T>(links).as_ref() })
    }

    /// Another reference to the first object, which stays.
    #[inline]
    pub fn share_front(&self) -> Option<Ref<T>> {
        let first = self.front()?;
        first.count().inc();
        // SAFETY: the list has a reference, and there is one more just now.
        Some(unsafe { Ref::from_raw(NonNull::from(first)) })
    }

    /// Takes the first object out.
    #[inline]
    pub fn pop_front(&mut self) -> Option<Ref<T>> {
        self.first().map(|links| {
            // SAFETY: the links are in this list, and in none after the call; the
            // list had a reference for them.
            unsafe {
                bindings::list_del(links);
                Ref::from_raw(object(links))
            }
        })
    }

    /// Moves the first object to the end.
    #[inline]
    pub fn rotate(&mut self) {
        if let Some(links) = self.first() {
            // SAFETY: the links are in this list and stay in it.
            unsafe { bindings::list_move_tail(links, self.head.as_ptr()) }
        }
    }

    /// Takes all that `other` has, in front of what is here.
    #[inline]
    pub fn take_from(&mut self, other: &mut Self) {
        // SAFETY: both heads are live and differ, being borrowed mutably.
        unsafe { bindings::list_splice_init(other.head.as_ptr(), self.head.as_ptr()) }
    }

    #[inline]
    fn first(&self) -> Option<*mut bindings::list_head> {
        // SAFETY: the head is live; whoever changes it has the list mutably.
        (!self.is_empty()).then(|| unsafe { (*self.head.as_ptr()).next })
    }
}

impl<T: Linked> Drop for List<T> {
    fn drop(&mut self) {
        while let Some(object) = self.pop_front() {
            drop(object);
        }
    }
}

/// Gives a reference up for the links of its object.
#[inline]
fn into_links<T: Linked>(object: Ref<T>) -> *mut bindings::list_head {
    // SAFETY: the links are inside the object.
    let links = unsafe { object.into_raw().as_ptr().byte_add(T::LINKS) };
    UnsafeCell::raw_get(links.cast::<UnsafeCell<bindings::list_head>>())
}

/// `container_of()`
///
/// # Safety
/// The links came from [`into_links`] for this type.
#[inline]
unsafe fn object<T: Linked>(links: *mut bindings::list_head) -> NonNull<T> {
    // SAFETY: the caller's promise.
    unsafe { NonNull::new_unchecked(links.byte_sub(T::LINKS).cast()) }
}
