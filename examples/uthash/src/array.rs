//! `utarray.h`: an array that grows.

use crate::bindings::{self, UT_array, UT_icd};
use std::ffi::{c_int, c_uint, c_void};
use std::mem::MaybeUninit;
use std::ptr;

/// An array of numbers.
pub struct Array(UT_array);

/// Elements that are copied and forgotten as they are.
const PLAIN: UT_icd = UT_icd {
    sz: size_of::<c_int>(),
    init: None,
    copy: None,
    dtor: None,
};

impl Array {
    /// An empty array.
    #[must_use]
    pub fn new() -> Self {
        let mut array = MaybeUninit::uninit();
        // SAFETY: this initializes all of it.
        unsafe {
            bindings::utarray_init(array.as_mut_ptr(), &PLAIN);
            Array(array.assume_init())
        }
    }

    /// Appends a number.
    pub fn push(&mut self, value: c_int) {
        // SAFETY: the array's elements are of this type.
        unsafe { bindings::utarray_push_back(&mut self.0, (&raw const value).cast()) };
    }

    /// Takes the last one.
    pub fn pop(&mut self) -> Option<c_int> {
        let last = *self.as_slice().last()?;
        // SAFETY: there is a last one.
        unsafe { bindings::utarray_pop_back(&mut self.0) };
        Some(last)
    }

    /// Puts a number in the place `at`, before what is there.
    ///
    /// # Panics
    /// When `at` is behind the end.
    pub fn insert(&mut self, at: usize, value: c_int) {
        assert!(at <= self.len(), "{at} is behind the end, {}", self.len());
        // SAFETY: the array's elements are of this type, and `at` is in it.
        unsafe {
            bindings::utarray_insert(&mut self.0, (&raw const value).cast(), at as c_uint);
        }
    }

    /// Takes one out.
    ///
    /// # Panics
    /// When there is none at `at`.
    pub fn remove(&mut self, at: usize) -> c_int {
        let value = self.as_slice()[at];
        // SAFETY: there is one at `at`.
        unsafe { bindings::utarray_erase(&mut self.0, at as c_uint, 1) };
        value
    }

    /// Orders the array.
    pub fn sort(&mut self) {
        unsafe extern "C" fn compare(a: *const c_void, b: *const c_void) -> c_int {
            // SAFETY: utarray compares its elements.
            unsafe { (*a.cast::<c_int>()).cmp(&*b.cast::<c_int>()) as c_int }
        }
        if !self.is_empty() {
            // SAFETY: the comparison is one of the elements' type.
            unsafe { bindings::utarray_sort(&mut self.0, Some(compare)) };
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // SAFETY: the array is whole.
        unsafe { bindings::utarray_len(&self.0) as usize }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[c_int] {
        // SAFETY: the macro only reads; the address is that of `len` elements, or null
        // when there is none.
        unsafe {
            let first = bindings::utarray_front((&raw const self.0).cast_mut());
            match ptr::NonNull::new(first.cast::<c_int>()) {
                Some(first) => std::slice::from_raw_parts(first.as_ptr(), self.len()),
                None => &[],
            }
        }
    }
}

impl Default for Array {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        // SAFETY: nothing uses the array any more.
        unsafe { bindings::utarray_done(&mut self.0) };
    }
}
