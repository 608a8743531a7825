//! What runs before and after `main`, in the sections where the C library looks for it.
//!
//! LLVM would put it there too, but for an option of the target machine's that its C API
//! does not have: without that it writes `.ctors`, which not every linker takes.

use super::Module;
use super::api::Val;
use super::text::c_string;
use super::value::{Global, Linkage};
use std::ffi::CStr;

/// The priority of what names none.
const LAST: u64 = 65535;

/// Each list, and the section that its functions are called from.
const LISTS: [(&CStr, &str); 2] = [
    (c"llvm.global_ctors", ".init_array"),
    (c"llvm.global_dtors", ".fini_array"),
];

impl Module<'_> {
    /// Whether anything runs before or after `main`.
    pub(crate) fn has_constructors(&self) -> bool {
        LISTS.iter().any(|(list, _)| !self.list(list).1.is_empty())
    }

    /// The functions that run before or after `main`.
    pub(crate) fn constructors(&self) -> Vec<Global<'_>> {
        let entries = LISTS.iter().flat_map(|(list, _)| self.list(list).1);
        let functions = entries.filter_map(|entry| {
            let (context, api) = (self.context, &self.context.llvm.api);
            // SAFETY: entries have the operands that LLVM defines for them, or are zero,
            // which has none; the second is a function.
            let raw =
                unsafe { ((api.GetNumOperands)(entry) >= 2).then(|| (api.GetOperand)(entry, 1))? };
            Some(Global { context, raw })
        });
        functions.collect()
    }

    /// Drops the lists of what runs before and after `main`.
    pub(crate) fn clear_constructors(&mut self) {
        for (list, _) in LISTS {
            self.take_list(list);
        }
    }

    /// Puts what the lists hold into the sections for it.
    pub(crate) fn constructors_to_sections(&mut self) {
        let mut pointers = Vec::new();
        for (list, section) in LISTS {
            for entry in self.take_list(list) {
                pointers.extend(self.constructor_to_section(entry, section));
            }
        }
        if pointers.is_empty() {
            return;
        }
        let mut kept = self.take_list(c"llvm.compiler.used");
        kept.extend(pointers);
        self.add_compiler_used(&kept);
    }

    /// Puts an entry of a list, a structure of priority, function and data, into a section.
    /// Data is only another name for the unit that the function is of.
    fn constructor_to_section(&self, entry: Val, section: &str) -> Option<Val> {
        const BYTES_OF_POINTER: u32 = 8;
        let (context, api) = (self.context, &self.context.llvm.api);
        // SAFETY: entries have the operands that LLVM defines for them, or are zero, which
        // has none; the new variable has the type of its initializer.
        unsafe {
            if (api.GetNumOperands)(entry) < 2 {
                return None;
            }
            let priority = (api.ConstIntGetZExtValue)((api.GetOperand)(entry, 0));
            let section = match priority {
                LAST => section.to_owned(),
                _ => format!("{section}.{priority:05}"),
            };
            let pointer = (api.PointerTypeInContext)(context.raw, 0);
            let variable = (api.AddGlobal)(self.raw, pointer, c"".as_ptr());
            (api.SetInitializer)(variable, (api.GetOperand)(entry, 1));
            (api.SetLinkage)(variable, Linkage::Internal as i32);
            (api.SetAlignment)(variable, BYTES_OF_POINTER);
            (api.SetSection)(variable, c_string(&section).as_ptr());
            Some(variable)
        }
    }
}
