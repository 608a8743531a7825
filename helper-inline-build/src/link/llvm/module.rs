//! Modules: reading, linking, flags, passes.

use super::api::{Buffer, Mod, Val};
use super::context::Context;
use super::machine::Machine;
use super::text::{c_string, copy, copy_slice, take_message};
use super::value::{Function, Global, Linkage};
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};

/// How a module flag behaves when modules are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagBehavior {
    /// Its value replaces any other (`Override` of `llvm::Module`).
    Override,
    /// Another value is warned of, as rustc up to 1.85 asks for.
    #[cfg(test)]
    Warning,
}

/// A module flag's value, if it is a plain one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FlagValue {
    Int(u64),
    String(String),
}

/// A module of bitcode in memory.
pub(crate) struct Module<'c> {
    pub(super) context: &'c Context<'c>,
    pub(super) raw: Mod,
}

impl<'c> Module<'c> {
    /// An empty module.
    pub(crate) fn new(context: &'c Context<'c>, name: &str) -> Module<'c> {
        let name = c_string(name);
        // SAFETY: the name is NUL-terminated; the context is alive.
        let raw =
            unsafe { (context.llvm.api.ModuleCreateWithNameInContext)(name.as_ptr(), context.raw) };
        Module { context, raw }
    }

    /// Reads bitcode. Bodies are read when they are first needed, so only what
    /// is linked is ever read of a large module.
    ///
    /// The error is LLVM's message.
    pub(crate) fn read(
        context: &'c Context<'c>,
        bitcode: &[u8],
        name: &str,
    ) -> Result<Module<'c>, String> {
        let name = c_string(name);
        let api = &context.llvm.api;
        let mut raw = Mod::NULL;
        // SAFETY: the range is valid and copied; the module takes the buffer,
        // also when reading fails.
        let failed = unsafe {
            let buffer = (api.CreateMemoryBufferWithMemoryRangeCopy)(
                bitcode.as_ptr().cast(),
                bitcode.len(),
                name.as_ptr(),
            );
            (api.GetBitcodeModuleInContext2)(context.raw, buffer, &mut raw)
        };
        if failed != 0 {
            return Err(context.errors_or("LLVM gives no reason"));
        }
        Ok(Module { context, raw })
    }

    /// Reads bitcode, bodies and all, for what is to be changed in them.
    ///
    /// The error is LLVM's message.
    pub(crate) fn read_whole(
        context: &'c Context<'c>,
        bitcode: &[u8],
        name: &str,
    ) -> Result<Module<'c>, String> {
        let name = c_string(name);
        let api = &context.llvm.api;
        let mut raw = Mod::NULL;
        // SAFETY: the range is valid and copied; the buffer is ours to free.
        let failed = unsafe {
            let buffer = (api.CreateMemoryBufferWithMemoryRangeCopy)(
                bitcode.as_ptr().cast(),
                bitcode.len(),
                name.as_ptr(),
            );
            let failed = (api.ParseBitcodeInContext2)(context.raw, buffer, &mut raw);
            (api.DisposeMemoryBuffer)(buffer);
            failed
        };
        if failed != 0 {
            return Err(context.errors_or("LLVM gives no reason"));
        }
        Ok(Module { context, raw })
    }

    /// The module after an edit of its text, for what LLVM's C API cannot change. The error
    /// is LLVM's message.
    pub(crate) fn edited(self, edit: impl FnOnce(&str) -> String) -> Result<Module<'c>, String> {
        let context = self.context;
        let api = &context.llvm.api;
        // SAFETY: the module is alive; the text is ours to free.
        let text = unsafe { take_message(context.llvm, (api.PrintModuleToString)(self.raw)) };
        drop(self);
        let text = c_string(&edit(&text));
        let bytes = text.as_bytes();
        let mut raw = Mod::NULL;
        let mut message = std::ptr::null_mut();
        // SAFETY: the range is valid, ends with a NUL that is not counted, and is copied;
        // parsing takes the buffer; the message is ours to free.
        unsafe {
            let buffer = (api.CreateMemoryBufferWithMemoryRangeCopy)(
                bytes.as_ptr().cast(),
                bytes.len(),
                c"text".as_ptr(),
            );
            if (api.ParseIRInContext)(context.raw, buffer, &mut raw, &mut message) != 0 {
                return Err(take_message(context.llvm, message));
            }
        }
        Ok(Module { context, raw })
    }

    /// Links another module into this one. The error is LLVM's message.
    pub(crate) fn link(&mut self, other: Module<'c>) -> Result<(), String> {
        let raw = other.raw;
        // LLVM destroys the source module itself.
        std::mem::forget(other);
        // SAFETY: both modules are of one context, and `raw` is not used again.
        let failed = unsafe { (self.context.llvm.api.LinkModules2)(self.raw, raw) };
        if failed != 0 {
            return Err(self.context.errors_or("LLVM gives no reason"));
        }
        Ok(())
    }

    /// Checks the module's structure. The error is LLVM's message.
    pub(crate) fn verify(&self) -> Result<(), String> {
        const RETURN_STATUS: i32 = 2;
        let mut message = std::ptr::null_mut();
        let api = &self.context.llvm.api;
        // SAFETY: the module is alive; the message is ours to free.
        unsafe {
            let broken = (api.VerifyModule)(self.raw, RETURN_STATUS, &mut message);
            let text = take_message(self.context.llvm, message);
            if broken != 0 { Err(text) } else { Ok(()) }
        }
    }

    pub(crate) fn triple(&self) -> String {
        // SAFETY: the string belongs to the module and is copied.
        unsafe { copy((self.context.llvm.api.GetTarget)(self.raw)) }
    }

    pub(crate) fn set_triple(&self, triple: &str) {
        let triple = c_string(triple);
        // SAFETY: NUL-terminated, copied by LLVM.
        unsafe { (self.context.llvm.api.SetTarget)(self.raw, triple.as_ptr()) };
    }

    pub(crate) fn data_layout(&self) -> String {
        // SAFETY: the string belongs to the module and is copied.
        unsafe { copy((self.context.llvm.api.GetDataLayoutStr)(self.raw)) }
    }

    pub(crate) fn set_data_layout(&self, layout: &str) {
        let layout = c_string(layout);
        // SAFETY: NUL-terminated, copied by LLVM; it comes from another module,
        // so LLVM can parse it.
        unsafe { (self.context.llvm.api.SetDataLayout)(self.raw, layout.as_ptr()) };
    }

    /// The module-level assembly.
    pub(crate) fn inline_asm(&self) -> String {
        let mut length = 0;
        // SAFETY: the text belongs to the module and is copied.
        unsafe {
            let start = (self.context.llvm.api.GetModuleInlineAsm)(self.raw, &mut length);
            copy_slice(start, length)
        }
    }

    /// Drops the module-level assembly.
    pub(crate) fn clear_inline_asm(&mut self) {
        self.set_inline_asm("");
    }

    /// Replaces the module-level assembly.
    pub(crate) fn set_inline_asm(&mut self, text: &str) {
        let api = &self.context.llvm.api;
        // SAFETY: the range is valid and copied.
        unsafe { (api.SetModuleInlineAsm2)(self.raw, text.as_ptr().cast(), text.len()) };
    }

    /// Drops the lists of what is kept though nothing uses it.
    pub(crate) fn clear_used(&mut self) {
        self.take_list(c"llvm.used");
        self.take_list(c"llvm.compiler.used");
    }

    /// The module as bitcode. It must have been linked whole, not read in parts.
    pub(crate) fn to_bitcode(&self) -> Vec<u8> {
        let api = &self.context.llvm.api;
        // SAFETY: the module is alive; the buffer is copied and freed.
        unsafe {
            let buffer = (api.WriteBitcodeToMemoryBuffer)(self.raw);
            let start = (api.GetBufferStart)(buffer).cast::<u8>();
            let bytes = std::slice::from_raw_parts(start, (api.GetBufferSize)(buffer)).to_vec();
            (api.DisposeMemoryBuffer)(buffer);
            bytes
        }
    }

    /// The module flags, in order.
    ///
    /// Read as plain metadata: `LLVMCopyModuleFlagsMetadata` crashes on flags
    /// that merge to their minimum or maximum.
    pub(crate) fn flags(&self) -> Vec<(String, FlagValue)> {
        const FLAGS: &CStr = c"llvm.module.flags";
        let api = &self.context.llvm.api;
        // SAFETY: both vectors have room for as many operands as LLVM says there
        // are; a flag is a node of behavior, name and value.
        unsafe {
            let count = (api.GetNamedMetadataNumOperands)(self.raw, FLAGS.as_ptr());
            let mut nodes = vec![Val::NULL; count as usize];
            (api.GetNamedMetadataOperands)(self.raw, FLAGS.as_ptr(), nodes.as_mut_ptr());
            nodes
                .into_iter()
                .filter_map(|node| {
                    let mut operands = vec![Val::NULL; (api.GetMDNodeNumOperands)(node) as usize];
                    (api.GetMDNodeOperands)(node, operands.as_mut_ptr());
                    let [_, key, value] = operands.try_into().ok()?;
                    Some((self.metadata_string(key)?, self.flag_value(value)?))
                })
                .collect()
        }
    }

    fn flag_value(&self, value: Val) -> Option<FlagValue> {
        if value.is_null() {
            return None;
        }
        if let Some(text) = self.metadata_string(value) {
            return Some(FlagValue::String(text));
        }
        let api = &self.context.llvm.api;
        // SAFETY: the value is asked for as an integer only if it is one.
        unsafe {
            let is_int = !(api.IsAConstantInt)(value).is_null();
            is_int.then(|| FlagValue::Int((api.ConstIntGetZExtValue)(value)))
        }
    }

    fn metadata_string(&self, value: Val) -> Option<String> {
        let mut length = 0;
        // SAFETY: the string belongs to the context and is copied; null when it
        // is none.
        unsafe {
            let start = (self.context.llvm.api.GetMDString)(value, &mut length);
            (!start.is_null()).then(|| copy_slice(start, length as usize))
        }
    }

    /// Adds a module flag with an `i32` value.
    pub(crate) fn add_int_flag(&self, behavior: FlagBehavior, key: &str, value: u64) {
        let behavior = match behavior {
            // LLVMModuleFlagBehaviorOverride
            FlagBehavior::Override => 3,
            #[cfg(test)]
            FlagBehavior::Warning => 1,
        };
        let api = &self.context.llvm.api;
        // SAFETY: the context and module are alive, the key range is valid.
        unsafe {
            let int = (api.Int32TypeInContext)(self.context.raw);
            let metadata = (api.ValueAsMetadata)((api.ConstInt)(int, value, 0));
            (api.AddModuleFlag)(self.raw, behavior, key.as_ptr().cast(), key.len(), metadata);
        }
    }

    /// Functions, declared or defined, in order.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let api = &self.context.llvm.api;
        self.walk(api.GetFirstFunction, api.GetNextFunction)
            .map(|global| Function { global })
            .collect()
    }

    /// Global variables, in order.
    pub(crate) fn variables(&self) -> Vec<Global<'_>> {
        let api = &self.context.llvm.api;
        self.walk(api.GetFirstGlobal, api.GetNextGlobal).collect()
    }

    /// Aliases, in order.
    pub(crate) fn aliases(&self) -> Vec<Global<'_>> {
        let api = &self.context.llvm.api;
        self.walk(api.GetFirstGlobalAlias, api.GetNextGlobalAlias)
            .collect()
    }

    /// Functions that are chosen when the program starts, in order.
    pub(crate) fn ifuncs(&self) -> Vec<Global<'_>> {
        let api = &self.context.llvm.api;
        self.walk(api.GetFirstGlobalIFunc, api.GetNextGlobalIFunc)
            .collect()
    }

    /// Functions, variables and aliases, declared or defined.
    pub(crate) fn symbols(&self) -> Vec<Global<'_>> {
        let functions = self.functions().into_iter().map(|f| f.global());
        functions
            .chain(self.variables())
            .chain(self.aliases())
            .collect()
    }

    fn walk(
        &self,
        first: unsafe extern "C" fn(Mod) -> Val,
        next: unsafe extern "C" fn(Val) -> Val,
    ) -> impl Iterator<Item = Global<'_>> {
        // SAFETY: `first` and `next` walk a list of this module, which is alive.
        let mut current = unsafe { first(self.raw) };
        std::iter::from_fn(move || {
            if current.is_null() {
                return None;
            }
            let raw = current;
            // SAFETY: `raw` is a member of the list.
            current = unsafe { next(raw) };
            Some(Global {
                context: self.context,
                raw,
            })
        })
    }

    /// The function of a name.
    pub(crate) fn function(&self, name: &str) -> Option<Function<'_>> {
        let name = CString::new(name).ok()?;
        // SAFETY: the name is NUL-terminated.
        let raw = unsafe { (self.context.llvm.api.GetNamedFunction)(self.raw, name.as_ptr()) };
        (!raw.is_null()).then_some(Function {
            global: Global {
                context: self.context,
                raw,
            },
        })
    }

    /// What `llvm.used` and `llvm.compiler.used` keep.
    pub(crate) fn used(&self) -> Vec<Global<'_>> {
        [c"llvm.used", c"llvm.compiler.used"]
            .into_iter()
            .flat_map(|name| self.list(name).1)
            .map(|raw| Global {
                context: self.context,
                raw,
            })
            .collect()
    }

    /// Moves what `llvm.used` keeps to `llvm.compiler.used`: kept by the
    /// compiler all the same, but without the section flag SHF_GNU_RETAIN.
    pub(crate) fn used_to_compiler_used(&mut self) {
        let mut kept = self.take_list(c"llvm.used");
        if kept.is_empty() {
            return;
        }
        for value in self.take_list(c"llvm.compiler.used") {
            if !kept.contains(&value) {
                kept.push(value);
            }
        }
        self.add_compiler_used(&kept);
    }

    /// Has the compiler keep definitions as they are, name included, whether or not
    /// something that it sees uses them.
    pub(crate) fn keep(&mut self, names: &BTreeSet<String>) {
        let mut kept = self.take_list(c"llvm.compiler.used");
        let all = self.symbols().into_iter();
        let named = all.filter(|global| names.contains(&global.name()));
        let new: Vec<Val> = named.map(|global| global.raw).collect();
        kept.extend(
            new.into_iter()
                .filter(|raw| !kept.contains(raw))
                .collect::<Vec<_>>(),
        );
        if !kept.is_empty() {
            self.add_compiler_used(&kept);
        }
    }

    /// Makes the list of what the compiler keeps; there is none yet.
    pub(super) fn add_compiler_used(&mut self, kept: &[Val]) {
        let api = &self.context.llvm.api;
        // SAFETY: the values are globals of this module, the array's type fits
        // them, and the variable gets linkage and section that LLVM asks for.
        unsafe {
            let pointer = (api.PointerTypeInContext)(self.context.raw, 0);
            let array = (api.ConstArray2)(pointer, kept.as_ptr(), kept.len() as u64);
            let array_type = (api.ArrayType2)(pointer, kept.len() as u64);
            let list = (api.AddGlobal)(self.raw, array_type, c"llvm.compiler.used".as_ptr());
            (api.SetInitializer)(list, array);
            (api.SetLinkage)(list, Linkage::Appending as i32);
            (api.SetSection)(list, c"llvm.metadata".as_ptr());
        }
    }

    /// Deletes a list variable and returns what it held.
    pub(super) fn take_list(&mut self, name: &CStr) -> Vec<Val> {
        let (list, held) = self.list(name);
        if !list.is_null() {
            // SAFETY: the variable is of this module, and only lists use it.
            unsafe { (self.context.llvm.api.DeleteGlobal)(list) };
        }
        held
    }

    /// A list variable, null when there is none, and what it holds.
    pub(super) fn list(&self, name: &CStr) -> (Val, Vec<Val>) {
        let api = &self.context.llvm.api;
        // SAFETY: the variable is looked up in this module; its initializer's
        // operands are globals, which outlive it.
        unsafe {
            let list = (api.GetNamedGlobal)(self.raw, name.as_ptr());
            if list.is_null() {
                return (list, Vec::new());
            }
            let initializer = (api.GetInitializer)(list);
            let count = u32::try_from((api.GetNumOperands)(initializer)).unwrap_or(0);
            let held = (0..count).map(|i| (api.GetOperand)(initializer, i));
            (list, held.collect())
        }
    }

    /// Runs a textual pass pipeline. The error is LLVM's message.
    pub(crate) fn run_passes(&mut self, passes: &str, machine: &Machine<'_>) -> Result<(), String> {
        let pipeline = c_string(passes);
        let api = &self.context.llvm.api;
        // SAFETY: module, machine and options are alive; an error is consumed
        // by taking its message, which is then freed.
        unsafe {
            let options = (api.CreatePassBuilderOptions)();
            let error = (api.RunPasses)(self.raw, pipeline.as_ptr(), machine.raw, options);
            (api.DisposePassBuilderOptions)(options);
            if error.is_null() {
                return Ok(());
            }
            let message = (api.GetErrorMessage)(error);
            let text = copy(message);
            (api.DisposeErrorMessage)(message);
            Err(text)
        }
    }

    /// Drops all debug information.
    pub(crate) fn strip_debug_info(&mut self) {
        // SAFETY: the module is alive.
        unsafe { (self.context.llvm.api.StripModuleDebugInfo)(self.raw) };
    }

    /// Lowers a module to an object file's bytes. The error is LLVM's message.
    pub(crate) fn lower(&mut self, machine: &Machine<'_>) -> Result<Vec<u8>, String> {
        const OBJECT_FILE: i32 = 1;
        let api = &self.context.llvm.api;
        let mut message = std::ptr::null_mut();
        let mut buffer = Buffer::NULL;
        // SAFETY: machine and module are alive; the buffer is copied and freed.
        let object = unsafe {
            let failed = (api.TargetMachineEmitToMemoryBuffer)(
                machine.raw,
                self.raw,
                OBJECT_FILE,
                &mut message,
                &mut buffer,
            );
            if failed != 0 {
                return Err(take_message(self.context.llvm, message));
            }
            let start = (api.GetBufferStart)(buffer).cast::<u8>();
            let object = std::slice::from_raw_parts(start, (api.GetBufferSize)(buffer)).to_vec();
            (api.DisposeMemoryBuffer)(buffer);
            object
        };
        // The assembler reports through diagnostics and still emits something.
        let errors = self.context.errors_or("");
        if errors.is_empty() {
            Ok(object)
        } else {
            Err(errors)
        }
    }
}

impl Drop for Module<'_> {
    fn drop(&mut self) {
        // SAFETY: values borrow the module, so none is left.
        unsafe { (self.context.llvm.api.DisposeModule)(self.raw) };
    }
}
