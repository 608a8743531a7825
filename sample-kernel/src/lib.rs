//! Safe wrappers of what kernel modules need every day, over C helpers that are
//! inlined into the modules through this crate's generic and `#[inline]` code:
//! memory, locks, counts, lists, messages.
//!
//! It stands for a crate that several modules share, and has helpers of its own.
//! For any target but a bare-metal one it is only checked, for editors.
#![cfg(any(target_os = "none", helper_inline_checked))]
#![no_std]

pub mod alloc;
pub mod atomic;
pub mod bindings;
pub mod bits;
pub mod error;
pub mod list;
pub mod memory;
pub mod mutex;
pub mod page;
pub mod panic;
pub mod percpu;
pub mod print;
pub mod refcount;
pub mod spinlock;
pub mod steps;
pub mod uaccess;
pub mod xarray;
