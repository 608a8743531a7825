//! The name that debug sections have for a function beside that in the source: a debugger
//! and a tracer show it.
//!
//! Not here: which functions are told by another name (`inputs`).

use super::text::copy_slice;
use super::value::Function;
use std::ffi::c_uint;

/// The operand of a `DISubprogram` that is its linkage name.
const LINKAGE_NAME: usize = 3;

impl Function<'_> {
    /// Changes the linkage name of a function that has its symbol for one.
    pub(crate) fn set_linkage_name(self, name: &str) {
        let global = self.global();
        let (context, api) = (global.context, &global.context.llvm.api);
        // SAFETY: the value is a live function of the context, the list has room for all
        // operands, and a string is put in the place of a string.
        unsafe {
            let subprogram = (api.GetSubprogram)(global.raw);
            if subprogram.is_null() {
                return;
            }
            let node = (api.MetadataAsValue)(context.raw, subprogram);
            let count = (api.GetMDNodeNumOperands)(node) as usize;
            let mut operands = vec![super::api::Val::NULL; count];
            (api.GetMDNodeOperands)(node, operands.as_mut_ptr());
            let Some(old) = operands.get(LINKAGE_NAME).filter(|old| !old.is_null()) else {
                return;
            };
            let mut length: c_uint = 0;
            let start = (api.GetMDString)(*old, &mut length);
            if start.is_null() || copy_slice(start, length as usize) != self.name() {
                return;
            }
            let new = (api.MDStringInContext2)(context.raw, name.as_ptr().cast(), name.len());
            (api.ReplaceMDNodeOperandWith)(node, LINKAGE_NAME as c_uint, new);
        }
    }
}
