//! Counting the instructions of a loop. What a round costs is the difference
//! between a loop and one of twice as many rounds: what is done once for a loop is
//! not in it.

use sample_kernel::error::{Error, Result};

use crate::abi::Figures;
use crate::bindings;

/// The most rounds of a loop: what is done in them fits in 31 bits.
const MAX_ROUNDS: u32 = 1 << 20;

/// Counts `work`, which goes through as many rounds as it is told and returns how
/// many were seen to be done.
pub fn run(
    rounds: u32,
    repetitions: u32,
    mut work: impl FnMut(u32) -> Result<u64>,
) -> Result<Figures> {
    if rounds == 0 || rounds > MAX_ROUNDS || repetitions == 0 {
        return Err(Error::INVALID);
    }
    let mut figures = Figures {
        once: u64::MAX,
        twice: u64::MAX,
        rounds_seen: 0,
    };
    for _ in 0..repetitions {
        for (rounds, least) in [
            (rounds, &mut figures.once),
            (2 * rounds, &mut figures.twice),
        ] {
            let start = cycles();
            let seen = work(rounds)?;
            *least = (*least).min(cycles() - start);
            figures.rounds_seen += seen;
        }
    }
    Ok(figures)
}

fn cycles() -> u64 {
    // SAFETY: reads a register.
    unsafe { bindings::get_cycles() }
}
