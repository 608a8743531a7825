//! What a function keeps in its frame, and what it calls that has no name.
//!
//! Not here: what is too large, or who is recursive (`frames`, `recursion`).

use super::value::{Function, Instruction};

impl<'m> Function<'m> {
    /// The bytes of its local variables of a fixed size, those of fewer than `least` left
    /// out. What `alloca()` takes is given back where the body ends, inlined or not.
    pub(crate) fn local_bytes(self, least: u64) -> u64 {
        let api = &self.global.context.llvm.api;
        let sizes = self.instructions().into_iter().filter_map(|instruction| {
            // SAFETY: the instruction is alive; size and type are asked of allocations
            // alone, whose one operand is how many there are.
            unsafe {
                if (api.IsAAllocaInst)(instruction.raw).is_null() {
                    return None;
                }
                let count = (api.GetOperand)(instruction.raw, 0);
                if (api.IsAConstantInt)(count).is_null() {
                    return None;
                }
                let layout = (api.GetModuleDataLayout)((api.GetGlobalParent)(self.global.raw));
                let size = (api.ABISizeOfType)(layout, (api.GetAllocatedType)(instruction.raw));
                Some(size.saturating_mul((api.ConstIntGetZExtValue)(count)))
            }
        });
        sizes
            .filter(|size| *size >= least)
            .fold(0, u64::saturating_add)
    }

    /// Its calls through pointers.
    pub(crate) fn indirect_calls(self) -> Vec<Instruction<'m>> {
        let api = &self.global.context.llvm.api;
        let mut all = self.instructions();
        // SAFETY: the called value is asked of calls alone.
        all.retain(|instruction| unsafe {
            let raw = instruction.raw;
            if (api.IsACallInst)(raw).is_null() && (api.IsAInvokeInst)(raw).is_null() {
                return false;
            }
            let called = (api.GetCalledValue)(raw);
            (api.IsAGlobalValue)(called).is_null() && (api.IsAInlineAsm)(called).is_null()
        });
        all
    }
}
