//! xxHash from its header alone: no library is linked, and a build that inlines has
//! its digests compiled into the Rust code that calls them, where a length that is
//! known at compile time leaves a few instructions of them.

#[allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

use bindings::*;
// So the header names its types under `XXH_INLINE_ALL`.
use bindings::{
    XXH_NAMESPACEXXH3_state_t as XXH3_state_t, XXH_NAMESPACEXXH64_state_t as XXH64_state_t,
    XXH_NAMESPACEXXH128_hash_t as XXH128_hash_t,
};
use std::mem::MaybeUninit;

/// The 32-bit digest of XXH32.
#[inline]
#[must_use]
pub fn xxh32(data: &[u8], seed: u32) -> u32 {
    // SAFETY: the pointer and the length are those of one slice.
    unsafe { XXH32(data.as_ptr().cast(), data.len(), seed) }
}

/// The 64-bit digest of XXH64.
#[inline]
#[must_use]
pub fn xxh64(data: &[u8], seed: u64) -> u64 {
    // SAFETY: the pointer and the length are those of one slice.
    unsafe { XXH64(data.as_ptr().cast(), data.len(), seed) }
}

/// The 64-bit digest of XXH3.
#[inline]
#[must_use]
pub fn xxh3_64(data: &[u8], seed: u64) -> u64 {
    // SAFETY: the pointer and the length are those of one slice.
    unsafe { XXH3_64bits_withSeed(data.as_ptr().cast(), data.len(), seed) }
}

/// The 128-bit digest of XXH3.
#[inline]
#[must_use]
pub fn xxh3_128(data: &[u8], seed: u64) -> u128 {
    // SAFETY: the pointer and the length are those of one slice.
    from_halves(unsafe { XXH3_128bits_withSeed(data.as_ptr().cast(), data.len(), seed) })
}

fn from_halves(hash: XXH128_hash_t) -> u128 {
    u128::from(hash.high64) << 64 | u128::from(hash.low64)
}

/// XXH64 of data that comes in pieces.
#[derive(Clone)]
pub struct Xxh64(XXH64_state_t);

impl Xxh64 {
    /// No data yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut state = MaybeUninit::<XXH64_state_t>::zeroed();
        // SAFETY: the state is made of integers, for which zero is a value.
        unsafe {
            XXH64_reset(state.as_mut_ptr(), seed);
            Self(state.assume_init())
        }
    }

    /// Appends data.
    pub fn update(&mut self, data: &[u8]) {
        // SAFETY: the state was reset, and the length is the slice's.
        unsafe { XXH64_update(&mut self.0, data.as_ptr().cast(), data.len()) };
    }

    /// The digest of all data so far.
    #[must_use]
    pub fn digest(&self) -> u64 {
        // SAFETY: the state was reset.
        unsafe { XXH64_digest(&self.0) }
    }
}

/// XXH3 of data that comes in pieces.
#[derive(Clone)]
pub struct Xxh3(XXH3_state_t);

impl Xxh3 {
    /// No data yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut state = MaybeUninit::<XXH3_state_t>::zeroed();
        // SAFETY: the state is made of integers and a pointer that may be null. C asks
        // for its seed to be zero before the first reset.
        unsafe {
            XXH3_64bits_reset_withSeed(state.as_mut_ptr(), seed);
            Self(state.assume_init())
        }
    }

    /// Appends data.
    pub fn update(&mut self, data: &[u8]) {
        // SAFETY: the state was reset, and the length is the slice's.
        unsafe { XXH3_64bits_update(&mut self.0, data.as_ptr().cast(), data.len()) };
    }

    /// The 64-bit digest of all data so far.
    #[must_use]
    pub fn digest_64(&self) -> u64 {
        // SAFETY: the state was reset.
        unsafe { XXH3_64bits_digest(&self.0) }
    }

    /// The 128-bit digest of all data so far.
    #[must_use]
    pub fn digest_128(&self) -> u128 {
        // SAFETY: the state was reset; only the digest differs from that of 64 bits.
        from_halves(unsafe { XXH3_128bits_digest(&self.0) })
    }
}
