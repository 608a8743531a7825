//! Loops over helpers that are worth inlining, timed inside the kernel. Each
//! works on objects of its own and returns how many rounds its objects saw, so
//! that a caller can tell that no round was lost.

use crate::abi::{self, Bench};
use crate::device::Device;
use crate::message::Message;
use crate::static_key;
use crate::task;
use crate::time::{self, Ticks};
use sample_kernel::alloc::{KBox, KBytes};
use sample_kernel::atomic::{Atomic, Atomic64};
use sample_kernel::bits::{self, Bits};
use sample_kernel::error::{Error, Result};
use sample_kernel::list::List;
use sample_kernel::memory::{self, Word};
use sample_kernel::mutex::Mutex;
use sample_kernel::page::Page;
use sample_kernel::percpu::PerCpu;
use sample_kernel::refcount::RefCount;
use sample_kernel::spinlock::SpinLock;

/// How long a loop may take before it is ended, with the rounds it has.
const PATIENCE_MS: u32 = 30_000;

/// Runs what `bench` asks for, and fills in what came out.
pub fn run(device: &Device, bench: &mut Bench) -> Result {
    if bench.iterations > abi::MAX_ITERATIONS {
        return Err(Error::INVALID);
    }
    let start = time::nanoseconds();
    bench.result = match bench.kind {
        abi::BENCH_ATOMIC => atomic(bench.iterations),
        abi::BENCH_REFCOUNT => refcount(bench.iterations),
        abi::BENCH_SPIN_LOCK => spin_lock(bench.iterations),
        abi::BENCH_SPIN_LOCK_IRQ => spin_lock_irq(bench.iterations),
        abi::BENCH_MUTEX => mutex(bench.iterations),
        abi::BENCH_LIST => list(bench.iterations),
        abi::BENCH_PER_CPU => per_cpu(bench.iterations),
        abi::BENCH_RCU => rcu(bench.iterations, device),
        abi::BENCH_BITS => bit_operations(bench.iterations),
        abi::BENCH_SLAB => slab(bench.iterations),
        abi::BENCH_MEMORY => shared_memory(bench.iterations),
        abi::BENCH_STATIC_KEY => key(bench.iterations),
        abi::BENCH_PAGE => page(bench.iterations),
        _ => Err(Error::INVALID),
    }?;
    bench.nanoseconds = time::nanoseconds() - start;
    Ok(())
}

/// Calls `round` so many times, with the number of each. Now and then lets
/// others run, heeds signals, and looks at the clock.
#[inline(always)] // the point is the loop with the helper in it
fn rounds(count: u32, mut round: impl FnMut(u32) -> Result) -> Result {
    let deadline = Ticks::after(PATIENCE_MS);
    for number in 0..count {
        if number % 1024 == 1023 {
            if task::signal_pending() {
                return Err(Error::INTERRUPTED);
            }
            if deadline.has_passed() {
                break;
            }
            task::cond_resched();
        }
        round(number)?;
    }
    Ok(())
}

fn atomic(count: u32) -> Result<u64> {
    let (narrow, wide) = (Atomic::new(0), Atomic64::new(0));
    rounds(count, |_| {
        narrow.inc();
        narrow.add(2);
        narrow.sub(2);
        let seen = narrow.read();
        if narrow.cmpxchg(seen, seen) != seen {
            narrow.set(0);
        }
        wide.add(1);
        Ok(())
    })?;
    Ok(wide.read().min(narrow.read().into()) as u64)
}

fn refcount(count: u32) -> Result<u64> {
    let references = RefCount::new(1);
    let mut seen = 0;
    rounds(count, |_| {
        references.inc();
        if references.inc_not_zero() {
            seen += u64::from(references.read() == 3);
            references.dec();
        }
        references.dec();
        Ok(())
    })?;
    Ok(seen)
}

/// A lock with a number behind it.
fn locked_number() -> Result<KBox<SpinLock<u64>>> {
    // SAFETY: the lock is made whole, and a box does not move.
    unsafe {
        KBox::try_init(|slot| {
            SpinLock::init(slot, 0);
            Ok(())
        })
    }
}

fn spin_lock(count: u32) -> Result<u64> {
    let number = locked_number()?;
    rounds(count, |_| {
        *number.lock() += 1;
        if let Some(mut number) = number.try_lock() {
            *number += 1;
        }
        Ok(())
    })?;
    let total = *number.lock();
    Ok(total / 2)
}

fn spin_lock_irq(count: u32) -> Result<u64> {
    let number = locked_number()?;
    rounds(count, |_| {
        *number.lock_irqsave() += 1;
        Ok(())
    })?;
    let total = *number.lock();
    Ok(total)
}

fn mutex(count: u32) -> Result<u64> {
    // SAFETY: the mutex is made whole, and a box does not move.
    let number = unsafe {
        KBox::try_init(|slot| {
            Mutex::init(slot, 0);
            Ok(())
        })
    }?;
    rounds(count, |_| {
        *number.lock() += 1;
        Ok(())
    })?;
    let total = *number.lock();
    Ok(total)
}

fn list(count: u32) -> Result<u64> {
    const NODES: u64 = 4;
    let mut ring = List::new()?;
    for _ in 0..NODES {
        // SAFETY: no bytes are no bytes to write.
        ring.push_back(Message::new(unsafe { KBytes::try_fill(0, |_| Ok(())) }?)?);
    }
    let mut moved = 0;
    rounds(count, |_| {
        ring.rotate();
        if let Some(first) = ring.pop_front() {
            ring.push_back(first);
            moved += 1;
        }
        Ok(())
    })?;
    let mut left = 0;
    while ring.pop_front().is_some() {
        left += 1;
    }
    Ok(if left == NODES { moved } else { 0 })
}

fn per_cpu(count: u32) -> Result<u64> {
    let counter = PerCpu::new()?;
    rounds(count, |_| {
        counter.inc();
        counter.add(2);
        Ok(())
    })?;
    Ok(counter.sum() / 3)
}

fn rcu(count: u32, device: &Device) -> Result<u64> {
    let mut seen = 0;
    rounds(count, |_| {
        seen += u64::from(device.config.read(|config| config.max_queued > 0));
        Ok(())
    })?;
    Ok(seen)
}

fn bit_operations(count: u32) -> Result<u64> {
    let word = Bits::new();
    let mut seen = 0;
    rounds(count, |number| {
        let bit = number % 64;
        let was = word.test_and_set(bit);
        let one = bits::count(word.word()) == 1;
        let is = word.test_and_clear(bit);
        seen += u64::from(!was && one && is);
        word.clear(bit);
        Ok(())
    })?;
    Ok(seen)
}

fn slab(count: u32) -> Result<u64> {
    let mut seen = 0;
    rounds(count, |number| {
        let constant = KBox::new(u64::from(number))?;
        let len = number as usize % 500 + 1;
        // SAFETY: the bytes are written for the whole length.
        let variable = unsafe {
            KBytes::try_fill(len, |start| {
                start.write_bytes(1, len);
                Ok(())
            })
        }?;
        seen += u64::from(*constant == u64::from(number) && variable[len - 1] == 1);
        Ok(())
    })?;
    Ok(seen)
}

fn shared_memory(count: u32) -> Result<u64> {
    let word = Word::new(0);
    rounds(count, |_| {
        let seen = word.read_once();
        memory::smp_mb();
        word.write_once(seen);
        memory::smp_wmb();
        memory::barrier();
        let seen = word.load_acquire();
        memory::smp_rmb();
        word.store_release(seen + 1);
        Ok(())
    })?;
    Ok(word.read_once().into())
}

fn key(count: u32) -> Result<u64> {
    let mut agreed = 0;
    rounds(count, |_| {
        // Another task may flip the key between the two.
        let branch = static_key::tracing();
        agreed += u64::from(branch == static_key::is_set() || branch != static_key::tracing());
        Ok(())
    })?;
    Ok(agreed)
}

fn page(count: u32) -> Result<u64> {
    let mut seen = 0;
    rounds(count, |number| {
        let byte = number as u8;
        seen += u64::from(Page::new()?.fill(byte) == byte);
        Ok(())
    })?;
    Ok(seen)
}
