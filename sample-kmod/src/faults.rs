//! What must not happen, made to happen on request, so that the kernel's report of
//! it can be looked at: it names the helper's source line, and the function here
//! that the helper was inlined into.
//!
//! Each function is one of its own (never inlined) for the kernel to name.

use crate::abi;
use sample_kernel::error::{Error, Result};
use sample_kernel::panic::{self, warn_on, warn_on_once};
use sample_kernel::refcount::RefCount;

/// Causes what `kind` says, one of the `FAULT_` numbers.
pub fn cause(kind: usize) -> Result<u32> {
    match u32::try_from(kind).map_err(|_| Error::INVALID)? {
        kind @ abi::FAULT_NONE..=abi::FAULT_WARNING => Ok(warn(kind == abi::FAULT_WARNING)),
        kind @ abi::FAULT_WARNING_ONCE => Ok(warn_once(kind)),
        kind @ abi::FAULT_WARNING_ONCE_ELSEWHERE => Ok(warn_once_elsewhere(kind)),
        abi::FAULT_REFERENCE => Ok(reference_to_nothing(&RefCount::new(0))),
        abi::FAULT_BUG => bug(),
        abi::FAULT_PANIC => panic(kind),
        _ => Err(Error::INVALID),
    }
}

#[inline(never)]
fn warn(condition: bool) -> u32 {
    warn_on(condition).into()
}

#[inline(never)]
fn warn_once(kind: u32) -> u32 {
    warn_on_once(kind != 0).into()
}

#[inline(never)]
fn warn_once_elsewhere(kind: u32) -> u32 {
    1 + u32::from(warn_on_once(kind > 1))
}

#[inline(never)]
fn reference_to_nothing(count: &RefCount) -> u32 {
    count.inc();
    let saturated = count.read();
    count.inc();
    u32::from(saturated == count.read() && saturated > u32::MAX / 2)
}

#[inline(never)]
fn bug() -> ! {
    panic::bug()
}

#[inline(never)]
fn panic(kind: usize) -> ! {
    panic!("as asked for by request {kind}")
}
