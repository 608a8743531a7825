//! `sample_bench`, a Linux kernel module: counts the instructions of everyday
//! operations, in Rust through the wrappers of `sample-kernel` and in C, and tells
//! whoever loads it. All is done when it is loaded.
//!
//! The count is the processor's cycle counter. Only a machine whose counter counts
//! instructions, as QEMU's does with `-icount`, makes it one.
//!
//! It is a kernel module and nothing else: for any target but a bare-metal one it is
//! only checked, for editors.
#![cfg(any(target_os = "none", helper_inline_checked))]
#![no_std]

mod abi;
mod bindings;
mod loops;
mod measure;
mod operations;

use helper_inline_module::{Errno, Module};
use sample_kernel::error::Error;
use sample_kernel::uaccess::{Bytes, UserMemory};

use abi::{Figures, Operation, Record, Side};

helper_inline_module::module! {
    type: Bench,
    license: "Dual MIT/GPL",
    authors: ["The helper-inline-build authors"],
    description: "Instructions of operations in Rust with inlined C helpers, and in C",
    version: "0.1.0",
    params: {
        /// See `abi::Operation`.
        operation: u8 = 0, 0, "What each round does";
        /// See `abi::Side`.
        side: u8 = 0, 0, "Done in Rust (0) or in C (1)";
        /// The second loop of each repetition has twice as many.
        rounds: u32 = 1000, 0, "Rounds of the first loop";
        /// An interrupt adds to some.
        repetitions: u32 = 1, 0, "Repetitions, of which the shortest counts";
        /// In the process that loads the module.
        scratch: u64 = 0, 0, "Address that is copied to";
        /// A descriptor of that process.
        disk: i32 = -1, 0, "Open disk that is read from";
        /// As `scratch`.
        figures: u64 = 0, 0, "Address for what was counted";
    },
}

// SAFETY: integers, without padding between them.
unsafe impl Bytes for Figures {}
// SAFETY: see Figures.
unsafe impl Bytes for Record {}

/// Nothing is left to do once it is loaded.
struct Bench;

impl Module for Bench {
    fn init() -> Result<Self, Errno> {
        let operation = Operation::of_number(params::operation.get()).ok_or(Error::INVALID)?;
        let side = Side::of_number(params::side.get()).ok_or(Error::INVALID)?;
        let figures = measure::run(params::rounds.get(), params::repetitions.get(), |rounds| {
            operations::run(operation, side, rounds)
        })?;
        UserMemory::of::<Figures>(params::figures.get() as usize).write_value(&figures)?;
        Ok(Self)
    }
}
