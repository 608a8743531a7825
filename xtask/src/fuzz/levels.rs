//! Optimization levels: which pair of clang's and rustc's each program is built
//! with, so that any 36 programs in a row go through all pairs.
//!
//! Not here: how they are given to the compilers (`trial`).

/// clang's.
pub const CLANG: [&str; 6] = ["-O0", "-O1", "-O2", "-O3", "-Os", "-Oz"];

/// rustc's.
pub const RUSTC: [&str; 6] = ["0", "1", "2", "3", "s", "z"];

/// A pair of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Levels {
    pub clang: &'static str,
    pub rustc: &'static str,
}

impl Levels {
    /// The pair of a seed.
    pub fn of(seed: u64) -> Levels {
        // Both remainders are below 6.
        let (clang, rustc) = (seed % 6, seed / 6 % 6);
        Levels {
            clang: CLANG[clang as usize],
            rustc: RUSTC[rustc as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CLANG, Levels, RUSTC};
    use std::collections::BTreeSet;

    #[test]
    fn programs_in_a_row_reach_every_pair() {
        for start in [0, 7, 1_790_000_000] {
            let pairs: BTreeSet<Levels> = (start..start + 36).map(Levels::of).collect();
            assert_eq!(pairs.len(), CLANG.len() * RUSTC.len());
        }
    }
}
