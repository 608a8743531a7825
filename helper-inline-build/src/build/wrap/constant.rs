//! Values of macros, enumerators and variables, as clang evaluates them.
//!
//! Not here: constants that bindgen finds by itself.

use super::comment;
use super::refuse::Refusal;
use crate::build::chars;
use clang::{Entity, EntityKind, EvaluationResult, Type, TypeKind};

/// A constant for Rust.
#[derive(Debug, Clone)]
pub(in crate::build) struct Constant {
    pub name: String,
    comment: Option<String>,
    ty: &'static str,
    value: String,
}

/// A constant to evaluate.
pub(super) struct Candidate {
    pub name: String,
    pub comment: Option<String>,
    pub by_pattern: bool,
    pub place: String,
}

impl Candidate {
    /// The name of the variable that holds its value.
    pub(super) fn variable(&self) -> String {
        format!("helper_inline_constant_{}", self.name)
    }

    /// The name of a pointer to it, if it is a string.
    pub(super) fn pointer(&self) -> String {
        format!("helper_inline_text_{}", self.name)
    }

    /// C that is right for strings only: libclang before 17 evaluates no array.
    pub(super) fn text_probe(&self) -> String {
        let (name, pointer) = (&self.name, self.pointer());
        format!("static const char *const {pointer} = {name};\n")
    }

    /// C that has clang evaluate it.
    pub(super) fn probe(&self) -> String {
        let (name, variable) = (&self.name, self.variable());
        format!("static const __typeof__({name}) {variable} = {name};\n")
    }

    /// Its value, from the variable, or else from the pointer.
    pub(super) fn evaluate(
        &self,
        variable: Entity<'_>,
        pointer: Option<&Entity<'_>>,
    ) -> Result<Constant, Refusal> {
        let ty = variable
            .get_type()
            .ok_or_else(|| no_constant("has no type"))?;
        let value = variable.evaluate().or_else(|| pointer?.evaluate());
        let written = variable.get_children().pop();
        // The variable's own type is a `typeof`; its value's is as it is written.
        let written = written.and_then(value_type);
        let (ty, value) = value_of(ty, written, value)?;
        Ok(Constant {
            name: self.name.clone(),
            comment: self.comment.clone(),
            ty,
            value,
        })
    }
}

impl Constant {
    pub(super) fn rust(&self) -> String {
        let mut text = String::new();
        for line in self.comment.iter().flat_map(|c| comment::words(c)) {
            text += &format!(
                "#[doc = {:?}]\n",
                format!(" {}", comment::as_markdown(&line))
            );
        }
        let Constant {
            name, ty, value, ..
        } = self;
        text + &format!("pub const {name}: {ty} = {value};\n")
    }
}

/// The declarations that bindgen's text does not already have.
pub(in crate::build) fn declarations(constants: &[Constant], bindings: &str) -> String {
    let is_there = |name: &str| {
        ["const", "static"].iter().any(|word| {
            bindings.contains(&format!("pub {word} {name}:"))
                || bindings.contains(&format!("pub {word} {name} :"))
        })
    };
    let missing = constants
        .iter()
        .filter(|constant| !is_there(&constant.name));
    missing.map(Constant::rust).collect()
}

/// The spelling of an expression's type. Only newer clang calls that of `sizeof`
/// by its name.
fn value_type(expression: Entity<'_>) -> Option<String> {
    let mut inner = expression;
    while let (EntityKind::ParenExpr | EntityKind::UnexposedExpr, [only]) =
        (inner.get_kind(), inner.get_children().as_slice())
    {
        inner = *only;
    }
    match inner.get_kind() {
        EntityKind::UnaryExpr => Some("size_t".into()),
        _ => Some(expression.get_type()?.get_display_name()),
    }
}

fn value_of(
    ty: Type<'_>,
    written: Option<String>,
    value: Option<EvaluationResult>,
) -> Result<(&'static str, String), Refusal> {
    let canonical = ty.get_canonical_type();
    let spelled = canonical.get_display_name();
    match (canonical.get_kind(), value) {
        (TypeKind::Float, Some(EvaluationResult::Float(value))) => {
            #[allow(clippy::cast_possible_truncation)] // It was one.
            let value = value as f32;
            Ok((
                "f32",
                float(
                    value.is_finite(),
                    value.is_nan(),
                    value > 0.0,
                    "f32",
                    &value,
                ),
            ))
        }
        (TypeKind::Double, Some(EvaluationResult::Float(value))) => Ok((
            "f64",
            float(
                value.is_finite(),
                value.is_nan(),
                value > 0.0,
                "f64",
                &value,
            ),
        )),
        (TypeKind::ConstantArray, Some(EvaluationResult::String(text))) => {
            let length = canonical.get_size().unwrap_or_default();
            let size = canonical.get_sizeof().unwrap_or_default();
            if size != length || text.as_bytes().len() + 1 != length {
                return Err(no_constant(
                    "is a string with a zero byte, or of wide characters",
                ));
            }
            let bytes = text.as_bytes_with_nul().escape_ascii();
            // Not C's literals, which Rust has since its edition 2021.
            let value = format!(
                "match ::core::ffi::CStr::from_bytes_with_nul(b\"{bytes}\") {{\n    \
                 Ok(text) => text,\n    Err(_) => panic!(),\n}}"
            );
            Ok(("&::core::ffi::CStr", value))
        }
        (kind, Some(value)) => {
            let value = match value {
                EvaluationResult::SignedInteger(value) => i128::from(value),
                EvaluationResult::UnsignedInteger(value) => i128::from(value),
                _ => return Err(unsuited(&spelled)),
            };
            let enumeration = canonical.get_declaration();
            let kind = match kind {
                TypeKind::Enum => enumeration
                    .and_then(|e| e.get_enum_underlying_type())
                    .map_or(kind, |ty| ty.get_canonical_type().get_kind()),
                kind => kind,
            };
            let written = written
                .as_deref()
                .map(|text| text.trim_start_matches("const "));
            if kind == TypeKind::Bool {
                return Ok(("bool", (value != 0).to_string()));
            }
            match integer(written, kind) {
                Some(ty) => Ok((ty, value.to_string())),
                None => Err(unsuited(&spelled)),
            }
        }
        (TypeKind::Pointer | TypeKind::Record, None) => Err(unsuited(&spelled)),
        (_, None) => Err(no_constant("has no value that the compiler knows")),
    }
}

/// The Rust type of a C integer type, of the sizes that bindgen gives them too.
fn integer(written: Option<&str>, kind: TypeKind) -> Option<&'static str> {
    match written {
        Some("size_t" | "__size_t") => return Some("usize"),
        Some("ssize_t") => return Some("isize"),
        _ => {}
    }
    Some(match kind {
        TypeKind::CharS => chars::rust_type(false),
        TypeKind::CharU => chars::rust_type(true),
        TypeKind::SChar => "::core::ffi::c_schar",
        TypeKind::UChar => "::core::ffi::c_uchar",
        TypeKind::Short => "::core::ffi::c_short",
        TypeKind::UShort => "::core::ffi::c_ushort",
        TypeKind::Int => "::core::ffi::c_int",
        TypeKind::UInt => "::core::ffi::c_uint",
        TypeKind::Long => "::core::ffi::c_long",
        TypeKind::ULong => "::core::ffi::c_ulong",
        TypeKind::LongLong => "::core::ffi::c_longlong",
        TypeKind::ULongLong => "::core::ffi::c_ulonglong",
        _ => return None,
    })
}

fn float(
    is_finite: bool,
    is_nan: bool,
    is_positive: bool,
    ty: &str,
    value: &dyn std::fmt::Debug,
) -> String {
    let name = if is_nan {
        "NAN"
    } else if is_positive {
        "INFINITY"
    } else {
        "NEG_INFINITY"
    };
    if is_finite {
        format!("{value:?}")
    } else {
        format!("{ty}::{name}")
    }
}

/// Something that is no constant, because it …
pub(super) fn no_constant(what: &str) -> Refusal {
    Refusal {
        reason: format!("it {what}"),
        mend: "if it is an expression, wrap it by `Helpers::wrap_macro` with a prototype of no parameters".into(),
    }
}

fn unsuited(spelled: &str) -> Refusal {
    no_constant(&format!(
        "has the type `{spelled}`, which no Rust constant has"
    ))
}
