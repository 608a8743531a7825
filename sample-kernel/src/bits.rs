//! Bits of one word that several tasks set and clear at once.

use core::cell::UnsafeCell;
use core::ffi::c_ulong;

use crate::bindings;

/// A word of atomic bits.
pub struct Bits(UnsafeCell<c_ulong>);

// SAFETY: all access goes through atomic bit operations.
unsafe impl Sync for Bits {}

impl Bits {
    /// All clear.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only for statics and fields")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    /// A bit outside the word would be in someone else's memory.
    #[inline]
    fn index(bit: u32) -> c_ulong {
        assert!(bit < c_ulong::BITS);
        c_ulong::from(bit)
    }

    /// Sets a bit.
    #[inline]
    pub fn set(&self, bit: u32) {
        // SAFETY: the word is live and index() keeps the bit inside it.
        unsafe { bindings::set_bit(Self::index(bit), self.0.get()) }
    }

    /// Clears a bit.
    #[inline]
    pub fn clear(&self, bit: u32) {
        // SAFETY: see set().
        unsafe { bindings::clear_bit(Self::index(bit), self.0.get()) }
    }

    /// Whether a bit is set.
    #[inline]
    pub fn test(&self, bit: u32) -> bool {
        // SAFETY: see set().
        unsafe { bindings::test_bit(Self::index(bit), self.0.get()) }
    }

    /// Sets a bit; returns whether it was set before.
    #[inline]
    pub fn test_and_set(&self, bit: u32) -> bool {
        // SAFETY: see set().
        unsafe { bindings::test_and_set_bit(Self::index(bit), self.0.get()) }
    }

    /// Clears a bit; returns whether it was set before.
    #[inline]
    pub fn test_and_clear(&self, bit: u32) -> bool {
        // SAFETY: see set().
        unsafe { bindings::test_and_clear_bit(Self::index(bit), self.0.get()) }
    }

    /// The whole word at one moment.
    #[inline]
    pub fn word(&self) -> u64 {
        // SAFETY: the word is live, and an unsigned long has 64 bits on every
        // target of this module.
        unsafe { bindings::read_once_u64(self.0.get().cast()) }
    }
}

/// How many bits are set.
#[inline]
pub fn count(word: u64) -> u32 {
    // SAFETY: a computation on its argument.
    unsafe { bindings::hweight64(word) }
}
