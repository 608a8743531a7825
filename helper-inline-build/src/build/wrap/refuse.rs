//! What cannot be wrapped or declared, and why: above all types that bindgen declares
//! with another ABI than C's when they are passed by value, and functions that are
//! called otherwise than C's are.
//!
//! Not here: names that are not there at all (`select`).

use clang::{CallingConvention, Entity, Type, TypeKind};

/// Why something is not wrapped or declared, and what serves instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::build) struct Refusal {
    pub reason: String,
    pub mend: String,
}

/// The first clang whose `__int128` on the stack is Rust's.
const INT128_CLANG: u32 = 18;

const BY_POINTER: &str = "pass a pointer to the value, or a type that Rust has: in a helper, or \
                          by `Helpers::wrap_expression`";

impl Refusal {
    fn new(reason: impl Into<String>, mend: impl Into<String>) -> Refusal {
        Refusal {
            reason: reason.into(),
            mend: mend.into(),
        }
    }

    pub(super) fn variadic() -> Refusal {
        Refusal::new(
            "it is variadic, and C cannot hand on arguments that it does not know",
            "wrap each way to call it by `Helpers::wrap_expression`",
        )
    }

    pub(super) fn variable_array() -> Refusal {
        Refusal::new(
            "it takes an array whose element's size is known at run time only",
            "wrap it by `Helpers::wrap_expression` with a pointer to the first element",
        )
    }

    pub(super) fn nameless() -> Refusal {
        Refusal::new(
            "it takes or returns a type that has no name",
            "wrap what you need of it by `Helpers::wrap_expression`, or name the type in the header",
        )
    }

    pub(super) fn unspelled(spelled: &str) -> Refusal {
        Refusal::new(
            format!("its type `{spelled}` cannot be written in a declaration"),
            "wrap it by `Helpers::wrap_expression` with a type that can",
        )
    }

    pub(super) fn clang(words: &str, mend: &str) -> Refusal {
        Refusal::new(format!("clang says of the wrapper: {words}"), mend)
    }

    fn by_value(spelled: &str, holds: Option<&str>) -> Refusal {
        let holds = holds.map_or(String::new(), |what| format!(", which holds `{what}`"));
        Refusal::new(
            format!(
                "it passes or returns `{spelled}` by value{holds}: Rust passes that otherwise than C"
            ),
            BY_POINTER,
        )
    }

    pub(super) fn overloaded() -> Refusal {
        Refusal::new(
            "it is overloaded, and a helper has one type",
            "give each its own name, without `__attribute__((overloadable))`",
        )
    }

    fn convention(spelled: &str, is_pointer: bool) -> Refusal {
        let what = match is_pointer {
            false => "its calling convention is",
            true => "it passes or returns a pointer to a function whose calling convention is",
        };
        Refusal::new(
            format!("{what} not C's (`{spelled}`), and Rust has none like it"),
            match is_pointer {
                false => "leave out the attribute, or call it by a helper that has none",
                true => "pass it as `void *`, or call it in C",
            },
        )
    }

    fn va_list() -> Refusal {
        Refusal::new(
            "it takes a `va_list`, which Rust cannot make",
            "wrap its variadic form by `Helpers::wrap_expression`",
        )
    }
}

/// Checks the signature of a wrapper as it is declared to Rust.
pub(super) fn check(function: Entity<'_>, clang: u32) -> Result<(), Refusal> {
    match function.get_type() {
        Some(ty) => {
            convention(ty, false)?;
            signature(ty, clang)
        }
        None => Ok(()),
    }
}

/// Checks the calling convention of a function type. Those are left that bindgen has a
/// word for on the architectures that are served: C's, and Windows' on x86_64.
fn convention(function: Type<'_>, is_pointer: bool) -> Result<(), Refusal> {
    match function.get_canonical_type().get_calling_convention() {
        Some(CallingConvention::Cdecl | CallingConvention::Win64) => Ok(()),
        // Those that the interface does not name, newer ones among them.
        _ => Err(Refusal::convention(
            &function.get_display_name(),
            is_pointer,
        )),
    }
}

/// The structures and unions that a wrapper passes or returns by value, by the names
/// that bindgen gives them.
pub(super) fn records(function: Entity<'_>) -> Vec<String> {
    let Some(ty) = function.get_type() else {
        return Vec::new();
    };
    let arguments = ty.get_argument_types().unwrap_or_default();
    let all = ty.get_result_type().into_iter().chain(arguments);
    let canonical = all.map(|ty| ty.get_canonical_type());
    let records = canonical.filter(|ty| ty.get_kind() == TypeKind::Record);
    let names = records.map(|ty| ty.get_display_name());
    names
        .filter_map(|name| Some(name.rsplit(' ').next()?.to_owned()))
        .collect()
}

/// Whether a record holds a pointer to a function that is not called as C's are.
pub(super) fn calls_otherwise(record: Type<'_>) -> bool {
    let fields = record.get_fields().unwrap_or_default();
    fields
        .iter()
        .filter_map(|field| field.get_type())
        .any(|ty| {
            let mut ty = ty.get_canonical_type();
            while let Some(inner) = ty.get_pointee_type().or_else(|| ty.get_element_type()) {
                // What is behind a pointer to a record is another's.
                if inner.get_canonical_type().get_kind() == TypeKind::Record
                    && ty.get_kind() == TypeKind::Pointer
                {
                    return false;
                }
                ty = inner.get_canonical_type();
            }
            match ty.get_kind() {
                TypeKind::Record => calls_otherwise(ty),
                TypeKind::FunctionPrototype | TypeKind::FunctionNoPrototype => {
                    convention(ty, true).is_err()
                }
                _ => false,
            }
        })
}

fn signature(function: Type<'_>, clang: u32) -> Result<(), Refusal> {
    let arguments = function.get_argument_types().unwrap_or_default();
    for ty in function.get_result_type().into_iter().chain(arguments) {
        passed(ty, clang)?;
    }
    Ok(())
}

/// Checks a type that is passed by value.
fn passed(ty: Type<'_>, clang: u32) -> Result<(), Refusal> {
    let spelled = ty.get_display_name();
    let canonical = ty.get_canonical_type();
    if canonical.get_display_name().contains("__va_list") {
        return Err(Refusal::va_list());
    }
    match canonical.get_kind() {
        TypeKind::Pointer => behind(canonical, clang),
        TypeKind::ConstantArray | TypeKind::IncompleteArray | TypeKind::VariableArray => {
            behind(canonical, clang)
        }
        TypeKind::Record => record(canonical, &spelled, clang),
        kind if is_foreign(kind) || is_old_int128(kind, clang) => {
            Err(Refusal::by_value(&spelled, None))
        }
        _ => Ok(()),
    }
}

/// Checks functions that a pointer leads to: callbacks pass by value too.
fn behind(ty: Type<'_>, clang: u32) -> Result<(), Refusal> {
    let mut ty = ty;
    while let Some(inner) = ty.get_pointee_type().or_else(|| ty.get_element_type()) {
        ty = inner.get_canonical_type();
    }
    match ty.get_kind() {
        TypeKind::FunctionPrototype | TypeKind::FunctionNoPrototype => {
            convention(ty, true)?;
            signature(ty, clang)
        }
        _ => Ok(()),
    }
}

/// Types that bindgen stands in for by others, passed in other registers.
fn is_foreign(kind: TypeKind) -> bool {
    matches!(
        kind,
        TypeKind::LongDouble
            | TypeKind::Float128
            | TypeKind::Half
            | TypeKind::Float16
            | TypeKind::Complex
            | TypeKind::Vector
            | TypeKind::ExtVector
            | TypeKind::BlockPointer
            // `_Atomic`, `__bf16`, `_BitInt(N)` and whatever comes.
            | TypeKind::Unexposed
    )
}

fn is_old_int128(kind: TypeKind, clang: u32) -> bool {
    clang < INT128_CLANG && matches!(kind, TypeKind::Int128 | TypeKind::UInt128)
}

/// What a record passed by value has in it.
#[derive(Default)]
struct Content {
    foreign: Option<String>,
    float: bool,
    unnamed_bits: bool,
    flexible: bool,
    misplaced: bool,
}

fn record(ty: Type<'_>, spelled: &str, clang: u32) -> Result<(), Refusal> {
    let mut content = Content::default();
    fields(ty, clang, &mut content);
    if let Some(what) = &content.foreign {
        return Err(Refusal::by_value(spelled, Some(what)));
    }
    let reason = if content.flexible {
        "a flexible array"
    } else if content.unnamed_bits && content.float {
        "a float beside an unnamed bit-field"
    } else if content.misplaced && ty.get_alignof().is_ok_and(|align| align > 1) {
        "packed fields and an alignment besides"
    } else if ty.get_alignof().is_ok_and(|align| align > 16) {
        "an alignment of more than 16 bytes"
    } else {
        return Ok(());
    };
    Err(Refusal::new(
        format!(
            "it passes or returns `{spelled}` by value, which has {reason}: Rust may pass that otherwise than C"
        ),
        BY_POINTER,
    ))
}

fn fields(record: Type<'_>, clang: u32, content: &mut Content) {
    // Those of nameless inner records are fields of such a type here.
    for field in record.get_fields().unwrap_or_default() {
        if field.is_bit_field() && field.get_name().is_none_or(|name| name.is_empty()) {
            content.unnamed_bits = true;
        }
        let Some(ty) = field.get_type() else { continue };
        let mut held = ty.get_canonical_type();
        let place = field.get_offset_of_field();
        if let (false, Ok(bit), Ok(align)) = (field.is_bit_field(), place, ty.get_alignof()) {
            content.misplaced |= bit % (8 * align.max(1)) != 0;
        }
        content.flexible |= match held.get_kind() {
            TypeKind::IncompleteArray => true,
            TypeKind::ConstantArray => held.get_size() == Some(0),
            _ => false,
        };
        while let (TypeKind::ConstantArray, Some(element)) =
            (held.get_kind(), held.get_element_type())
        {
            held = element.get_canonical_type();
        }
        match held.get_kind() {
            TypeKind::Record => fields(held, clang, content),
            TypeKind::Float | TypeKind::Double => content.float = true,
            kind if is_foreign(kind) || is_old_int128(kind, clang) => {
                content.foreign.get_or_insert(ty.get_display_name());
            }
            _ => {}
        }
    }
}
