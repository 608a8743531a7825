//! What a function's instructions say of it: where they come from, what keeps it from being
//! inlined, how large its frame is.
//!
//! Not here: uses (`value`).

use super::api::Metadata;
use super::context::Context;
use super::text::copy_slice;
use super::value::{Function, Instruction, Location};

impl<'m> Function<'m> {
    /// Its instructions, in order.
    pub(crate) fn instructions(self) -> Vec<Instruction<'m>> {
        let context = self.global.context;
        let api = &context.llvm.api;
        let mut found = Vec::new();
        // SAFETY: the lists are those of a live function and are not changed while they
        // are walked; a declaration has no block.
        unsafe {
            let mut block = (api.GetFirstBasicBlock)(self.global.raw);
            while !block.is_null() {
                let mut raw = (api.GetFirstInstruction)(block);
                while !raw.is_null() {
                    found.push(Instruction { context, raw });
                    raw = (api.GetNextInstruction)(raw);
                }
                block = (api.GetNextBasicBlock)(block);
            }
        }
        found
    }

    /// Why LLVM never inlines such a function, where that is plain to see.
    pub(crate) fn never_inlined(self) -> Option<&'static str> {
        let api = &self.global.context.llvm.api;
        let calls_itself = self.calls().direct.into_iter();
        if calls_itself
            .map(|c| c.function().global.raw)
            .any(|f| f == self.global.raw)
        {
            return Some("it calls itself");
        }
        // SAFETY: the value is a live function, the instructions are its own.
        unsafe {
            if (api.IsFunctionVarArg)((api.GlobalGetValueType)(self.global.raw)) != 0 {
                return Some("it takes variadic arguments");
            }
            let mut all = self.instructions().into_iter();
            all.any(|i| !(api.IsAIndirectBrInst)(i.raw).is_null())
                .then_some("it jumps by computed goto")
        }
    }

    /// Where the source defines it, `file:line`, if line tables say so.
    pub(crate) fn defined_at(self) -> Option<String> {
        let context = self.global.context;
        let api = &context.llvm.api;
        // SAFETY: the value is a live function; its description is asked when it has one.
        unsafe {
            let subprogram = (api.GetSubprogram)(self.global.raw);
            if subprogram.is_null() {
                return None;
            }
            let line = (api.DISubprogramGetLine)(subprogram);
            let mut place = of_scope(context, subprogram)?;
            place.line = line;
            let text = place.to_string();
            // A function has no column.
            Some(text.rsplit_once(':')?.0.to_owned())
        }
    }
}

impl Instruction<'_> {
    /// Where it stands in the source; where it came with a function that was inlined, and
    /// stood in it in this line, where that one was called.
    pub(crate) fn location_outside(self, line: u32) -> Option<Location> {
        let own = self.location()?;
        if line == 0 || own.line != line {
            return Some(own);
        }
        let api = &self.context.llvm.api;
        // SAFETY: the instruction has a location, as it told one; of a location that was
        // inlined the outer one is asked.
        unsafe {
            let outer = (api.DILocationGetInlinedAt)((api.InstructionGetDebugLoc)(self.raw));
            if outer.is_null() {
                // The caller has no line tables.
                return None;
            }
            let mut place = of_scope(self.context, (api.DILocationGetScope)(outer))?;
            place.line = (api.DILocationGetLine)(outer);
            place.column = (api.DILocationGetColumn)(outer);
            Some(place)
        }
    }
}

/// The file of a scope, with no line yet.
///
/// # Safety
/// `scope` is a scope of debug information that is alive.
unsafe fn of_scope(context: &Context<'_>, scope: Metadata) -> Option<Location> {
    let api = &context.llvm.api;
    let mut length = 0;
    // SAFETY: the caller says so; names belong to the debug information and are copied.
    unsafe {
        let file = (api.DIScopeGetFile)(scope);
        if file.is_null() {
            return None;
        }
        let name = (api.DIFileGetFilename)(file, &mut length);
        let name = copy_slice(name, length as usize);
        let directory = (api.DIFileGetDirectory)(file, &mut length);
        Some(Location {
            file: name,
            directory: copy_slice(directory, length as usize),
            line: 0,
            column: 0,
        })
    }
}
