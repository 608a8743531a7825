//! Reads and writes of every kind by one process.

use super::buffer::Buffer;
use super::disk::{Disk, sectors};
use super::{MIB, PATH, SIZE};
use crate::checks::Checks;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let disk = Disk::open(PATH, libc::O_RDWR)?;
    checks.returns("the size", disk.size(), SIZE)?;
    checks.returns("the size of a block", disk.block_size(), 512)?;
    let direct = Disk::open(PATH, libc::O_RDWR | libc::O_DIRECT)?;
    unwritten(checks, &direct)?;
    direct_sizes(checks, &direct)?;
    neighbours(checks, &direct)?;
    counted(checks, &direct)?;
    misaligned(checks, &direct)?;
    vectored(checks, &direct)?;
    cached(checks, &disk, &direct)?;
    odd(checks, &disk, &direct)
}

fn same(checks: &mut Checks, what: &str, at: u64, is: &Buffer, seed: u8) -> Result<(), String> {
    checks.equal(what, &is.differs(at, seed), &None)
}

fn unwritten(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    for position in [0, 12 * MIB, SIZE - 4096] {
        let read = direct.read(position, 4096)?;
        checks.that("what was never written is zeros", read.is_zero(), &position)?;
    }
    Ok(())
}

/// Sizes from one block to more than a request can have.
fn direct_sizes(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    for (number, len) in [
        512,
        1024,
        3584,
        4096,
        4608,
        8192,
        65_536,
        1_000_960,
        3 * MIB as usize,
    ]
    .into_iter()
    .enumerate()
    {
        let seed = number as u8;
        // Not at the beginning of a page.
        let position = MIB + 512 * (number as u64);
        let what = format!("{len} bytes at {position}, around the cache");
        direct.write(position, &Buffer::pattern(position, len, seed)?)?;
        let read = direct.read(position, len)?;
        same(checks, &what, position, &read, seed)?;
        // The comparison can fail.
        let other = read.differs(position, seed ^ 0x80);
        checks.equal("another pattern is told", &other, &Some(position))?;
    }
    Ok(())
}

/// A write changes its own bytes alone.
fn neighbours(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    let start = 8 * MIB;
    direct.write(start, &Buffer::pattern(start, 16_384, 1)?)?;
    direct.write(start + 3584, &Buffer::pattern(start + 3584, 1024, 2)?)?;
    for (position, len, seed) in [(0, 3584, 1), (3584, 1024, 2), (4608, 11_776, 1)] {
        let position = start + position;
        let read = direct.read(position, len)?;
        let what = format!("{len} bytes at {position} beside a write");
        same(checks, &what, position, &read, seed)?;
    }
    Ok(())
}

/// The kernel counts what it asked of the module.
fn counted(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    let before = sectors(PATH)?;
    direct.write(9 * MIB, &Buffer::pattern(9 * MIB, 65_536, 3)?)?;
    direct.read(9 * MIB, 32_768)?;
    let after = sectors(PATH)?;
    checks.equal("sectors written", &(after.written - before.written), &128)?;
    checks.equal("sectors read", &(after.read - before.read), &64)
}

fn misaligned(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    let mut buffer = Buffer::zeroed(4096)?;
    checks.fails(
        "a read around the cache from inside a block",
        direct.try_read(100, &mut buffer),
        libc::EINVAL,
    )?;
    checks.fails(
        "a write around the cache of a part of a block",
        direct.try_write(0, &buffer[..100]),
        libc::EINVAL,
    )
}

/// One request with many segments, each with memory of its own.
fn vectored(checks: &mut Checks, direct: &Disk) -> Result<(), String> {
    let start = 16 * MIB;
    let lens = [512, 4096, 1536, 8192, 512, 2560];
    let mut pieces = Vec::new();
    let mut position = start;
    for len in lens {
        pieces.push(Buffer::pattern(position, len, 9)?);
        position += len as u64;
    }
    let slices: Vec<&[u8]> = pieces.iter().map(|piece| &piece[..]).collect();
    let len = (position - start) as usize;
    checks.returns(
        "writing from six places",
        direct.write_vectored(start, &slices),
        len,
    )?;
    let read = direct.read(start, len)?;
    same(checks, "what came from six places", start, &read, 9)
}

/// Through the page cache, which makes its own requests.
fn cached(checks: &mut Checks, disk: &Disk, direct: &Disk) -> Result<(), String> {
    let (start, len) = (20 * MIB, 8 * MIB as usize);
    disk.write(start, &Buffer::pattern(start, len, 5)?)?;
    checks.returns("writing the cache out", disk.sync(), ())?;
    let read = direct.read(start, len)?;
    same(checks, "the disk has what the cache had", start, &read, 5)?;
    direct.write(start, &Buffer::pattern(start, len, 6)?)?;
    checks.returns("forgetting the cache", disk.forget_cached(), ())?;
    let read = disk.read(start, len)?;
    same(checks, "the cache has what the disk has", start, &read, 6)
}

/// Sizes and places that no disk has: the cache makes blocks of them.
fn odd(checks: &mut Checks, disk: &Disk, direct: &Disk) -> Result<(), String> {
    let start = 30 * MIB;
    direct.write(start, &Buffer::pattern(start, 65_536, 7)?)?;
    checks.returns("forgetting the cache again", disk.forget_cached(), ())?;
    for (position, len) in [(1, 1), (511, 2), (4095, 4098), (12_345, 10_001)] {
        let position = start + position;
        disk.write(position, &Buffer::pattern(position, len, 8)?)?;
    }
    checks.returns("writing odd sizes out", disk.sync(), ())?;
    let at = |position: u64| start + position;
    for (position, len, seed) in [
        (0, 1, 7),
        (1, 1, 8),
        (2, 509, 7),
        (511, 2, 8),
        (513, 3582, 7),
        (4095, 4098, 8),
        (8193, 4152, 7),
        (12_345, 10_001, 8),
        (22_346, 43_190, 7),
    ] {
        // From whole blocks, as the disk has them.
        let whole = direct.read(start, 65_536)?;
        let mut piece = Buffer::zeroed(len)?;
        let from = position as usize;
        piece.copy_from_slice(&whole[from..from + len]);
        let what = format!("{len} bytes at {position} among odd writes");
        same(checks, &what, at(position), &piece, seed)?;
    }
    Ok(())
}
