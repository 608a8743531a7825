//! Many processes at once: writers and readers on a queue that is short enough
//! for both to wait, and others that look, change the configuration and, where
//! that can be emulated, flip the static key meanwhile. No message may be lost,
//! doubled, changed or overtaken by a later one of the same writer.

use std::io;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use super::abi::{self, Bench};
use super::counters::Counters;
use super::device::Device;
use super::nonblocking;
use crate::checks::Checks;
use crate::process::{Child, Shared};

const WRITERS: usize = 4;
const READERS: usize = 4;
/// Messages of each writer.
const EACH: usize = 500;
const TOTAL: usize = WRITERS * EACH;
const DISTURBERS: usize = 2;

/// Whether the static key is flipped while other processors run through it.
/// Not on x86, where the kernel patches code by way of a breakpoint: under
/// emulation a plain C module, compiled by GCC, dies of the same (`int3` in an
/// oops on 6.12, a soft lockup on 6.1), so it would say nothing of this module.
const FLIP_KEY: bool = !cfg!(target_arch = "x86_64");

/// What the processes share.
struct Board {
    /// How often each message was read.
    seen: Shared<[[AtomicU8; EACH]; WRITERS]>,
    /// How many messages readers have gone for.
    claimed: Shared<AtomicUsize>,
    bytes_written: Shared<AtomicUsize>,
    bytes_read: Shared<AtomicUsize>,
    /// Not zero when the disturbers are to end.
    done: Shared<AtomicUsize>,
}

/// Returns how many processes there were.
pub fn run(checks: &mut Checks) -> Result<u32, String> {
    let device = nonblocking()?;
    let old = device.config()?;
    checks.returns("a short queue", device.configure(2048, 3), 0)?;
    let before = Counters::read()?;
    let board = Board {
        seen: Shared::new()?,
        claimed: Shared::new()?,
        bytes_written: Shared::new()?,
        bytes_read: Shared::new()?,
        done: Shared::new()?,
    };

    let mut workers = Vec::new();
    for number in 0..READERS {
        workers.push(("reader", Child::start(|| read(number, &board))?));
    }
    for number in 0..WRITERS {
        workers.push(("writer", Child::start(|| write(number, &board))?));
    }
    let mut disturbers = Vec::new();
    for number in 0..DISTURBERS {
        disturbers.push(("disturber", Child::start(|| disturb(number, &board))?));
    }
    let outcome = join(workers);
    board.done.store(1, Ordering::SeqCst);
    let outcome = outcome.and(join(disturbers));
    checks.returns("tracing off after the crowd", device.trace(0), 0)?;
    checks.returns(
        "a long queue again",
        device.configure(old.max_message, old.max_queued),
        0,
    )?;
    outcome?;
    checks.ok("every process of the crowd ended well");

    for (writer, row) in board.seen.iter().enumerate() {
        for (number, seen) in row.iter().enumerate() {
            let times = seen.load(Ordering::SeqCst);
            if times != 1 {
                return Err(format!(
                    "message {number} of writer {writer} was read {times} times"
                ));
            }
        }
    }
    checks.ok("every message was read once");

    let after = Counters::read()?;
    for (name, should_be) in [
        ("reads", TOTAL),
        ("writes", TOTAL),
        ("bytes_read", board.bytes_read.load(Ordering::SeqCst)),
        ("bytes_written", board.bytes_written.load(Ordering::SeqCst)),
        ("bytes_read", board.bytes_written.load(Ordering::SeqCst)),
        ("opens", READERS + WRITERS + DISTURBERS),
        ("releases", READERS + WRITERS + DISTURBERS),
        ("faults", 0),
        ("cleared", 0),
    ] {
        let what = format!("{name} of the crowd");
        checks.equal(&what, &after.since(&before, name)?, &(should_be as u64))?;
    }
    checks.equal("queued after the crowd", &after.get("queued")?, &0)?;
    checks.equal("live after the crowd", &after.get("live_messages")?, &0)?;
    let (reads, writes) = after.by_cpu;
    checks.equal("reads by processor", &reads, &after.get("reads")?)?;
    checks.equal("writes by processor", &writes, &after.get("writes")?)?;
    Ok((READERS + WRITERS + DISTURBERS) as u32)
}

/// Waits for all, and returns the first failure.
fn join(children: Vec<(&str, Child)>) -> Result<(), String> {
    let mut outcome = Ok(());
    for (role, child) in children {
        outcome = outcome.and(child.join().map_err(|error| format!("a {role}: {error}")));
    }
    outcome
}

/// Half of the processes wait in the call, the others in poll.
fn open(number: usize, direction: i32) -> Result<Device, String> {
    let flags = if number % 2 == 0 { 0 } else { libc::O_NONBLOCK };
    Device::open(direction | flags)
}

/// Repeats a call until it need not wait.
fn patiently<T>(
    device: &Device,
    events: i16,
    mut call: impl FnMut(&Device) -> io::Result<T>,
) -> Result<T, String> {
    loop {
        match call(device) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                device
                    .poll(events, -1)
                    .map_err(|error| format!("poll: {error}"))?;
            }
            other => return other.map_err(|error| error.to_string()),
        }
    }
}

/// A message that says where it comes from, of a length that varies.
fn compose(writer: usize, number: usize) -> Vec<u8> {
    let mut message = vec![writer as u8, number as u8, (number >> 8) as u8];
    let filling = (writer * 131 + number * 37) % 1500;
    message.extend((0..filling).map(|n| (n + writer + number) as u8));
    message
}

fn write(writer: usize, board: &Board) -> Result<(), String> {
    let device = open(writer, libc::O_WRONLY)?;
    for number in 0..EACH {
        let message = compose(writer, number);
        let written = patiently(&device, libc::POLLOUT, |device| device.write(&message))?;
        if written != message.len() {
            return Err(format!("wrote {written} bytes of {}", message.len()));
        }
        board.bytes_written.fetch_add(written, Ordering::SeqCst);
    }
    Ok(())
}

fn read(reader: usize, board: &Board) -> Result<(), String> {
    let device = open(reader, libc::O_RDONLY)?;
    let mut last = [None; WRITERS];
    while board.claimed.fetch_add(1, Ordering::SeqCst) < TOTAL {
        let message = patiently(&device, libc::POLLIN, Device::read_message)?;
        board.bytes_read.fetch_add(message.len(), Ordering::SeqCst);
        let [writer, low, high, ..] = message[..] else {
            return Err(format!("a message of {} bytes", message.len()));
        };
        let (writer, number) = (
            usize::from(writer),
            usize::from(high) << 8 | usize::from(low),
        );
        if writer >= WRITERS || number >= EACH || message != compose(writer, number) {
            return Err(format!("message {number} of writer {writer} has changed"));
        }
        if last[writer].is_some_and(|last| last >= number) {
            return Err(format!(
                "message {number} of writer {writer} came after {:?}",
                last[writer]
            ));
        }
        last[writer] = Some(number);
        board.seen[writer][number].fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

/// Everything that should not disturb the others.
fn disturb(disturber: usize, board: &Board) -> Result<(), String> {
    let device = nonblocking()?;
    let mut round = 0u32;
    while board.done.load(Ordering::SeqCst) == 0 {
        round = round.wrapping_add(1);
        let mut buffer = [0; abi::MAX_MESSAGE as usize];
        match device.peek(&mut buffer) {
            Ok(length) => {
                let [writer, low, high, ..] = buffer;
                let number = usize::from(high) << 8 | usize::from(low);
                if buffer[..length as usize] != compose(writer.into(), number) {
                    return Err(format!("peeked at a changed message {number} of {writer}"));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => (),
            Err(error) => return Err(format!("peek: {error}")),
        }
        let step = |name: &str, outcome: io::Result<usize>| {
            outcome.map_err(|error| format!("{name}: {error}"))
        };
        step("configure", device.configure(2048, 2 + round % 4))?;
        if FLIP_KEY && disturber == 0 && round % 16 == 0 {
            step("trace", device.trace(round / 16 % 2))?;
        }
        let mut bench = Bench {
            kind: round % abi::BENCH_KINDS,
            iterations: 200,
            nanoseconds: 0,
            result: 0,
        };
        step("bench", device.request_with(abi::BENCH, &mut bench))?;
        if bench.result != 200 && bench.kind != abi::BENCH_STATIC_KEY {
            return Err(format!(
                "bench {} did {} of 200 rounds",
                bench.kind, bench.result
            ));
        }
        let stats = device.stats()?;
        if stats.open_files == 0 || stats.releases > stats.opens {
            return Err(format!("impossible counters: {stats:?}"));
        }
        Counters::read()?;
    }
    Ok(())
}
