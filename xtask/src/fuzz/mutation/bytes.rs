//! Random damage to bytes, as disks, networks and other people's tools do it.
//!
//! Not here: damage that knows a format (`json`).

use fastrand::Rng;

/// Damages `bytes` once or a few times; `other` is something of the same kind.
pub fn damage(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..[1, 1, 1, 2, 4][rng.usize(0..5)] {
        damage_once(rng, bytes, other);
    }
}

fn damage_once(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    if bytes.is_empty() {
        bytes.extend((0..rng.usize(1..64)).map(|_| rng.u8(..)));
        return;
    }
    match rng.u32(0..16) {
        0 => bytes.truncate(rng.usize(0..bytes.len())),
        1 => bytes.clear(),
        2 => bytes.extend((0..rng.usize(1..64)).map(|_| rng.u8(..))),
        3 => drop(bytes.drain(part(rng, bytes.len()))),
        4 => {
            let copy = bytes[part(rng, bytes.len())].to_vec();
            let at = rng.usize(0..=bytes.len());
            bytes.splice(at..at, copy);
        }
        5 => {
            let fill = [0, 0xff, b'\n', rng.u8(..)][rng.usize(0..4)];
            let part = part(rng, bytes.len());
            bytes[part].fill(fill);
        }
        6 => {
            let part = part(rng, bytes.len());
            bytes[part].iter_mut().for_each(|byte| *byte = rng.u8(..));
        }
        7 | 8 => word(rng, bytes),
        9 => {
            let (head, tail) = (rng.usize(0..bytes.len()), rng.usize(0..=other.len()));
            bytes.truncate(head);
            bytes.extend_from_slice(&other[tail..]);
        }
        _ => {
            for _ in 0..rng.usize(1..6) {
                let at = rng.usize(0..bytes.len());
                bytes[at] ^= 1 << rng.u32(0..8);
            }
        }
    }
}

/// Sets a word to something that counts and sizes are afraid of.
fn word(rng: &mut Rng, bytes: &mut [u8]) {
    let values = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, u32::MAX - 3];
    let value = values[rng.usize(0..values.len())].to_le_bytes();
    let words = bytes.len() / 4;
    if words > 0 {
        let at = rng.usize(0..words) * 4;
        bytes[at..at + 4].copy_from_slice(&value);
    }
}

/// A part of at most 64 bytes.
fn part(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let start = rng.usize(0..length);
    start..(start + rng.usize(1..=64)).min(length)
}

#[cfg(test)]
mod tests {
    use super::damage;
    use fastrand::Rng;

    #[test]
    fn damage_is_damage_and_follows_from_the_seed() {
        let whole: Vec<u8> = (0..=255).collect();
        let damaged = |seed| {
            let mut bytes = whole.clone();
            damage(&mut Rng::with_seed(seed), &mut bytes, b"other");
            bytes
        };
        let changed = (0..200).filter(|seed| damaged(*seed) != whole).count();
        assert!(changed > 190, "{changed}");
        assert_eq!(damaged(5), damaged(5));
        // What is short or empty is no matter.
        for length in 0..8 {
            for seed in 0..200 {
                damage(&mut Rng::with_seed(seed), &mut vec![7; length], &[]);
            }
        }
    }
}
