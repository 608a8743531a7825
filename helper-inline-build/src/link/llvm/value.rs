//! Globals, functions and the instructions that use them.

use super::api::{Use, Val};
use super::context::Context;
use super::text::{c_string, copy, copy_slice};
use std::collections::HashSet;

/// Linkages that this crate reads or sets; the discriminants are those of
/// `LLVMLinkage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    External = 0,
    AvailableExternally = 1,
    LinkOnceAny = 2,
    LinkOnceOdr = 3,
    WeakAny = 5,
    WeakOdr = 6,
    Appending = 7,
    Internal = 8,
    Private = 9,
    Common = 14,
}

/// A global variable, alias or function.
#[derive(Clone, Copy)]
pub(crate) struct Global<'m> {
    pub(super) context: &'m Context<'m>,
    pub(super) raw: Val,
}

impl<'m> Global<'m> {
    pub(crate) fn name(self) -> String {
        let mut length = 0;
        // SAFETY: the name belongs to the value and is copied.
        unsafe {
            let start = (self.context.llvm.api.GetValueName2)(self.raw, &mut length);
            copy_slice(start, length)
        }
    }

    /// Renames it. LLVM changes a name that another value of the module has, so
    /// look first.
    pub(crate) fn set_name(self, name: &str) {
        // SAFETY: the range is valid and copied.
        unsafe {
            (self.context.llvm.api.SetValueName2)(self.raw, name.as_ptr().cast(), name.len());
        }
    }

    /// Has everything that uses it use another global instead.
    pub(crate) fn replace_uses_with(self, other: Global<'m>) {
        // SAFETY: both are globals of one module, and so of pointer type.
        unsafe { (self.context.llvm.api.ReplaceAllUsesWith)(self.raw, other.raw) };
    }

    /// Whether it is defined elsewhere.
    pub(crate) fn is_declaration(self) -> bool {
        // SAFETY: the value is alive.
        unsafe { (self.context.llvm.api.IsDeclaration)(self.raw) != 0 }
    }

    /// Whether no other module sees it.
    pub(crate) fn is_local(self) -> bool {
        self.has_linkage(Linkage::Internal) || self.has_linkage(Linkage::Private)
    }

    pub(crate) fn has_linkage(self, linkage: Linkage) -> bool {
        // SAFETY: the value is alive.
        unsafe { (self.context.llvm.api.GetLinkage)(self.raw) == linkage as i32 }
    }

    /// Sets the linkage, with the default visibility and no group: LLVM wants
    /// that of local linkages, and one module has no one to share a group with.
    pub(crate) fn set_linkage(self, linkage: Linkage) {
        const DEFAULT_VISIBILITY: i32 = 0;
        let api = &self.context.llvm.api;
        // SAFETY: the value is alive; no group is a valid group.
        unsafe {
            (api.SetVisibility)(self.raw, DEFAULT_VISIBILITY);
            (api.SetLinkage)(self.raw, linkage as i32);
        }
    }

    /// Returns true for a variable that nothing writes to. Not to be asked of others.
    pub(crate) fn is_constant(self) -> bool {
        let api = &self.context.llvm.api;
        // SAFETY: asked of variables alone.
        unsafe {
            !(api.IsAGlobalVariable)(self.raw).is_null() && (api.IsGlobalConstant)(self.raw) != 0
        }
    }

    /// Lets LLVM drop an alias that nothing uses.
    pub(crate) fn drop_if_unused(self) {
        let api = &self.context.llvm.api;
        // SAFETY: the value is alive.
        if unsafe { !(api.IsAGlobalAlias)(self.raw).is_null() } {
            self.set_linkage(Linkage::Internal);
        }
    }

    /// Lets only its own program or shared library see it.
    pub(crate) fn hide(self) {
        const HIDDEN_VISIBILITY: i32 = 1;
        // SAFETY: the value is alive.
        unsafe { (self.context.llvm.api.SetVisibility)(self.raw, HIDDEN_VISIBILITY) };
    }

    /// Has it seen from elsewhere again.
    pub(crate) fn unhide(self) {
        const DEFAULT_VISIBILITY: i32 = 0;
        // SAFETY: the value is alive.
        unsafe { (self.context.llvm.api.SetVisibility)(self.raw, DEFAULT_VISIBILITY) };
    }

    /// Whether it is a constant whose address says nothing, such as the text of a
    /// string: copies of it serve as well. Not to be asked of functions.
    pub(crate) fn is_mere_value(self) -> bool {
        const GLOBAL_UNNAMED_ADDR: i32 = 2;
        let api = &self.context.llvm.api;
        // SAFETY: the value is a live global variable.
        unsafe {
            (api.IsGlobalConstant)(self.raw) != 0
                && (api.GetUnnamedAddress)(self.raw) == GLOBAL_UNNAMED_ADDR
        }
    }

    /// Takes it out of its group.
    pub(crate) fn clear_comdat(self) {
        // SAFETY: the value is a variable or function, which may have no group.
        unsafe { (self.context.llvm.api.SetComdat)(self.raw, std::ptr::null_mut()) };
    }

    /// Takes it out of its group, if it is of a kind that has one.
    pub(crate) fn clear_group(self) {
        let api = &self.context.llvm.api;
        // SAFETY: the value is alive.
        let has_one = unsafe {
            !(api.IsAFunction)(self.raw).is_null() || !(api.IsAGlobalVariable)(self.raw).is_null()
        };
        if has_one {
            self.clear_comdat();
        }
    }

    pub(crate) fn section(self) -> String {
        // SAFETY: the string belongs to the value and is copied.
        unsafe { copy((self.context.llvm.api.GetSection)(self.raw)) }
    }

    pub(crate) fn set_section(self, section: &str) {
        let section = c_string(section);
        // SAFETY: NUL-terminated, copied by LLVM.
        unsafe { (self.context.llvm.api.SetSection)(self.raw, section.as_ptr()) };
    }

    /// Everything that uses it: instructions, and `None` for a constant (an
    /// initializer that holds its address, say).
    pub(crate) fn users(self) -> Vec<Option<Instruction<'m>>> {
        let api = &self.context.llvm.api;
        let mut users = Vec::new();
        // SAFETY: the list of uses is that of a live value and is not changed
        // while it is walked.
        unsafe {
            let mut current: Use = (api.GetFirstUse)(self.raw);
            while !current.is_null() {
                let user = (api.GetUser)(current);
                users.push(
                    (!(api.IsAInstruction)(user).is_null()).then_some(Instruction {
                        context: self.context,
                        raw: user,
                    }),
                );
                current = (api.GetNextUse)(current);
            }
        }
        users
    }
}

impl<'m> Global<'m> {
    /// Instructions that use it, also through constants: an address inside it, or
    /// a table that holds it.
    pub(crate) fn instructions(self) -> Vec<Instruction<'m>> {
        let mut instructions = Vec::new();
        self.walk_users(|user| match user {
            User::Instruction(instruction) => {
                instructions.push(instruction);
                Through::Stop
            }
            User::Global(_) | User::Constant => Through::Go,
        });
        instructions
    }

    /// Which one it is.
    pub(crate) fn id(self) -> GlobalId {
        GlobalId(self.raw)
    }

    /// The functions whose code refers to it, and the variables and aliases that do so
    /// in what they are initialized with. Each once.
    pub(crate) fn holders(self) -> HashSet<GlobalId> {
        let mut holders = HashSet::new();
        self.walk_users(|user| {
            match user {
                User::Instruction(instruction) => {
                    holders.insert(instruction.function().global().id())
                }
                User::Global(global) => holders.insert(global.id()),
                User::Constant => return Through::Go,
            };
            Through::Stop
        });
        holders
    }

    /// The functions and variables that use its address otherwise than to call it.
    pub(crate) fn address_holders(self) -> HashSet<GlobalId> {
        let mut holders = HashSet::new();
        self.walk_users(|user| {
            match user {
                User::Instruction(call)
                    if call.calls(self) && call.operands_that_are(self) == 1 =>
                {
                    return Through::Stop;
                }
                User::Instruction(instruction) => {
                    holders.insert(instruction.function().global().id())
                }
                User::Global(global) => holders.insert(global.id()),
                User::Constant => return Through::Go,
            };
            Through::Stop
        });
        holders
    }

    fn walk_users(self, tell: impl FnMut(User<'m>) -> Through) {
        walk_users(self.context, self.raw, tell);
    }
}

/// Tells everything that uses a value, and everything that uses that where it says so.
pub(super) fn walk_users<'m>(
    context: &'m Context<'m>,
    value: Val,
    mut tell: impl FnMut(User<'m>) -> Through,
) {
    let api = &context.llvm.api;
    let mut seen = HashSet::from([value]);
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        // SAFETY: the list of uses is that of a live value and is not changed
        // while it is walked.
        unsafe {
            let mut current: Use = (api.GetFirstUse)(value);
            while !current.is_null() {
                let raw = (api.GetUser)(current);
                current = (api.GetNextUse)(current);
                if !seen.insert(raw) {
                    continue;
                }
                let user = if !(api.IsAInstruction)(raw).is_null() {
                    User::Instruction(Instruction { context, raw })
                } else if !(api.IsAGlobalValue)(raw).is_null() {
                    User::Global(Global { context, raw })
                } else {
                    User::Constant
                };
                if let Through::Go = tell(user) {
                    left.push(raw);
                }
            }
        }
    }
}

/// What uses a value.
pub(super) enum User<'m> {
    Instruction(Instruction<'m>),
    Global(Global<'m>),
    /// Part of one of the others.
    Constant,
}

/// Whether what uses a user is told as well.
pub(super) enum Through {
    Go,
    Stop,
}

/// Which global one is among those of its module, for maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GlobalId(Val);

/// A function, declared or defined.
#[derive(Clone, Copy)]
pub(crate) struct Function<'m> {
    pub(super) global: Global<'m>,
}

impl<'m> Function<'m> {
    pub(crate) fn global(self) -> Global<'m> {
        self.global
    }

    pub(crate) fn name(self) -> String {
        self.global.name()
    }

    /// Splits its uses into direct calls of it and all others, which take its
    /// address.
    pub(crate) fn calls(self) -> Calls<'m> {
        self.global.calls()
    }
}

impl<'m> Global<'m> {
    /// The calls of a function, an alias or an ifunc, and its other uses.
    pub(crate) fn calls(self) -> Calls<'m> {
        let mut calls = Calls::default();
        let mut seen = HashSet::new();
        for user in self.users() {
            match user.filter(|instruction| instruction.calls(self)) {
                Some(call) if !seen.insert(call.raw) => {
                    // A second use by the same call: the function is also one of
                    // its arguments.
                    calls.address_taken += 1;
                }
                Some(call) => calls.direct.push(call),
                None => calls.address_taken += 1,
            }
        }
        calls
    }
}

/// How a function is used.
#[derive(Default)]
pub(crate) struct Calls<'m> {
    /// Calls of it by name.
    pub(crate) direct: Vec<Instruction<'m>>,
    /// Uses of its address.
    pub(crate) address_taken: usize,
}

/// An instruction.
#[derive(Clone, Copy)]
pub(crate) struct Instruction<'m> {
    pub(super) context: &'m Context<'m>,
    pub(super) raw: Val,
}

impl<'m> Instruction<'m> {
    fn calls(self, callee: Global<'m>) -> bool {
        let api = &self.context.llvm.api;
        // SAFETY: the called value is asked of calls alone.
        unsafe {
            let is_call =
                !(api.IsACallInst)(self.raw).is_null() || !(api.IsAInvokeInst)(self.raw).is_null();
            is_call && (api.GetCalledValue)(self.raw) == callee.raw
        }
    }

    /// How many of its operands are a global.
    fn operands_that_are(self, global: Global<'m>) -> usize {
        let api = &self.context.llvm.api;
        // SAFETY: the instruction is alive, and has as many operands as LLVM says.
        unsafe {
            let count = u32::try_from((api.GetNumOperands)(self.raw)).unwrap_or(0);
            let operands = (0..count).map(|index| (api.GetOperand)(self.raw, index));
            operands.filter(|operand| *operand == global.raw).count()
        }
    }

    /// Whether both are the same instruction.
    pub(crate) fn is(self, other: Instruction<'_>) -> bool {
        self.raw == other.raw
    }

    /// The function that holds this instruction.
    pub(crate) fn function(self) -> Function<'m> {
        let api = &self.context.llvm.api;
        // SAFETY: an instruction of a linked module is in a block of a function.
        let raw = unsafe { (api.GetBasicBlockParent)((api.GetInstructionParent)(self.raw)) };
        Function {
            global: Global {
                context: self.context,
                raw,
            },
        }
    }

    /// Where it stands in the source, if line tables say so.
    pub(crate) fn location(self) -> Option<Location> {
        let api = &self.context.llvm.api;
        // SAFETY: names belong to the debug information and are copied.
        unsafe {
            let line = (api.GetDebugLocLine)(self.raw);
            let mut length = 0;
            let file = (api.GetDebugLocFilename)(self.raw, &mut length);
            let file = copy_slice(file, length as usize);
            if line == 0 || file.is_empty() {
                return None;
            }
            let directory = (api.GetDebugLocDirectory)(self.raw, &mut length);
            Some(Location {
                file,
                directory: copy_slice(directory, length as usize),
                line,
                column: (api.GetDebugLocColumn)(self.raw),
            })
        }
    }
}

/// A place in a source file; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) file: String,
    pub(crate) directory: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = std::path::Path::new(&self.directory).join(&self.file);
        write!(f, "{}:{}:{}", path.display(), self.line, self.column)
    }
}
