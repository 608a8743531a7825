//! Counters that each processor has for itself: what a process does on a processor
//! is counted there, and nothing is lost when a process is moved in the middle of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::abi::{self, Bench};
use super::counters::Counters;
use super::nonblocking;
use crate::checks::Checks;
use crate::process::{self, Child, Shared};

/// Messages of the process that is held on the first processor; others have more.
const FEWEST: u64 = 60;
/// Messages of the process that goes from processor to processor, on each.
const HOPS: u64 = 40;
/// Processes that count while they are moved, so many times.
const COUNTING: usize = 3;
const MOVES: usize = 60;
const ROUNDS: u32 = 20_000;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let before = Counters::read()?;
    let cpus: Vec<u64> = before.each_cpu.iter().map(|cpu| cpu.number).collect();
    checks.that("there are several processors", cpus.len() > 1, &cpus)?;
    let held = |number: usize| FEWEST + 17 * number as u64;

    let mut children = Vec::new();
    for (number, &cpu) in cpus.iter().enumerate() {
        children.push(Child::start(|| {
            process::move_to(0, cpu)?;
            through(held(number))
        })?);
    }
    children.push(Child::start(|| {
        for _ in 0..HOPS {
            for &cpu in &cpus {
                process::move_to(0, cpu)?;
                through(1)?;
            }
        }
        Ok(())
    })?);
    for child in children {
        child.join()?;
    }
    let after = Counters::read()?;
    for (number, (now, then)) in after.each_cpu.iter().zip(&before.each_cpu).enumerate() {
        let counted = (now.reads - then.reads, now.writes - then.writes);
        let messages = held(number) + HOPS;
        let what = format!("reads and writes on processor {}", now.number);
        checks.equal(&what, &counted, &(messages, messages))?;
    }
    moved(checks, &cpus)
}

/// Writes so many messages and reads as many, of its own or of others.
fn through(messages: u64) -> Result<(), String> {
    let device = nonblocking()?;
    for number in 0..messages {
        device
            .write(&number.to_le_bytes())
            .and_then(|_| device.read(&mut [0; 8]))
            .map_err(|error| format!("message {number}: {error}"))?;
    }
    Ok(())
}

/// Processes that count inside the kernel while they are moved, whenever it happens.
fn moved(checks: &mut Checks, cpus: &[u64]) -> Result<(), String> {
    let done = Shared::<AtomicUsize>::new()?;
    let children: Vec<Child> = (0..COUNTING)
        .map(|_| Child::start(|| count(&done)))
        .collect::<Result<_, _>>()?;
    for number in 0..MOVES {
        for (other, child) in children.iter().enumerate() {
            process::move_to(child.pid(), cpus[(number + other) % cpus.len()])?;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    done.store(1, Ordering::SeqCst);
    for child in children {
        child.join()?;
    }
    checks.ok("nothing was lost of what processes counted while they were moved");
    Ok(())
}

/// Counts in rounds until it is told to end.
fn count(done: &Shared<AtomicUsize>) -> Result<(), String> {
    let device = nonblocking()?;
    while done.load(Ordering::SeqCst) == 0 {
        let mut bench = Bench {
            kind: abi::BENCH_PER_CPU,
            iterations: ROUNDS,
            nanoseconds: 0,
            result: 0,
        };
        device
            .request_with(abi::BENCH, &mut bench)
            .map_err(|error| format!("BENCH: {error}"))?;
        if bench.result != ROUNDS.into() {
            return Err(format!("{} of {ROUNDS} rounds were counted", bench.result));
        }
    }
    Ok(())
}
