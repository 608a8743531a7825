//! A ring of numbers, of a C header that is all inline functions.

/// The header as bindgen declares it.
mod bindings {
    #![allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals)]
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

/// Numbers in the order in which they came.
#[derive(Default)]
pub struct Ring(bindings::ring);

impl Ring {
    /// Adds a number, if there is room.
    #[must_use]
    pub fn push(&mut self, value: u32) -> bool {
        // SAFETY: the ring is alive, and ours alone.
        unsafe { bindings::ring_push(&mut self.0, value) != 0 }
    }

    /// Takes the oldest number out.
    pub fn pop(&mut self) -> Option<u32> {
        let mut value = 0;
        // SAFETY: both are alive, and ours alone.
        let is_there = unsafe { bindings::ring_pop(&mut self.0, &mut value) != 0 };
        is_there.then_some(value)
    }

    /// How many numbers are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        // SAFETY: the ring is alive.
        unsafe { bindings::ring_len(&self.0) as usize }
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        // SAFETY: the ring is alive.
        unsafe { bindings::RING_MASK(&self.0) as usize + 1 }
    }
}
