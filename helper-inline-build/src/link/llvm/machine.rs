//! Target machines, which optimizing and lowering a module need.

use super::api;
use super::context::Llvm;
use super::text::{c_string, take_message};

/// LLVM's code models; the discriminants are those of `LLVMCodeModel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeModel {
    Default = 0,
    Tiny = 2,
    Small = 3,
    Kernel = 4,
    Medium = 5,
    Large = 6,
}

/// How hard the code generator tries; the discriminants are those of
/// `LLVMCodeGenOptLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodegenLevel {
    None = 0,
    Less = 1,
    Default = 2,
    Aggressive = 3,
}

/// A target machine.
pub(crate) struct Machine<'l> {
    llvm: &'l Llvm,
    pub(super) raw: api::Machine,
}

impl<'l> Machine<'l> {
    /// A machine for a triple. Functions carry their own `target-cpu` and
    /// `target-features`, so it names none. `pic` decides the relocation model.
    ///
    /// The error is LLVM's message.
    pub(crate) fn new(
        llvm: &'l Llvm,
        triple: &str,
        pic: bool,
        code_model: CodeModel,
        level: CodegenLevel,
    ) -> Result<Machine<'l>, String> {
        llvm.initialize(triple);
        let relocation = if pic { 2 } else { 1 };
        let triple_c = c_string(triple);
        let mut target = api::Target::NULL;
        let mut message = std::ptr::null_mut();
        // SAFETY: strings are NUL-terminated; target and message are written
        // before they are read.
        unsafe {
            if (llvm.api.GetTargetFromTriple)(triple_c.as_ptr(), &mut target, &mut message) != 0 {
                return Err(take_message(llvm, message));
            }
            let raw = (llvm.api.CreateTargetMachine)(
                target,
                triple_c.as_ptr(),
                c"".as_ptr(),
                c"".as_ptr(),
                level as i32,
                relocation,
                code_model as i32,
            );
            if raw.is_null() {
                return Err(format!("LLVM makes no target machine for `{triple}`"));
            }
            Ok(Machine { llvm, raw })
        }
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing else holds the machine.
        unsafe { (self.llvm.api.DisposeTargetMachine)(self.raw) };
    }
}
