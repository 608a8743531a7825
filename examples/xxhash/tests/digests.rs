//! Each digest against that of libxxhash.so, compiled by Debian from the same
//! sources: an implementation of its own, as it is linked under the functions' own
//! names and ours are not.

use example_xxhash::{Xxh3, Xxh64, xxh3_64, xxh3_128, xxh32, xxh64};
use std::ffi::c_void;

mod library {
    use std::ffi::c_void;

    #[repr(C)]
    pub struct Hash128 {
        pub low: u64,
        pub high: u64,
    }

    #[link(name = "xxhash")]
    unsafe extern "C" {
        pub fn XXH32(data: *const c_void, len: usize, seed: u32) -> u32;
        pub fn XXH64(data: *const c_void, len: usize, seed: u64) -> u64;
        pub fn XXH3_64bits_withSeed(data: *const c_void, len: usize, seed: u64) -> u64;
        pub fn XXH3_128bits_withSeed(data: *const c_void, len: usize, seed: u64) -> Hash128;
    }
}

const SEEDS: [u64; 5] = [0, 1, 0x9e37_79b1, 0x8000_0000_0000_0000, u64::MAX];

/// Bytes without a pattern that a digest could fall for.
fn data(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

/// All short lengths, and those around the borders of XXH3's code for longer ones.
fn lengths() -> impl Iterator<Item = usize> {
    let around = |n: usize| n - 2..n + 3;
    (0..300)
        .chain([512, 1024, 2048, 4096].into_iter().flat_map(around))
        .chain([100_003])
}

/// Calls with pointers and lengths of prefixes of the data.
fn each(check: impl Fn(&[u8], *const c_void, usize, u64)) {
    let data = data(100_003);
    for len in lengths() {
        for seed in SEEDS {
            check(&data[..len], data.as_ptr().cast(), len, seed);
        }
    }
}

#[test]
fn xxh32_is_the_librarys() {
    each(|data, pointer, len, seed| {
        let seed = seed as u32;
        // SAFETY: `each` gives the pointer and length of a slice.
        let expected = unsafe { library::XXH32(pointer, len, seed) };
        assert_eq!(xxh32(data, seed), expected, "{len} bytes, seed {seed}");
    });
}

#[test]
fn xxh64_is_the_librarys() {
    each(|data, pointer, len, seed| {
        // SAFETY: `each` gives the pointer and length of a slice.
        let expected = unsafe { library::XXH64(pointer, len, seed) };
        assert_eq!(xxh64(data, seed), expected, "{len} bytes, seed {seed}");
        let mut pieces = Xxh64::new(seed);
        data.chunks(37).for_each(|piece| pieces.update(piece));
        assert_eq!(
            pieces.digest(),
            expected,
            "{len} bytes in pieces, seed {seed}"
        );
    });
}

#[test]
fn xxh3_is_the_librarys() {
    each(|data, pointer, len, seed| {
        // SAFETY: `each` gives the pointer and length of a slice.
        let expected = unsafe { library::XXH3_64bits_withSeed(pointer, len, seed) };
        assert_eq!(xxh3_64(data, seed), expected, "{len} bytes, seed {seed}");
        let mut pieces = Xxh3::new(seed);
        data.chunks(101).for_each(|piece| pieces.update(piece));
        assert_eq!(
            pieces.digest_64(),
            expected,
            "{len} bytes in pieces, seed {seed}"
        );
    });
}

#[test]
fn xxh3_of_128_bits_is_the_librarys() {
    each(|data, pointer, len, seed| {
        // SAFETY: `each` gives the pointer and length of a slice.
        let expected = unsafe { library::XXH3_128bits_withSeed(pointer, len, seed) };
        let expected = u128::from(expected.high) << 64 | u128::from(expected.low);
        assert_eq!(xxh3_128(data, seed), expected, "{len} bytes, seed {seed}");
        let mut pieces = Xxh3::new(seed);
        data.chunks(300).for_each(|piece| pieces.update(piece));
        assert_eq!(
            pieces.digest_128(),
            expected,
            "{len} bytes in pieces, seed {seed}"
        );
    });
}

/// Values that the library's documentation gives.
#[test]
fn known_digests() {
    assert_eq!(xxh32(b"", 0), 0x02cc_5d05);
    assert_eq!(xxh64(b"", 0), 0xef46_db37_51d8_e999);
    assert_eq!(xxh3_64(b"", 0), 0x2d06_8005_38d3_94c2);
    assert_eq!(xxh3_128(b"", 0), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
}
