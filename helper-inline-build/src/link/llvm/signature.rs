//! The types of functions and of calls, with the attributes that decide on
//! their ABI.
//!
//! Not here: what the ABI makes of them (`link::abi`).

use super::api::{Attribute, Type, Val};
use super::attribute::enum_kind;
use super::context::Context;
use super::text::take_message;
use super::value::{Function, Instruction};
use crate::link::abi::{self, Leaf, Parameter, Passing, Signature};

/// Attributes of parameters that move them elsewhere than C has them.
const UNKNOWN: &[&str] = &[
    "inreg",
    "nest",
    "byref",
    "inalloca",
    "preallocated",
    "swiftself",
    "swiftasync",
    "swifterror",
];

/// Attributes of a result whose every bit has a value.
const NUMBER: &[&str] = &["noundef", "zeroext", "signext"];

/// A function, or a call, as something that has a type and attributes.
#[derive(Clone, Copy)]
pub(super) struct Typed<'m> {
    pub(super) context: &'m Context<'m>,
    raw: Val,
    is_call: bool,
    module: super::api::Mod,
}

impl<'m> Function<'m> {
    pub(super) fn typed(self) -> Typed<'m> {
        let (context, raw) = (self.global.context, self.global.raw);
        Typed {
            context,
            raw,
            is_call: false,
            // SAFETY: a function is of a module.
            module: unsafe { (context.llvm.api.GetGlobalParent)(raw) },
        }
    }

    /// Its type, as LLVM prints it, with how structs are passed:
    /// `i32 (ptr byval(24), i64)`.
    pub(crate) fn signature(self) -> String {
        self.typed().describe()
    }

    /// What decides on its ABI. `has_vectors` says whether its code may use
    /// vector registers.
    pub(crate) fn abi_signature(self, has_vectors: bool) -> Signature {
        self.typed().signature(has_vectors)
    }
}

impl<'m> Instruction<'m> {
    /// This is a call (`Function::calls`).
    pub(super) fn typed(self) -> Typed<'m> {
        Typed {
            raw: self.raw,
            is_call: true,
            ..self.function().typed()
        }
    }

    /// The type that this call is made with, as [`Function::signature`] has it.
    pub(crate) fn call_signature(self) -> String {
        self.typed().describe()
    }

    /// Whether this call has the very type that a function is defined with, and
    /// passes structs in the same way.
    pub(crate) fn is_typed_as(self, callee: Function<'m>) -> bool {
        let (call, callee) = (self.typed(), callee.typed());
        call.function_type() == callee.function_type()
            && (1..).zip(call.parameters()).all(|(index, of)| {
                // Only pointers are passed in more than one way.
                let has_ways = matches!(call.abi_type(of), abi::Type::Leaf(Leaf::Pointer));
                !has_ways || call.passing(index) == callee.passing(index)
            })
    }

    /// What decides on the ABI of this call. `has_vectors` says whether the code
    /// around it may use vector registers.
    pub(crate) fn call_abi_signature(self, has_vectors: bool) -> Signature {
        self.typed().signature(has_vectors)
    }
}

impl Typed<'_> {
    /// The function type.
    pub(super) fn function_type(self) -> Type {
        let api = &self.context.llvm.api;
        // SAFETY: the value is a call or a function, as `is_call` says.
        unsafe {
            if self.is_call {
                (api.GetCalledFunctionType)(self.raw)
            } else {
                (api.GlobalGetValueType)(self.raw)
            }
        }
    }

    pub(super) fn parameters(self) -> Vec<Type> {
        let api = &self.context.llvm.api;
        let function = self.function_type();
        // SAFETY: the vector has room for as many as LLVM says there are.
        unsafe {
            let mut parameters = vec![Type::NULL; (api.CountParamTypes)(function) as usize];
            (api.GetParamTypes)(function, parameters.as_mut_ptr());
            parameters
        }
    }

    /// An attribute of a parameter, counted from 1, or of the result, 0.
    pub(super) fn attribute(self, index: u32, name: &str) -> Option<Attribute> {
        let api = &self.context.llvm.api;
        let kind = enum_kind(self.context, name);
        // SAFETY: the value is alive, the kind is LLVM's.
        let attribute = (kind != 0).then(|| unsafe {
            if self.is_call {
                (api.GetCallSiteEnumAttribute)(self.raw, index, kind)
            } else {
                (api.GetEnumAttributeAtIndex)(self.raw, index, kind)
            }
        })?;
        (!attribute.is_null()).then_some(attribute)
    }

    fn attribute_value(self, index: u32, name: &str) -> Option<u64> {
        let attribute = self.attribute(index, name)?;
        // SAFETY: the attribute is one with a number.
        Some(unsafe { (self.context.llvm.api.GetEnumAttributeValue)(attribute) })
    }

    fn passing(self, index: u32) -> Passing {
        if UNKNOWN.iter().any(|n| self.attribute(index, n).is_some()) {
            return Passing::Unknown;
        }
        if let Some(attribute) = self.attribute(index, "byval") {
            let api = &self.context.llvm.api;
            // SAFETY: `byval` holds a type, which has a size; the layout belongs
            // to the module.
            let bytes = unsafe {
                let of = (api.GetTypeAttributeValue)(attribute);
                (api.ABISizeOfType)((api.GetModuleDataLayout)(self.module), of)
            };
            // No slot of the stack is aligned less than this.
            let align = self
                .attribute_value(index, "align")
                .map(|align| align.max(8));
            return Passing::ByValue { bytes, align };
        }
        match self.attribute(index, "sret") {
            Some(_) => Passing::Result,
            None => Passing::Direct,
        }
    }

    fn signature(self, has_vectors: bool) -> Signature {
        let api = &self.context.llvm.api;
        let parameters = (1..).zip(self.parameters()).map(|(index, of)| Parameter {
            r#type: self.abi_type(of),
            passing: self.passing(index),
            stack_align: self.attribute_value(index, "alignstack"),
        });
        let function = self.function_type();
        // SAFETY: the type is a function's; the value is a call or a function.
        let (convention, is_variadic, returned) = unsafe {
            let convention = if self.is_call {
                (api.GetInstructionCallConv)(self.raw)
            } else {
                (api.GetFunctionCallConv)(self.raw)
            };
            let is_variadic = (api.IsFunctionVarArg)(function) != 0;
            (convention, is_variadic, (api.GetReturnType)(function))
        };
        // Nothing is known of a result that attributes move either.
        let moved = UNKNOWN.iter().any(|n| self.attribute(0, n).is_some());
        Signature {
            parameters: parameters.collect(),
            returned: self.abi_type(returned),
            returns_number: NUMBER.iter().any(|n| self.attribute(0, n).is_some()),
            is_plain: convention == 0 && !is_variadic && !moved,
            has_vectors,
        }
    }

    fn abi_type(self, of: Type) -> abi::Type {
        let api = &self.context.llvm.api;
        let leaf = |leaf| abi::Type::Leaf(leaf);
        // SAFETY: each question is put to a type of the kind that it is for.
        // Kinds are those of `LLVMTypeKind`.
        unsafe {
            match (api.GetTypeKind)(of) {
                0 => abi::Type::Void,
                2 => leaf(Leaf::Float),
                3 => leaf(Leaf::Double),
                8 => Leaf::integer((api.GetIntTypeWidth)(of)).map_or(abi::Type::Unknown, leaf),
                10 => {
                    let parts = 0..(api.CountStructElementTypes)(of);
                    let part = |part| self.abi_type((api.StructGetTypeAtIndex)(of, part));
                    abi::Type::Struct(parts.map(part).collect())
                }
                11 => {
                    let element = self.abi_type((api.GetElementType)(of));
                    abi::Type::Array(Box::new(element), (api.GetArrayLength2)(of))
                }
                12 if (api.GetPointerAddressSpace)(of) == 0 => leaf(Leaf::Pointer),
                13 => {
                    let element = self.abi_type((api.GetElementType)(of));
                    Leaf::vector(&element, (api.GetVectorSize)(of)).map_or(abi::Type::Unknown, leaf)
                }
                _ => abi::Type::Unknown,
            }
        }
    }

    fn describe(self) -> String {
        let api = &self.context.llvm.api;
        // SAFETY: types outlive this; the message is ours to free.
        let print = |of| unsafe { take_message(self.context.llvm, (api.PrintTypeToString)(of)) };
        let parameters = (1..).zip(self.parameters()).map(|(index, of)| {
            let of = print(of);
            match self.passing(index) {
                Passing::Direct => of,
                Passing::Result => format!("{of} sret"),
                Passing::ByValue {
                    bytes,
                    align: Some(align @ 9..),
                } => {
                    format!("{of} byval({bytes}, align {align})")
                }
                Passing::ByValue { bytes, .. } => format!("{of} byval({bytes})"),
                Passing::Unknown => {
                    let names = UNKNOWN
                        .iter()
                        .filter(|n| self.attribute(index, n).is_some());
                    names.fold(of, |of, name| format!("{of} {name}"))
                }
            }
        });
        let mut parameters: Vec<String> = parameters.collect();
        let function = self.function_type();
        // SAFETY: the type is a function's.
        let (is_variadic, returned) = unsafe {
            let is_variadic = (api.IsFunctionVarArg)(function) != 0;
            (is_variadic, (api.GetReturnType)(function))
        };
        if is_variadic {
            parameters.push("...".to_owned());
        }
        format!("{} ({})", print(returned), parameters.join(", "))
    }
}
