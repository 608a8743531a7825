//! Counters with a copy for each processor: cheap to add to, slow to sum up.

use core::ptr::NonNull;

use crate::bindings;
use crate::error::{Error, Result};

/// A `u64` for each possible processor.
#[repr(transparent)]
pub struct PerCpu(NonNull<u64>);

// SAFETY: adding goes through this_cpu operations, reading through READ_ONCE().
unsafe impl Sync for PerCpu {}
// SAFETY: the memory belongs to no task.
unsafe impl Send for PerCpu {}

impl PerCpu {
    /// All copies zero.
    #[inline]
    pub fn new() -> Result<Self> {
        // SAFETY: it may sleep, as every caller here may.
        NonNull::new(unsafe { bindings::alloc_percpu_u64() })
            .map(Self)
            .ok_or(Error::NO_MEMORY)
    }

    /// Its address as `this_cpu_inc()` takes it, for C that adds to it too.
    #[inline]
    pub fn as_ptr(&self) -> *mut u64 {
        self.0.as_ptr()
    }

    /// Adds 1 to this processor's copy.
    #[inline]
    pub fn inc(&self) {
        // SAFETY: the copies live as long as self, here and below.
        unsafe { bindings::this_cpu_inc_u64(self.0.as_ptr()) }
    }

    /// Adds `n` to this processor's copy.
    #[inline]
    pub fn add(&self, n: u64) {
        // SAFETY: see inc().
        unsafe { bindings::this_cpu_add_u64(self.0.as_ptr(), n) }
    }

    /// The copy of one processor.
    #[inline]
    pub fn of(&self, cpu: Cpu) -> u64 {
        // SAFETY: see inc(); a Cpu is a possible processor, and each of those
        // has a copy.
        unsafe { bindings::read_once_u64(bindings::per_cpu_ptr_u64(self.0.as_ptr(), cpu.0)) }
    }

    /// The sum over all copies, each read at its own moment.
    #[inline]
    pub fn sum(&self) -> u64 {
        possible_cpus().fold(0, |sum, cpu| sum.wrapping_add(self.of(cpu)))
    }
}

impl Drop for PerCpu {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the copies are this object's own.
        unsafe { bindings::free_percpu(self.0.as_ptr().cast()) }
    }
}

/// The number of a possible processor.
#[derive(Clone, Copy)]
pub struct Cpu(u32);

impl Cpu {
    /// The number.
    #[inline]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// All possible processors.
#[inline]
pub fn possible_cpus() -> impl Iterator<Item = Cpu> {
    let mut last = -1;
    core::iter::from_fn(move || {
        // SAFETY: a search in a bit map that never changes.
        let (next, end) = unsafe {
            (
                bindings::cpumask_next_possible(last),
                bindings::nr_cpu_ids(),
            )
        };
        (next < end).then(|| {
            last = next as i32;
            Cpu(next)
        })
    })
}

/// How many processors there can be, and how many run now.
#[inline]
pub fn cpu_counts() -> (u32, u32) {
    // SAFETY: both only read.
    unsafe { (bindings::num_possible_cpus(), bindings::num_online_cpus()) }
}
