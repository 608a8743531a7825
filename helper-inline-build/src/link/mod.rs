//! The link engine: bitcode of Rust crates and of C helpers in, one object out.
//!
//! `run` is the way in; all of LLVM's work happens in a child process. Not
//! here: finding the bitcode (`dist`), judging the result (`prove`).

mod abi;
mod adapt;
mod assembly;
mod assembly_names;
mod below;
mod by_name;
mod bystanders;
pub(crate) mod c_names;
pub mod child;
mod constructors;
mod copyable;
mod count;
mod engine;
mod find;
mod frames;
mod harmonize;
mod identify;
mod imports;
mod inputs;
mod internalize;
pub mod job;
mod linking;
mod llvm;
mod names;
mod prepare;
mod probe;
mod producers;
mod recursion;
mod replace;
mod rlib;
mod strays;
pub mod thin;
mod unit;
mod watch;

pub use below::{LeftBelow, WrappedCall};
pub use by_name::ByName;
pub use find::{LlvmLibrary, find_llvm, find_llvm_for};
pub use identify::{Producer, identify};

#[cfg(test)]
mod tests;
