//! What the body of a function holds: the addresses of its labels, and assembly.
//!
//! Not here: what follows from that (`link::copyable`).

use super::api::{BasicBlock, Use, Val};
use super::text::copy_slice;
use super::value::{Function, Global, GlobalId, Through, User, walk_users};
use std::collections::HashSet;

impl<'m> Function<'m> {
    /// The functions and variables that hold the address of a label of this function.
    pub(crate) fn label_holders(self) -> HashSet<GlobalId> {
        let context = self.global.context;
        let mut holders = HashSet::new();
        for label in self.label_addresses() {
            walk_users(context, label, |user| {
                match user {
                    User::Instruction(instruction) => {
                        holders.insert(instruction.function().global().id())
                    }
                    User::Global(global) => holders.insert(global.id()),
                    User::Constant => return Through::Go,
                };
                Through::Stop
            });
        }
        holders
    }

    /// The templates of its inline assembly, as LLVM has them: `$0` for an operand, `$$`
    /// for a dollar sign.
    pub(crate) fn assembly(self) -> Vec<String> {
        let api = &self.global.context.llvm.api;
        let mut templates = Vec::new();
        for block in self.blocks() {
            // SAFETY: the walk is over a live block's instructions; what is called is
            // asked of calls alone, and a template, which is copied, of assembly alone.
            unsafe {
                let mut current = (api.GetFirstInstruction)(block);
                while !current.is_null() {
                    let is_call = !(api.IsACallInst)(current).is_null()
                        || !(api.IsACallBrInst)(current).is_null()
                        || !(api.IsAInvokeInst)(current).is_null();
                    if is_call {
                        let called = (api.GetCalledValue)(current);
                        if !(api.IsAInlineAsm)(called).is_null() {
                            let mut length = 0;
                            let start = (api.GetInlineAsmAsmString)(called, &mut length);
                            templates.push(copy_slice(start, length));
                        }
                    }
                    current = (api.GetNextInstruction)(current);
                }
            }
        }
        templates
    }

    fn label_addresses(self) -> Vec<Val> {
        let api = &self.global.context.llvm.api;
        let mut addresses = Vec::new();
        for block in self.blocks() {
            // SAFETY: the list of uses is that of a live block and is not changed while
            // it is walked.
            unsafe {
                let mut current: Use = (api.GetFirstUse)((api.BasicBlockAsValue)(block));
                while !current.is_null() {
                    let user = (api.GetUser)(current);
                    if !(api.IsABlockAddress)(user).is_null() {
                        addresses.push(user);
                    }
                    current = (api.GetNextUse)(current);
                }
            }
        }
        addresses
    }

    fn blocks(self) -> Vec<BasicBlock> {
        let api = &self.global.context.llvm.api;
        let mut blocks = Vec::new();
        // SAFETY: the walk is over a live function's blocks.
        unsafe {
            let mut current = (api.GetFirstBasicBlock)(self.global.raw);
            while !current.is_null() {
                blocks.push(current);
                current = (api.GetNextBasicBlock)(current);
            }
        }
        blocks
    }
}

impl<'m> Global<'m> {
    /// The function that chooses what this one is, which is an ifunc.
    pub(crate) fn resolver(self) -> Global<'m> {
        Global {
            context: self.context,
            // SAFETY: the value is an ifunc.
            raw: unsafe { (self.context.llvm.api.GetGlobalIFuncResolver)(self.raw) },
        }
    }

    /// What this one, which is an alias, is another name of.
    pub(crate) fn aliasee(self) -> Global<'m> {
        Global {
            context: self.context,
            // SAFETY: the value is an alias.
            raw: unsafe { (self.context.llvm.api.AliasGetAliasee)(self.raw) },
        }
    }
}
