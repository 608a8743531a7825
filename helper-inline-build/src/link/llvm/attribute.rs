//! Attributes of functions and call sites.

use super::api;
use super::context::Context;
use super::text::copy_slice;
use super::value::{Function, Instruction};

/// The index that stands for the function itself, not a parameter.
const FUNCTION: u32 = u32::MAX;

/// An attribute's name, of either kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum AttributeKey {
    /// One that LLVM knows, such as `sspstrong`.
    Enum(&'static str),
    /// A string attribute, such as `"target-cpu"`.
    String(String),
}

impl AttributeKey {
    pub(crate) fn name(&self) -> &str {
        match self {
            AttributeKey::Enum(name) => name,
            AttributeKey::String(name) => name,
        }
    }
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum AttributeValue {
    /// Of an enum attribute; 0 for those without one.
    Int(u64),
    /// Of a string attribute; may be empty.
    String(String),
}

impl std::fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AttributeValue::Int(0) => f.write_str("set"),
            AttributeValue::Int(value) => write!(f, "{value}"),
            AttributeValue::String(value) if value.is_empty() => f.write_str("set"),
            AttributeValue::String(value) => f.write_str(value),
        }
    }
}

/// A function's attributes as one value to compare: a context makes each
/// attribute once, so within one context equal lists are equal attributes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AttributeList(Vec<usize>);

impl Function<'_> {
    /// The function's attributes, to be compared with others of this context.
    pub(crate) fn attribute_list(self) -> AttributeList {
        let attributes = self.raw_attributes().into_iter();
        AttributeList(attributes.map(|attribute| attribute.0.addr()).collect())
    }

    /// The value of an attribute, if the function has it.
    pub(crate) fn attribute(self, key: &AttributeKey) -> Option<AttributeValue> {
        match key {
            AttributeKey::Enum(name) => {
                let kind = enum_kind(self.global.context, name);
                (kind != 0)
                    .then(|| self.raw_attributes())?
                    .into_iter()
                    .find_map(|attribute| self.enum_value(attribute, kind))
                    .map(AttributeValue::Int)
            }
            AttributeKey::String(name) => self
                .string_attributes()
                .into_iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| AttributeValue::String(value)),
        }
    }

    /// The string attributes, as name and value.
    pub(crate) fn string_attributes(self) -> Vec<(String, String)> {
        let api = &self.global.context.llvm.api;
        self.raw_attributes()
            .into_iter()
            // SAFETY: the attributes are those of a live function; strings are
            // copied.
            .filter_map(|attribute| unsafe {
                if (api.IsStringAttribute)(attribute) == 0 {
                    return None;
                }
                let mut length = 0;
                let key = (api.GetStringAttributeKind)(attribute, &mut length);
                let key = copy_slice(key, length as usize);
                let value = (api.GetStringAttributeValue)(attribute, &mut length);
                Some((key, copy_slice(value, length as usize)))
            })
            .collect()
    }

    /// Sets an attribute, replacing its old value. Names that this LLVM does not
    /// know are left out: no function of its can have them.
    pub(crate) fn set_attribute(self, key: &AttributeKey, value: &AttributeValue) {
        self.remove_attribute(key);
        let context = self.global.context;
        if let Some(attribute) = make(context, key, value) {
            // SAFETY: function and attribute are of one context.
            unsafe {
                (context.llvm.api.AddAttributeAtIndex)(self.global.raw, FUNCTION, attribute);
            }
        }
    }

    /// Removes an attribute, if it is there.
    pub(crate) fn remove_attribute(self, key: &AttributeKey) {
        let context = self.global.context;
        let api = &context.llvm.api;
        match key {
            AttributeKey::Enum(name) => {
                let kind = enum_kind(context, name);
                if kind != 0 {
                    // SAFETY: the function is alive, the kind is LLVM's.
                    unsafe { (api.RemoveEnumAttributeAtIndex)(self.global.raw, FUNCTION, kind) };
                }
            }
            AttributeKey::String(name) => {
                let length = u32::try_from(name.len()).expect("a short name");
                // SAFETY: the range is valid and only read.
                unsafe {
                    (api.RemoveStringAttributeAtIndex)(
                        self.global.raw,
                        FUNCTION,
                        name.as_ptr().cast(),
                        length,
                    );
                }
            }
        }
    }

    fn enum_value(self, attribute: api::Attribute, kind: u32) -> Option<u64> {
        let api = &self.global.context.llvm.api;
        // SAFETY: the attribute is one of a live function.
        unsafe {
            let matches = (api.IsEnumAttribute)(attribute) != 0
                && (api.GetEnumAttributeKind)(attribute) == kind;
            matches.then(|| (api.GetEnumAttributeValue)(attribute))
        }
    }

    fn raw_attributes(self) -> Vec<api::Attribute> {
        let api = &self.global.context.llvm.api;
        // SAFETY: the vector has room for as many as LLVM says there are.
        unsafe {
            let count = (api.GetAttributeCountAtIndex)(self.global.raw, FUNCTION);
            let mut attributes = vec![api::Attribute::NULL; count as usize];
            if count != 0 {
                (api.GetAttributesAtIndex)(self.global.raw, FUNCTION, attributes.as_mut_ptr());
            }
            attributes
        }
    }
}

impl Instruction<'_> {
    /// The value of a string attribute of this call.
    pub(crate) fn call_attribute(self, name: &str) -> Option<String> {
        let api = &self.context.llvm.api;
        let length = u32::try_from(name.len()).expect("a short name");
        // SAFETY: this is a call (`Function::calls`); the value is copied.
        unsafe {
            let attribute =
                (api.GetCallSiteStringAttribute)(self.raw, FUNCTION, name.as_ptr().cast(), length);
            if attribute.is_null() {
                return None;
            }
            let mut length = 0;
            let value = (api.GetStringAttributeValue)(attribute, &mut length);
            Some(copy_slice(value, length as usize))
        }
    }

    /// Sets an attribute of this call.
    pub(crate) fn set_call_attribute(self, key: &AttributeKey, value: &AttributeValue) {
        if let Some(attribute) = make(self.context, key, value) {
            // SAFETY: this is a call; call and attribute are of one context.
            unsafe { (self.context.llvm.api.AddCallSiteAttribute)(self.raw, FUNCTION, attribute) };
        }
    }

    /// Removes an attribute of this call, if it is there.
    pub(crate) fn remove_call_attribute(self, key: &AttributeKey) {
        let api = &self.context.llvm.api;
        match key {
            AttributeKey::Enum(name) => {
                let kind = enum_kind(self.context, name);
                if kind != 0 {
                    // SAFETY: this is a call, the kind is LLVM's.
                    unsafe { (api.RemoveCallSiteEnumAttribute)(self.raw, FUNCTION, kind) };
                }
            }
            AttributeKey::String(name) => {
                let length = u32::try_from(name.len()).expect("a short name");
                // SAFETY: this is a call; the range is valid and only read.
                unsafe {
                    (api.RemoveCallSiteStringAttribute)(
                        self.raw,
                        FUNCTION,
                        name.as_ptr().cast(),
                        length,
                    );
                }
            }
        }
    }
}

/// Gives one function every attribute that another has of its own.
pub(super) fn copy_all(from: Function<'_>, to: Function<'_>) {
    let context = from.global.context;
    for attribute in from.raw_attributes() {
        // SAFETY: both functions and the attribute are of one context.
        unsafe { (context.llvm.api.AddAttributeAtIndex)(to.global.raw, FUNCTION, attribute) };
    }
}

/// Gives one function the attributes that another of its type has: its own, its result's
/// and its parameters', and its calling convention.
pub(super) fn copy_signature(from: Function<'_>, to: Function<'_>) {
    let api = &from.global.context.llvm.api;
    let parameters = u32::try_from(from.typed().parameters().len()).expect("few parameters");
    copy_all(from, to);
    // SAFETY: both functions are of one context and one type; the vector has room for as
    // many as LLVM says there are.
    unsafe {
        for index in 0..=parameters {
            let count = (api.GetAttributeCountAtIndex)(from.global.raw, index);
            let mut attributes = vec![api::Attribute::NULL; count as usize];
            if count != 0 {
                (api.GetAttributesAtIndex)(from.global.raw, index, attributes.as_mut_ptr());
            }
            for attribute in attributes {
                (api.AddAttributeAtIndex)(to.global.raw, index, attribute);
            }
        }
        let convention = (api.GetFunctionCallConv)(from.global.raw);
        (api.SetFunctionCallConv)(to.global.raw, convention);
    }
}

/// LLVM's number for an enum attribute; 0 when this LLVM has none of that name.
pub(super) fn enum_kind(context: &Context<'_>, name: &str) -> u32 {
    // SAFETY: the range is valid and only read.
    unsafe { (context.llvm.api.GetEnumAttributeKindForName)(name.as_ptr().cast(), name.len()) }
}

fn make(
    context: &Context<'_>,
    key: &AttributeKey,
    value: &AttributeValue,
) -> Option<api::Attribute> {
    let api = &context.llvm.api;
    match (key, value) {
        (AttributeKey::Enum(name), AttributeValue::Int(value)) => {
            let kind = enum_kind(context, name);
            // SAFETY: the context is alive, the kind is LLVM's.
            (kind != 0).then(|| unsafe { (api.CreateEnumAttribute)(context.raw, kind, *value) })
        }
        (AttributeKey::String(name), AttributeValue::String(value)) => {
            let name_length = u32::try_from(name.len()).expect("a short name");
            let value_length = u32::try_from(value.len()).expect("a short value");
            // SAFETY: both ranges are valid and copied.
            Some(unsafe {
                (api.CreateStringAttribute)(
                    context.raw,
                    name.as_ptr().cast(),
                    name_length,
                    value.as_ptr().cast(),
                    value_length,
                )
            })
        }
        _ => unreachable!("an attribute's value is of its key's kind"),
    }
}
