//! Having a call call something else.
//!
//! Not here: building what it calls instead (`adapter`).

use super::Module;
use super::text::c_string;
use super::value::{Function, Global, Instruction};

impl<'m> Instruction<'m> {
    /// Has this call call a function, which has the call's own type.
    pub(super) fn set_callee(self, callee: Function<'m>) {
        let api = &self.context.llvm.api;
        // SAFETY: the last operand of a call is what it calls; functions are
        // pointers.
        unsafe {
            let operands = (api.GetNumOperands)(self.raw);
            let last = u32::try_from(operands - 1).expect("a call has operands");
            (api.SetOperand)(self.raw, last, callee.global.raw);
        }
    }
}

impl<'c> Module<'c> {
    /// Has a call call a new declaration of the call's own type, so that nothing
    /// is known of what it calls. Returns the declaration's name.
    pub(crate) fn hide_callee<'m>(&'m self, call: Instruction<'m>, name: &str) -> String {
        let name = c_string(name);
        let function_type = call.typed().function_type();
        // SAFETY: the type is a function's, of this module's context.
        let raw =
            unsafe { (self.context.llvm.api.AddFunction)(self.raw, name.as_ptr(), function_type) };
        let hidden = Function {
            global: Global {
                context: self.context,
                raw,
            },
        };
        call.set_callee(hidden);
        hidden.name()
    }
}
