//! The loops in Rust. Those of `loops.c` do the same to the same objects.
//!
//! None is inlined into its caller, who would tell it what its objects are.

use sample_kernel::alloc::KBox;
use sample_kernel::atomic::Atomic;
use sample_kernel::error::{Error, Result};
use sample_kernel::list::List;
use sample_kernel::percpu::PerCpu;
use sample_kernel::refcount::{Ref, RefCount};
use sample_kernel::spinlock::SpinLock;
use sample_kernel::uaccess::UserMemory;

use crate::abi::Record;
use crate::operations::Object;

#[inline(never)]
pub fn refcount(taken: &RefCount, given: &RefCount, rounds: u32) -> u32 {
    let mut last = 0;
    for _ in 0..rounds {
        taken.inc();
        if given.dec_and_test() {
            last += 1;
        }
    }
    last
}

#[inline(never)]
pub fn atomic(sum: &Atomic, rounds: u32) {
    for _ in 0..rounds {
        sum.add(3);
    }
}

#[inline(never)]
pub fn spin_lock(locked: &SpinLock<u64>, rounds: u32) {
    for _ in 0..rounds {
        *locked.lock() += 1;
    }
}

/// Returns the sum of what was taken out.
#[inline(never)]
pub fn list(ring: &mut List<Object>, mut object: Ref<Object>, rounds: u32) -> Result<u64> {
    let mut sum = 0;
    for _ in 0..rounds {
        ring.push_back(object);
        object = ring.pop_front().ok_or(Error::INVALID)?;
        sum += object.number;
    }
    Ok(sum)
}

/// Returns the sum of what was in the boxes.
#[inline(never)]
pub fn kmalloc(rounds: u32) -> Result<u64> {
    let mut sum = 0;
    for _ in 0..rounds {
        let number = KBox::new(1u64)?;
        sum += *number;
    }
    Ok(sum)
}

/// Returns how many rounds went well.
#[inline(never)]
pub fn copy_to_user(to: UserMemory, record: &mut Record, rounds: u32) -> Result<u32> {
    // Counted after the copy, as in C: where the last test in a loop is the copy's,
    // LLVM leaves the test of the count at its top, and what never changes in it.
    let mut round = 0;
    while round < rounds {
        record.round = round.into();
        to.write_value(record)?;
        round += 1;
    }
    Ok(round)
}

#[inline(never)]
pub fn per_cpu(counter: &PerCpu, rounds: u32) {
    for _ in 0..rounds {
        counter.inc();
    }
}
