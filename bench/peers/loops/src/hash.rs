//! Short keys hashed by xxhash.

/// The sum of `n` digests.
#[inline(never)]
pub fn run(n: u64) -> u64 {
    let mut key = [0u8; 16];
    let mut sum = 0u64;
    for i in 0..n {
        key[0] = i as u8;
        key[9] = (i >> 8) as u8;
        // SAFETY: the key is longer than what is read of it.
        sum = sum.wrapping_add(unsafe {
            peers_sys::XXH64(key.as_ptr().cast(), 4 + (i & 7) as usize, sum)
        });
    }
    sum
}
