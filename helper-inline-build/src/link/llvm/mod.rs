//! LLVM through its C API, made safe: the only place with unsafe code.
//!
//! LLVM may abort the process on bad input, so all of this runs in a child
//! process (`link::child`). Values borrow their module, and what can free a
//! value borrows the module mutably. Not here: what is done to a module, and why.

mod adapter;
mod api;
mod attribute;
mod body;
mod callee;
mod constructors;
mod context;
mod declare;
mod frame;
mod inspect;
mod instructions;
mod linkage_name;
mod machine;
mod module;
mod replace;
mod signature;
mod summary;
mod text;
mod unnamed;
mod value;

pub(super) use attribute::{AttributeKey, AttributeList, AttributeValue};
pub(super) use context::{Context, Llvm, Severity};
pub(super) use machine::{CodeModel, CodegenLevel, Machine};
pub(super) use module::{FlagBehavior, FlagValue, Module};
pub(super) use value::{Function, Global, GlobalId, Instruction, Linkage};
