//! Wrappers of macros and expressions, whose types the author gave.
//!
//! Not here: reading the prototype's text (`prototype`).

use super::comment;
use super::declare::{self, parameter};
use super::emit::{Item, Text};
use super::names::Names;
use super::prototype::Prototype;
use super::refuse::Refusal;
use super::scan::Scan;
use super::select::describe;
use crate::{Error, Result};
use clang::Entity;

/// Declares each prototype by the wrapper's own name, so that a macro of the name
/// is not expanded in it.
pub(super) fn probes(prototypes: &[Prototype], names: &Names<'_>, text: &mut Text) {
    for (number, prototype) in prototypes.iter().enumerate() {
        let declared = prototype.named(&names.symbol(&prototype.name));
        text.push_of(number, &format!("{declared};\n"));
    }
}

/// Refuses prototypes that are no C.
pub(super) fn judge(prototypes: &[Prototype], errors: &[(u32, String)], text: &Text) -> Result<()> {
    for (line, words) in errors {
        if let Some(number) = text.owner(*line) {
            let Prototype { method, name, .. } = &prototypes[number];
            return Err(cannot(
                name,
                format!("clang says of the prototype given to `Helpers::{method}`: {words}"),
                "mend the prototype, or name the header that declares its types",
            ));
        }
    }
    Ok(())
}

/// The wrapper of a prototype.
pub(super) fn wrapper(prototype: &Prototype, scan: &Scan<'_>, names: &Names<'_>) -> Result<Item> {
    let name = &prototype.name;
    let definition = match prototype.expression {
        Some(_) => None,
        None => Some(definition(name, scan)?),
    };
    let symbol = names.symbol(name);
    let function = *scan.functions.get(&symbol).ok_or_else(|| {
        let reason = "its prototype declares no function for other units";
        cannot(
            name,
            reason.into(),
            "write it without `static`, `inline` and `typedef`",
        )
    })?;
    if function.is_variadic() {
        return Err(refused(name, Refusal::variadic()));
    }
    let result = function.get_type().and_then(|ty| ty.get_result_type());
    let result = result.ok_or_else(|| refused(name, Refusal::nameless()))?;
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    for argument in function.get_arguments().unwrap_or_default() {
        let own = argument.get_name().filter(|name| !name.is_empty());
        let own = own.ok_or_else(|| {
            let reason = "a parameter of its prototype has no name".into();
            cannot(name, reason, "name each parameter")
        })?;
        let ty = argument
            .get_type()
            .ok_or_else(|| refused(name, Refusal::nameless()))?;
        parameters.push(parameter(ty, &own).map_err(|why| refused(name, why))?);
        arguments.push(own);
    }
    let declaration = declare::prototype(result, &symbol, &parameters);
    let evaluated = match (&prototype.expression, definition) {
        (Some(expression), _) => expression.clone(),
        (None, Some(definition)) if definition.is_function_like_macro() => {
            format!("{name}({})", arguments.join(", "))
        }
        (None, _) => name.clone(),
    };
    let own_comment = prototype.comment.clone();
    Ok(Item {
        name: name.clone(),
        of: match &prototype.expression {
            Some(expression) => expression.clone(),
            None => name.clone(),
        },
        comment: own_comment.or_else(|| definition.and_then(comment::of_macro)),
        declaration: declaration.map_err(|why| refused(name, why))?,
        body: declare::statement(result, &evaluated),
        by_pattern: false,
        place: definition.map_or_else(|| "the prototype".into(), describe),
        records: Vec::new(),
        mend: match &prototype.expression {
            Some(_) => "mend the prototype or the expression",
            None => "mend the prototype, or wrap it by `Helpers::wrap_expression`",
        },
        symbol,
    })
}

/// A macro's definition.
fn definition<'tu>(name: &str, scan: &Scan<'tu>) -> Result<Entity<'tu>> {
    if let Some(definition) = scan.macros.get(name) {
        return Ok(*definition);
    }
    if scan.inlines.contains_key(name) {
        return Err(cannot(
            name,
            "it is an inline function and no macro".into(),
            &format!("call `Helpers::wrap_function({name:?})`"),
        ));
    }
    if scan.functions.contains_key(name) {
        return Err(cannot(
            name,
            "it is an ordinary function and no macro".into(),
            &format!("declare it by `Helpers::bindgen(|b| b.allowlist_function({name:?}))`"),
        ));
    }
    Err(Error::NothingToWrap {
        request: format!("Helpers::wrap_macro(\"… {name}(…)\")"),
        what: "no macro of the headers".into(),
    })
}

fn refused(name: &str, refusal: Refusal) -> Error {
    cannot(name, refusal.reason, &refusal.mend)
}

fn cannot(name: &str, reason: String, mend: &str) -> Error {
    Error::CannotWrap {
        name: name.to_owned(),
        reason,
        mend: mend.to_owned(),
    }
}
