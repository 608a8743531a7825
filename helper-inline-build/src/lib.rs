//! Inline C helper functions into Rust.
//!
//! C headers are full of `static inline` functions and macros, which Rust cannot
//! call. Binding authors write C *helpers* around them, and every call from Rust
//! then pays for a real call. This crate compiles such helpers to LLVM bitcode
//! from `build.rs` and declares them to Rust; `dist` (feature `dist`) links the
//! bitcode into that of the Rust crates, so that the helpers are inlined, and
//! proves that they were.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), helper_inline_build::Error> {
//!     helper_inline_build::Helpers::new()
//!         .dir("helpers") // every *.c below it
//!         .compile()
//!         .map(drop)
//! }
//! ```
//!
//! Nor need the C be written: inline functions, macros and constants of a header
//! become helpers by their names.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), helper_inline_build::Error> {
//!     helper_inline_build::Helpers::new()
//!         .header("<liburing.h>")
//!         .wrap_function("io_uring_.*")
//!         .wrap_constant("IORING_OFF_.*")
//!         .wrap_macro("void io_uring_smp_store_release(unsigned int *p, unsigned int v)")
//!         .compile()
//!         .map(drop)
//! }
//! ```
//!
//! In the crate, `include!(concat!(env!("OUT_DIR"), "/helpers.rs"));` brings in
//! the declarations: C's `rust_helper_atomic_inc` is Rust's `atomic_inc`.
//!
//! # The tour
//!
//! | what one wants | where it is |
//! |---|---|
//! | compile helpers, or wrap a header's functions, in `build.rs` | [`Helpers`] |
//! | say what a call that stays means | [`Helpers::policy`], [`Policy`], [`Helpers::exempt`] |
//! | have any cargo build inline | the program `cargo-helper-inline` (feature `cli`) as `build.rustc-wrapper` |
//! | make a kernel module, or an object of a whole program | `cargo helper-inline dist`, or the module `dist` (feature `dist`) |
//! | know what became of each call | `prove::Report`, `cargo_report` (features `link`, `wrapper` with `dist`) |
//! | know why one stayed, and what mends it | `prove::explain` |
//! | link bitcode oneself | `link::child`, `link::job` (feature `link`) |
//! | run many commands, here or elsewhere | `jobs` (feature `dist`) |
//!
//! The default features are the build-script side alone. Everything else is not
//! meant to be a build-dependency. [The guide] goes from nothing to a module and to
//! an FFI crate.
//!
//! [The guide]: https://github.com/helper-inline-build/helper-inline-build/blob/main/docs/guide/README.md

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "dist", feature = "wrapper"))]
mod archive;
mod asked;
mod build;
#[cfg(feature = "dist")]
mod cargo_messages;
#[cfg(all(feature = "wrapper", feature = "dist"))]
pub mod cargo_report;
mod clang;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "link")]
mod clock;
mod command;
mod error;
mod files;
mod inputs;
#[cfg(any(feature = "dist", feature = "wrapper"))]
mod invocation;
pub mod kernel;
pub mod manifest;
#[cfg(any(feature = "dist", feature = "wrapper"))]
mod own_program;
mod policy;
mod rustc;

#[cfg(feature = "dist")]
pub mod dist;
#[cfg(feature = "dist")]
pub mod jobs;
#[cfg(feature = "link")]
pub mod link;
#[cfg(feature = "link")]
pub mod prove;
#[cfg(feature = "wrapper")]
pub mod rustc_wrapper;
mod served;
#[cfg(any(feature = "dist", feature = "wrapper"))]
mod stand_in;
mod tag;

pub use build::{Built, Helpers, libclang_version};
pub use clang::Clang;
pub use error::{Error, Result};
pub use policy::Policy;
pub use rustc::{Rustc, Version};
