//! One input optimized and lowered by itself: when LLVM died of all of them
//! together, this shows of which.
//!
//! The child's side, like `engine`. Not here: which inputs are tried (`child`).

use super::engine::{OPTIMIZE, OPTIONS};
use super::harmonize;
use super::inputs::link_failure;
use super::job::Failure;
use super::llvm::{CodegenLevel, Context, Llvm, Machine, Module};
use crate::files;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is tried.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Probe {
    /// The libLLVM that links.
    pub(super) llvm: PathBuf,
    /// The bitcode file.
    pub(super) bitcode: PathBuf,
}

/// Does it. An error says that LLVM refuses the input without dying of it.
pub(super) fn run(probe: &Probe) -> Result<(), Failure> {
    let name = probe.bitcode.display().to_string();
    let failed = |reason: String| link_failure(&name, reason);
    let error = |error: crate::Error| failed(error.to_string());
    let llvm = Llvm::load(&probe.llvm).map_err(error)?;
    llvm.set_options(OPTIONS);
    let context = Context::new(&llvm);
    let bytes = files::read(&probe.bitcode).map_err(error)?;
    let input = Module::read(&context, &bytes, &name).map_err(failed)?;
    let machine = Machine::new(
        &llvm,
        &input.triple(),
        harmonize::is_pic(&input),
        harmonize::code_model(&input),
        CodegenLevel::Default,
    )
    .map_err(failed)?;
    // Linking reads the functions' bodies.
    let mut module = Module::new(&context, &name);
    module.set_triple(&input.triple());
    module.set_data_layout(&input.data_layout());
    module.link(input).map_err(failed)?;
    module.run_passes(OPTIMIZE, &machine).map_err(failed)?;
    module.lower(&machine).map(drop).map_err(failed)
}
