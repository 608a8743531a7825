//! Declaring what another module defines.
//!
//! Not here: building functions (`adapter`), or which are declared.

use super::text::c_string;
use super::unnamed::unnamed_function;
use super::value::{Function, Global};
use super::{Module, attribute};

impl<'c> Module<'c> {
    /// Declares a function with the type and attributes of another module's of this
    /// context; a struct that it returns has no name here, which is only its own
    /// module's. What the module declared under the name before, with whatever type,
    /// becomes this.
    pub(crate) fn declare_like<'m>(&'m self, other: Function<'_>) -> Function<'m> {
        let name = other.name();
        let api = &self.context.llvm.api;
        let before = self.function(&name);
        if let Some(before) = before {
            before.global().set_name("");
        }
        let name = c_string(&name);
        // SAFETY: both modules are of one context, so the type and the attributes fit; what
        // is deleted has no use left, for functions are pointers whatever their type.
        unsafe {
            let of = unnamed_function(self.context, other.typed().function_type());
            let raw = (api.AddFunction)(self.raw, name.as_ptr(), of);
            let function = Function {
                global: Global {
                    context: self.context,
                    raw,
                },
            };
            attribute::copy_signature(other, function);
            if let Some(before) = before {
                before.global().replace_uses_with(function.global());
                (api.DeleteFunction)(before.global().raw);
            }
            function
        }
    }

    /// Declares a function of no known type, or else a variable, so that what defines it
    /// is linked.
    pub(crate) fn declare(&self, name: &str, is_function: bool) {
        let name = c_string(name);
        let api = &self.context.llvm.api;
        // SAFETY: the name is NUL-terminated; the types are of this module's context.
        unsafe {
            if is_function {
                let void = (api.VoidTypeInContext)(self.context.raw);
                let plain = (api.FunctionType)(void, std::ptr::null_mut(), 0, 0);
                (api.AddFunction)(self.raw, name.as_ptr(), plain);
            } else {
                let byte = (api.Int8TypeInContext)(self.context.raw);
                (api.AddGlobal)(self.raw, byte, name.as_ptr());
            }
        }
    }
}
