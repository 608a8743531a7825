//! Bodies of functions: their instructions, and what these assume of floating-point values.
//!
//! A body that was not read yet is empty (`Module::read_whole`). Not here: calls of one
//! function (`value`).

use super::attribute::enum_kind;
use super::value::{Function, Global, Instruction};

impl<'m> Function<'m> {
    /// Its instructions, in order.
    pub(crate) fn body(self) -> Vec<Instruction<'m>> {
        let context = self.global().context;
        let api = &context.llvm.api;
        let mut instructions = Vec::new();
        // SAFETY: blocks and instructions are those of a live function, which is not
        // changed while they are walked.
        unsafe {
            let mut block = (api.GetFirstBasicBlock)(self.global().raw);
            while !block.is_null() {
                let mut raw = (api.GetFirstInstruction)(block);
                while !raw.is_null() {
                    instructions.push(Instruction { context, raw });
                    raw = (api.GetNextInstruction)(raw);
                }
                block = (api.GetNextBasicBlock)(block);
            }
        }
        instructions
    }

    /// Removes an attribute of its result and of its parameters.
    pub(crate) fn remove_value_attribute(self, name: &'static str) {
        let context = self.global().context;
        let kind = enum_kind(context, name);
        if kind == 0 {
            return;
        }
        let parameters = u32::try_from(self.typed().parameters().len()).expect("few parameters");
        for index in 0..=parameters {
            // SAFETY: the function is alive and has these indices, the kind is LLVM's.
            unsafe {
                (context.llvm.api.RemoveEnumAttributeAtIndex)(self.global().raw, index, kind);
            }
        }
    }
}

impl<'m> Instruction<'m> {
    /// The function or variable that it calls by name; `None` for anything but such a call.
    pub(crate) fn callee(self) -> Option<Global<'m>> {
        let api = &self.context.llvm.api;
        if !self.is_call() {
            return None;
        }
        // SAFETY: this is a call.
        let raw = unsafe { (api.IsAGlobalValue)((api.GetCalledValue)(self.raw)) };
        (!raw.is_null()).then_some(Global {
            context: self.context,
            raw,
        })
    }

    /// Removes an attribute of a call's result and arguments.
    pub(crate) fn remove_call_value_attribute(self, name: &'static str) {
        let api = &self.context.llvm.api;
        let kind = enum_kind(self.context, name);
        if kind == 0 || !self.is_call() {
            return;
        }
        // SAFETY: this is a call with these indices, the kind is LLVM's.
        unsafe {
            for index in 0..=(api.GetNumArgOperands)(self.raw) {
                (api.RemoveCallSiteEnumAttribute)(self.raw, index, kind);
            }
        }
    }

    /// Returns true if it says that its operands and its result are no NaN or no infinity.
    pub(crate) fn is_finite(self) -> bool {
        const NO_NANS_NO_INFS: u32 = 0b110;
        let api = &self.context.llvm.api;
        // SAFETY: flags are asked of what can have them alone.
        unsafe {
            (api.CanValueUseFastMathFlags)(self.raw) != 0
                && (api.GetFastMathFlags)(self.raw) & NO_NANS_NO_INFS != 0
        }
    }

    fn is_call(self) -> bool {
        let api = &self.context.llvm.api;
        // SAFETY: the instruction is alive.
        unsafe {
            !(api.IsACallInst)(self.raw).is_null() || !(api.IsAInvokeInst)(self.raw).is_null()
        }
    }
}

impl<'m> Global<'m> {
    /// The function or variable that an alias is another name of; `None` where it is a
    /// part of one.
    pub(crate) fn aliased_object(self) -> Option<Global<'m>> {
        let api = &self.context.llvm.api;
        // SAFETY: only asked of aliases (`Module::aliases`), which have one.
        let raw = unsafe { (api.IsAGlobalObject)((api.AliasGetAliasee)(self.raw)) };
        (!raw.is_null()).then_some(Global {
            context: self.context,
            raw,
        })
    }
}
