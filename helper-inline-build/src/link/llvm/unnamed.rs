//! Functions whose result is a struct with a name, as functions of one without.
//!
//! To LLVM a named struct is itself and no other: the same struct of two units is two
//! types, and a call that expects the one is not inlined from a function that returns the
//! other. Not here: which functions are called from other units.

use super::Module;
use super::adapter::Builder;
use super::api::{Api, Type, Val};
use super::attribute;
use super::context::Context;
use super::text::c_string;
use super::value::{Function, Global, Instruction, Linkage};

// LLVMTypeKind
const STRUCT: i32 = 10;
const ARRAY: i32 = 11;

impl<'c> Module<'c> {
    /// Puts a function with an unnamed result in the place of one that is defined here;
    /// it calls the one that was there, now local and called `inner`. One that has no
    /// struct for a result stays as it is.
    pub(crate) fn unname_result<'m>(&'m self, function: Function<'m>, inner: &str) {
        let (context, typed) = (self.context, function.typed());
        let api = &context.llvm.api;
        let own_type = typed.function_type();
        let own = |call: &Instruction<'m>| call.typed().function_type() == own_type;
        // SAFETY: the type is a function's.
        let is_variadic = unsafe { (api.IsFunctionVarArg)(own_type) } != 0;
        let unnamed_type = unnamed_function(context, own_type);
        if is_variadic || unnamed_type == own_type {
            return;
        }
        let name = c_string(&function.name());
        function.global.set_name(inner);
        // SAFETY: both functions are of this module, with the same parameters; the
        // builder is at the end of the only block of a function without one before.
        unsafe {
            let raw = (api.AddFunction)(self.raw, name.as_ptr(), unnamed_type);
            let outer = Function {
                global: Global { context, raw },
            };
            function.global.replace_uses_with(outer.global);
            for call in outer.calls().direct.into_iter().filter(own) {
                call.set_callee(function);
            }
            attribute::copy_signature(function, outer);
            (api.SetLinkage)(raw, (api.GetLinkage)(function.global.raw));

            let block = (api.AppendBasicBlockInContext)(context.raw, raw, c"".as_ptr());
            let builder = Builder::at_end(context, block);
            let count = u32::try_from(typed.parameters().len()).expect("few parameters");
            let mut given: Vec<Val> = (0..count).map(|i| (api.GetParam)(raw, i)).collect();
            let result = builder.call(own_type, function, &mut given);
            let of = (api.GetReturnType)(unnamed_type);
            (api.BuildRet)(builder.raw, builder.as_type(result, of));
        }
        function.global.set_linkage(Linkage::Internal);
    }
}

impl Builder<'_> {
    /// A value as one of a type that has the same parts in the same places.
    fn as_type(&self, value: Val, of: Type) -> Val {
        let api = &self.context.llvm.api;
        // SAFETY: the value's type has as many parts as this one; any type has a poison
        // value, of which every part is replaced.
        unsafe {
            if (api.TypeOf)(value) == of {
                return value;
            }
            let mut whole = (api.GetPoison)(of);
            for index in 0..parts(api, of) {
                let part = (api.BuildExtractValue)(self.raw, value, index, c"".as_ptr());
                let part = self.as_type(part, part_type(api, of, index));
                whole = (api.BuildInsertValue)(self.raw, whole, part, index, c"".as_ptr());
            }
            whole
        }
    }
}

/// A function type with an unnamed result.
pub(super) fn unnamed_function(context: &Context<'_>, of: Type) -> Type {
    let api = &context.llvm.api;
    // SAFETY: the type is a function's; the vector has room for its parameters.
    unsafe {
        let count = (api.CountParamTypes)(of);
        let mut parameters = vec![Type::NULL; count as usize];
        (api.GetParamTypes)(of, parameters.as_mut_ptr());
        let result = unnamed(context, (api.GetReturnType)(of));
        let is_variadic = (api.IsFunctionVarArg)(of);
        (api.FunctionType)(result, parameters.as_mut_ptr(), count, is_variadic)
    }
}

/// A type without names in any of its parts.
fn unnamed(context: &Context<'_>, of: Type) -> Type {
    let api = &context.llvm.api;
    // SAFETY: each question is put to a type of the kind that it is for.
    unsafe {
        match (api.GetTypeKind)(of) {
            STRUCT => {
                let part = |index| unnamed(context, part_type(api, of, index));
                let mut of_parts: Vec<Type> = (0..parts(api, of)).map(part).collect();
                let count = u32::try_from(of_parts.len()).expect("a struct has few parts");
                let is_packed = (api.IsPackedStruct)(of);
                (api.StructTypeInContext)(context.raw, of_parts.as_mut_ptr(), count, is_packed)
            }
            ARRAY => {
                let element = unnamed(context, (api.GetElementType)(of));
                (api.ArrayType2)(element, (api.GetArrayLength2)(of))
            }
            _ => of,
        }
    }
}

/// How many parts a struct or an array has.
fn parts(api: &Api, of: Type) -> u32 {
    // SAFETY: each question is put to a type of the kind that it is for.
    unsafe {
        match (api.GetTypeKind)(of) {
            STRUCT => (api.CountStructElementTypes)(of),
            _ => u32::try_from((api.GetArrayLength2)(of)).expect("a result is small"),
        }
    }
}

/// The type of a part.
fn part_type(api: &Api, of: Type, index: u32) -> Type {
    // SAFETY: as in `parts`; the index is below their number.
    unsafe {
        match (api.GetTypeKind)(of) {
            STRUCT => (api.StructGetTypeAtIndex)(of, index),
            _ => (api.GetElementType)(of),
        }
    }
}
