//! What makes a crate a Linux kernel module, in one declaration: [`module!`].
//!
//! It needs no Rust in the kernel, only its headers: the crate is built by
//! `helper-inline-build`, and whatever differs between kernels is read from the
//! kernel that `HELPER_INLINE_KERNEL` names.
//!
//! ```
//! use helper_inline_module::{Errno, Module, module};
//!
//! struct Disk;
//!
//! impl Module for Disk {
//!     fn init() -> Result<Self, Errno> {
//!         Ok(Disk)
//!     }
//! }
//!
//! impl Drop for Disk {
//!     fn drop(&mut self) {
//!         // What is to be done when the module is unloaded.
//!     }
//! }
//!
//! module! {
//!     type: Disk,
//!     license: "Dual MIT/GPL",
//!     authors: ["You"],
//!     description: "A disk in memory",
//! }
//! # fn main() {}
//! ```
//!
//! Not here: wrappers of the kernel's own interfaces.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod declare;
mod entry;
mod errno;
mod life;
#[doc(hidden)]
pub mod modinfo;
pub mod param;

pub use errno::Errno;
#[doc(hidden)]
pub use life::Slot;
pub use life::{Module, this_module};
