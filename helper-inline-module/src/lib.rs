//! What makes a crate a Linux kernel module, in one declaration: [`module!`].
//!
//! It needs no Rust in the kernel, only its headers: the crate is built by
//! `helper-inline-build`, and whatever differs between kernels is read from the
//! kernel that `HELPER_INLINE_KERNEL` names.
//!
//! Not here: wrappers of the kernel's own interfaces.
#![no_std]

mod declare;
mod entry;
mod errno;
mod life;
#[doc(hidden)]
pub mod modinfo;
#[cfg(target_os = "none")]
pub mod param;

pub use errno::Errno;
#[doc(hidden)]
pub use life::Slot;
pub use life::{Module, this_module};
