//! A declaration in the place of a definition, and other names for one.
//!
//! Not here: which definitions (`link::copyable`).

use super::Module;
use super::attribute::{self, AttributeKey};
use super::text::c_string;
use super::value::{Function, Global, Linkage};

/// `LLVMFunctionTypeKind`.
const FUNCTION: i32 = 9;

/// What only a body can have.
const OF_BODIES: [&str; 2] = ["alwaysinline", "naked"];

impl<'c> Module<'c> {
    /// Declares what is defined here, in its place and with its name. An alias is left
    /// without a name and a use, so that nothing links it. Returns the function, if it is
    /// one.
    pub(crate) fn declare_instead<'m>(&'m self, global: Global<'m>) -> Option<Function<'m>> {
        let context = self.context;
        let api = &context.llvm.api;
        let name = c_string(&global.name());
        global.set_name("");
        // SAFETY: each question is put to a value of the kind that it is for; the new
        // declaration has the old definition's type, and nothing uses what is deleted.
        unsafe {
            let is_alias = !(api.IsAGlobalAlias)(global.raw).is_null();
            // An alias has the attributes of what it names, if that is of its kind.
            let model = if is_alias { global.aliasee() } else { global };
            let of = (api.GlobalGetValueType)(global.raw);
            let is_function = (api.GetTypeKind)(of) == FUNCTION;
            let raw = if is_function {
                let raw = (api.AddFunction)(self.raw, name.as_ptr(), of);
                let declared = Function {
                    global: Global { context, raw },
                };
                let has_attributes = !(api.IsAFunction)(model.raw).is_null()
                    && (api.GlobalGetValueType)(model.raw) == of;
                if has_attributes {
                    attribute::copy_signature(Function { global: model }, declared);
                    for name in OF_BODIES {
                        declared.remove_attribute(&AttributeKey::Enum(name));
                    }
                }
                raw
            } else {
                let raw = (api.AddGlobal)(self.raw, of, name.as_ptr());
                if !(api.IsAGlobalVariable)(model.raw).is_null() {
                    (api.SetThreadLocalMode)(raw, (api.GetThreadLocalMode)(model.raw));
                    if !is_alias {
                        (api.SetGlobalConstant)(raw, (api.IsGlobalConstant)(model.raw));
                        (api.SetAlignment)(raw, (api.GetAlignment)(model.raw));
                    }
                }
                raw
            };
            (api.SetVisibility)(raw, (api.GetVisibility)(global.raw));
            (api.ReplaceAllUsesWith)(global.raw, raw);
            if is_alias {
                global.set_linkage(Linkage::Internal);
                // What it names may become a declaration, which no alias may name.
                let byte = (api.Int8TypeInContext)(context.raw);
                let nothing = (api.AddGlobal)(self.raw, byte, c"".as_ptr());
                (api.SetInitializer)(nothing, (api.ConstNull)(byte));
                (api.SetLinkage)(nothing, Linkage::Internal as i32);
                (api.AliasSetAliasee)(global.raw, nothing);
            } else if !(api.IsAGlobalIFunc)(global.raw).is_null() {
                (api.EraseGlobalIFunc)(global.raw);
            } else if is_function {
                (api.DeleteFunction)(global.raw);
            } else {
                (api.DeleteGlobal)(global.raw);
            }
            is_function.then_some(Function {
                global: Global { context, raw },
            })
        }
    }

    /// Gives a definition another name, which only its own program or shared library sees.
    pub(crate) fn add_hidden_alias(&self, of: Global<'_>, name: &str) {
        let api = &self.context.llvm.api;
        let name = c_string(name);
        // SAFETY: the definition is one of this module; the name is NUL-terminated.
        let raw = unsafe {
            let value_type = (api.GlobalGetValueType)(of.raw);
            (api.AddAlias2)(self.raw, value_type, 0, of.raw, name.as_ptr())
        };
        let context = self.context;
        Global { context, raw }.hide();
    }
}

impl Global<'_> {
    /// Has a definition that every unit may have, and drop where nothing uses it, stay.
    pub(crate) fn keep_if_unused(self) {
        let kept = match () {
            () if self.has_linkage(Linkage::LinkOnceAny) => Linkage::WeakAny,
            () if self.has_linkage(Linkage::LinkOnceOdr) => Linkage::WeakOdr,
            () => return,
        };
        // SAFETY: the value is alive; both linkages go with any visibility and group.
        unsafe { (self.context.llvm.api.SetLinkage)(self.raw, kept as i32) };
    }
}
