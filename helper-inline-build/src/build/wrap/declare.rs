//! Spelling a declaration in C from libclang's types, typedef names kept.
//!
//! Not here: whether a type can cross into Rust (`refuse`).

use super::refuse::Refusal;
use clang::{Type, TypeKind};

/// The declaration of `name` with a type: `int (*name)(const char *)`.
pub(super) fn declare(ty: Type<'_>, name: &str) -> Result<String, Refusal> {
    match ty.get_kind() {
        TypeKind::Pointer => {
            let Some(pointee) = ty.get_pointee_type() else {
                return leaf(ty, name);
            };
            let pointer = format!("*{}{name}", qualifiers(ty));
            if binds_tighter(pointee) {
                declare(pointee, &format!("({pointer})"))
            } else {
                declare(pointee, &pointer)
            }
        }
        TypeKind::ConstantArray => match (ty.get_element_type(), ty.get_size()) {
            (Some(element), Some(size)) => declare(element, &format!("{name}[{size}]")),
            _ => leaf(ty, name),
        },
        TypeKind::IncompleteArray => match ty.get_element_type() {
            Some(element) => declare(element, &format!("{name}[]")),
            None => leaf(ty, name),
        },
        TypeKind::VariableArray => Err(Refusal::variable_array()),
        TypeKind::FunctionPrototype | TypeKind::FunctionNoPrototype => function(ty, name),
        TypeKind::Attributed => match ty.get_modified_type() {
            Some(modified) => declare(modified, name),
            None => leaf(ty, name),
        },
        // Parentheses, `typeof`, and kinds that libclang does not name.
        TypeKind::Unexposed => {
            let canonical = ty.get_canonical_type();
            if ty.get_result_type().is_some() {
                function(ty, name)
            } else if canonical.get_kind() == TypeKind::Unexposed {
                leaf(ty, name)
            } else {
                declare(canonical, name)
            }
        }
        _ => leaf(ty, name),
    }
}

/// The declaration of a function, its parameters as [`parameter`] spells them.
pub(super) fn prototype(
    result: Type<'_>,
    symbol: &str,
    parameters: &[String],
) -> Result<String, Refusal> {
    let list = match parameters {
        [] => "void".to_owned(),
        some => some.join(", "),
    };
    declare(result, &format!("{symbol}({list})"))
}

/// The statement by which a function with this result gives back an expression.
pub(super) fn statement(result: Type<'_>, expression: &str) -> String {
    match result.get_canonical_type().get_kind() {
        TypeKind::Void => format!("{expression};"),
        _ => format!("return {expression};"),
    }
}

/// The declaration of a parameter, which has a function's or array's type only in
/// writing.
pub(super) fn parameter(ty: Type<'_>, name: &str) -> Result<String, Refusal> {
    match ty.get_kind() {
        TypeKind::FunctionPrototype | TypeKind::FunctionNoPrototype => {
            function(ty, &format!("(*{name})"))
        }
        // Its length is that of another parameter; all it passes is a pointer.
        TypeKind::VariableArray => match ty.get_element_type() {
            Some(element) if !binds_tighter(element) => declare(element, &format!("*{name}")),
            Some(element) => declare(element, &format!("(*{name})")),
            None => leaf(ty, name),
        },
        _ => declare(ty, name),
    }
}

fn function(ty: Type<'_>, name: &str) -> Result<String, Refusal> {
    let Some(result) = ty.get_result_type() else {
        return leaf(ty, name);
    };
    let without = ty.get_canonical_type().get_kind() == TypeKind::FunctionNoPrototype;
    let mut parameters = Vec::new();
    for argument in ty.get_argument_types().unwrap_or_default() {
        parameters.push(parameter(argument, "")?);
    }
    if ty.is_variadic() && !without {
        parameters.push("...".to_owned());
    }
    if parameters.is_empty() && !without {
        parameters.push("void".to_owned());
    }
    let list = parameters.join(", ");
    declare(result, &format!("{name}({list})"))
}

/// A type that is spelled by its name, qualifiers first.
fn leaf(ty: Type<'_>, name: &str) -> Result<String, Refusal> {
    let spelled = ty.get_display_name();
    let nameless = ["(unnamed", "(anonymous"]
        .iter()
        .any(|s| spelled.contains(s));
    if nameless {
        return Err(Refusal::nameless());
    }
    let known =
        spelled.starts_with("__attribute__((__vector_size__") || spelled.contains("_Atomic(");
    if spelled.is_empty() || (spelled.contains('(') && !known) {
        return Err(Refusal::unspelled(&spelled));
    }
    let blank = if name.is_empty() { "" } else { " " };
    Ok(format!("{spelled}{blank}{name}"))
}

/// Whether a declarator of this type stands behind the name, and so binds before
/// the asterisk of a pointer to it.
fn binds_tighter(ty: Type<'_>) -> bool {
    match ty.get_kind() {
        TypeKind::ConstantArray
        | TypeKind::IncompleteArray
        | TypeKind::VariableArray
        | TypeKind::FunctionPrototype
        | TypeKind::FunctionNoPrototype => true,
        TypeKind::Attributed => ty.get_modified_type().is_some_and(binds_tighter),
        TypeKind::Unexposed => {
            let canonical = ty.get_canonical_type();
            canonical.get_kind() != TypeKind::Unexposed && binds_tighter(canonical)
        }
        _ => false,
    }
}

fn qualifiers(ty: Type<'_>) -> String {
    let mut text = String::new();
    for (holds, word) in [
        (ty.is_const_qualified(), "const "),
        (ty.is_volatile_qualified(), "volatile "),
        // As every C dialect of clang's spells it.
        (ty.is_restrict_qualified(), "__restrict "),
    ] {
        if holds {
            text += word;
        }
    }
    text
}
