//! Many processes at once: each with a part of the disk for itself, next to that
//! of the others, and one part for all, where pages come into being under
//! several at a time. There a byte is whoever's came last.

use super::buffer::Buffer;
use super::disk::Disk;
use super::{MIB, PATH};
use crate::checks::Checks;
use crate::process::Child;

const WORKERS: u64 = 6;
const ROUNDS: u64 = 8;
/// Each worker's part begins so far behind the last one's: in the same page.
const STRIDE: u64 = 256 * 1024 + 1536;
const PART: usize = STRIDE as usize;
/// Where the parts begin.
const START: u64 = 40 * MIB;
/// The part for all.
const COMMON: u64 = 50 * MIB;
const COMMON_PAGES: u64 = 192;
/// Bytes of one write.
const PIECE: usize = 16 * 1024;

/// Returns how many processes there were at once.
pub fn run(checks: &mut Checks) -> Result<u32, String> {
    // Not both ways at once: the kernel does not keep the two in step.
    for (way, flags) in [("around", libc::O_DIRECT), ("with", 0)] {
        let mut workers = Vec::new();
        for number in 0..WORKERS {
            workers.push(Child::start(move || work(number, flags))?);
        }
        let mut failures = Vec::new();
        for (number, worker) in workers.into_iter().enumerate() {
            if let Err(error) = worker.join() {
                failures.push(format!("worker {number}: {error}"));
            }
        }
        let what = format!("what went wrong in the crowd {way} the cache");
        checks.equal(&what, &failures, &Vec::new())?;
        found(checks, flags)?;
    }
    Ok(WORKERS as u32)
}

/// What all have left on the disk.
fn found(checks: &mut Checks, flags: i32) -> Result<(), String> {
    let cached = Disk::open(PATH, libc::O_RDONLY)?;
    checks.returns("forgetting the cache", cached.forget_cached(), ())?;
    let direct = Disk::open(PATH, libc::O_RDONLY | libc::O_DIRECT)?;
    for number in 0..WORKERS {
        let position = START + number * STRIDE;
        let read = direct.read(position, PART)?;
        let what = format!("the part of worker {number}");
        let seed = seed(number, ROUNDS - 1, flags);
        checks.equal(&what, &read.differs(position, seed), &None)?;
    }
    let len = (COMMON_PAGES * 4096) as usize;
    let read = direct.read(COMMON, len)?;
    let patterns = (0..WORKERS)
        .map(|number| Buffer::pattern(COMMON, len, common_seed(number, flags)))
        .collect::<Result<Vec<_>, _>>()?;
    let strange = (0..len).find(|&at| patterns.iter().all(|p| p[at] != read[at]));
    checks.equal("a byte that nobody wrote", &strange, &None)
}

fn seed(number: u64, round: u64, flags: i32) -> u8 {
    (number * 32 + round * 2) as u8 ^ u8::from(flags != 0) << 7
}

fn common_seed(number: u64, flags: i32) -> u8 {
    seed(number, ROUNDS, flags)
}

fn work(number: u64, flags: i32) -> Result<(), String> {
    let disk = Disk::open(PATH, libc::O_RDWR | flags)?;
    for page in 0..COMMON_PAGES {
        let position = COMMON + page * 4096;
        let pattern = Buffer::pattern(position, 4096, common_seed(number, flags))?;
        disk.write(position, &pattern)?;
    }
    let position = START + number * STRIDE;
    for round in 0..ROUNDS {
        let seed = seed(number, round, flags);
        // In pieces, so that the workers meet.
        let whole = Buffer::pattern(position, PART, seed)?;
        for (piece, bytes) in whole.chunks(PIECE).enumerate() {
            disk.write(position + (piece * PIECE) as u64, bytes)?;
        }
        let read = disk.read(position, PART)?;
        if let Some(at) = read.differs(position, seed) {
            return Err(format!("round {round}: byte {at} is wrong"));
        }
    }
    disk.sync().map_err(|error| format!("fsync: {error}"))
}
