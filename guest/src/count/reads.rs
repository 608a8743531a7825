//! Reads of a page from the disk, each of which is a request: from within the
//! kernel, and by a system call around the page cache.

use std::fs;

use guest::counts::abi::{Operation, PLACES, Side};
use guest::counts::{Build, Count, Order, SYSTEM_CALL, UNANSWERED};

use super::{clock, loops};
use crate::block::buffer::Buffer;
use crate::block::disk::{Disk, directory};
use crate::module::Module;

const PATH: &str = "/dev/helper_block";
/// Bytes of a read.
pub const LEN: usize = 4096;
const SEED: u8 = 77;

/// What answers the requests: the module's parameter `answer`.
const IN_RUST: u8 = 0;
const IN_C: u8 = 1;
const NOT_AT_ALL: u8 = 2;

/// Counts reads that are answered, and those that are not, all into `buffer`: the
/// kernel's way to another one may be longer.
pub fn run(
    order: &Order,
    build: Build,
    side: Side,
    buffer: &mut Buffer,
    say: &dyn Fn(Count),
) -> Result<(), String> {
    let module = Module {
        file: build.disk().to_owned(),
        name: guest::BLOCK.to_owned(),
    };
    let answer = match side {
        Side::Rust => IN_RUST,
        Side::C => IN_C,
    };
    let block_read = Operation::BlockRead.name();
    let say = |what, (once, twice)| {
        say(Count {
            build,
            side,
            what,
            rounds: order.reads,
            once,
            twice,
        });
    };
    with_disk(&module, answer, |disk| {
        say(
            block_read.to_owned(),
            from_within(order, build, disk, true, buffer)?,
        );
        say(SYSTEM_CALL.to_owned(), by_calls(order, disk, buffer)?);
        Ok(())
    })?;
    with_disk(&module, NOT_AT_ALL, |disk| {
        let counted = from_within(order, build, disk, false, buffer)?;
        say(format!("{block_read}{UNANSWERED}"), counted);
        Ok(())
    })
}

/// Uses a disk that holds the pattern, unless its requests are not answered.
fn with_disk(
    module: &Module,
    answer: u8,
    work: impl FnOnce(&Disk) -> Result<(), String>,
) -> Result<(), String> {
    module.load_with(&format!("answer={answer} queues=1"))?;
    let worked = (|| {
        // As a disk with several queues has it by itself: a request then goes to
        // the driver at once, and not by way of another task.
        let scheduler = directory(PATH).join("queue/scheduler");
        fs::write(&scheduler, "none")
            .map_err(|error| format!("{}: {error}", scheduler.display()))?;
        let disk = Disk::open(PATH, libc::O_RDWR | libc::O_DIRECT)?;
        disk.write(0, &Buffer::pattern(0, LEN * PLACES as usize, SEED)?)?;
        work(&disk)
    })();
    module.unload()?;
    worked.map_err(|error| format!("{PATH}, answer={answer}: {error}"))
}

/// Instructions of a series of reads, and of one that is twice as long.
fn from_within(
    order: &Order,
    build: Build,
    disk: &Disk,
    answered: bool,
    buffer: &mut Buffer,
) -> Result<(u64, u64), String> {
    buffer.fill(0);
    let scratch = buffer.as_mut_ptr().expose_provenance();
    let arguments = format!("disk={} scratch={scratch}", disk.descriptor());
    let figures = loops::one(order, build, Operation::BlockRead, order.reads, &arguments)?;
    if answered {
        check(buffer, 2 * order.reads)?;
    }
    Ok((figures.once, figures.twice))
}

/// As many by a program, with the system call in them.
fn by_calls(order: &Order, disk: &Disk, buffer: &mut Buffer) -> Result<(u64, u64), String> {
    let (mut once, mut twice) = (u64::MAX, u64::MAX);
    for _ in 0..order.repetitions {
        for (reads, least) in [(order.reads, &mut once), (2 * order.reads, &mut twice)] {
            buffer.fill(0);
            let start = clock::now();
            for number in 0..reads {
                let read = disk.try_read(place(number), buffer);
                if !matches!(read, Ok(LEN)) {
                    return Err(format!("read {number} is {read:?}"));
                }
            }
            *least = (*least).min(clock::now() - start);
            check(buffer, reads)?;
        }
    }
    Ok((once, twice))
}

/// That the buffer has what the last of so many reads should have brought.
fn check(buffer: &Buffer, reads: u32) -> Result<(), String> {
    match buffer.differs(place(reads - 1), SEED) {
        None => Ok(()),
        Some(at) => Err(format!("after {reads} reads byte {at} is wrong")),
    }
}

fn place(number: u32) -> u64 {
    u64::from(number % PLACES) * LEN as u64
}
