//! Which constants of the headers are asked for, and judging them.
//!
//! Not here: their values in Rust (`constant`).

use super::comment;
use super::constant::{Candidate, Constant, no_constant};
use super::outcome::Refusals;
use super::request::Pattern;
use super::scan::{Scan, place};
use super::select::describe;
use crate::{Error, Result};
use clang::{Entity, EntityKind};
use std::collections::BTreeMap;

/// What the patterns match, each once, in the order of names.
pub(super) fn candidates(patterns: &[Pattern], scan: &Scan<'_>) -> Result<Vec<Candidate>> {
    let mut all: BTreeMap<&str, Entity<'_>> = BTreeMap::new();
    for found in [&scan.variables, &scan.enumerators, &scan.macros] {
        all.extend(found.iter().map(|(name, entity)| (name.as_str(), *entity)));
    }
    let mut found = BTreeMap::new();
    for pattern in patterns {
        if let Some(name) = pattern.exact() {
            let entity = all.get(name).ok_or_else(|| unknown(pattern, name, scan))?;
            if entity.is_function_like_macro() {
                return Err(Error::CannotWrap {
                    name: name.to_owned(),
                    reason: "it is a macro with parameters and no constant".into(),
                    mend: format!("give its C prototype: `Helpers::wrap_macro(\"… {name}(…)\")`"),
                });
            }
            if !has_value(*entity) {
                return Err(Error::CannotWrap {
                    name: name.to_owned(),
                    reason: "it is a macro, but no expression".into(),
                    mend: "wrap what you need of it by `Helpers::wrap_expression`".into(),
                });
            }
            found.insert(name.to_owned(), candidate(name, *entity, false));
            continue;
        }
        let mut any = false;
        for (name, entity) in &all {
            // Without a place it is the compiler's own.
            if pattern.matches(name) && place(*entity).is_some() && has_value(*entity) {
                any = true;
                found
                    .entry((*name).to_owned())
                    .or_insert_with(|| candidate(name, *entity, true));
            }
        }
        if !any {
            return Err(pattern.unmatched("no constant of the headers"));
        }
    }
    Ok(found.into_values().collect())
}

/// Whether it can have a value: an include guard has none, nor has a macro with
/// parameters, or one that is half an expression or statements.
pub(super) fn has_value(entity: Entity<'_>) -> bool {
    if entity.get_kind() != EntityKind::MacroDefinition {
        return true;
    }
    let tokens = entity.get_range().map(|range| range.tokenize());
    let words = tokens.unwrap_or_default().into_iter().skip(1);
    let words: Vec<String> = words.map(|token| token.get_spelling()).collect();
    !entity.is_function_like_macro() && is_whole(&words)
}

/// Whether a macro's words can be one expression: every bracket is closed, and no
/// statement stands outside of them.
fn is_whole(words: &[String]) -> bool {
    let mut open = Vec::new();
    for word in words {
        match word.as_str() {
            "(" | "[" => open.push(word.as_str()),
            "{" if !open.is_empty() => open.push("{"),
            "{" | "#" | "##" => return false,
            ";" if open.is_empty() => return false,
            ")" | "]" | "}" => {
                let opening = open.pop();
                if !matches!(
                    (opening, word.as_str()),
                    (Some("("), ")") | (Some("["), "]") | (Some("{"), "}")
                ) {
                    return false;
                }
            }
            _ => {}
        }
    }
    open.is_empty() && !words.is_empty()
}

fn candidate(name: &str, entity: Entity<'_>, by_pattern: bool) -> Candidate {
    Candidate {
        name: name.to_owned(),
        comment: match entity.get_kind() {
            EntityKind::MacroDefinition => comment::of_macro(entity),
            _ => entity.get_comment(),
        },
        by_pattern,
        place: describe(entity),
    }
}

fn unknown(pattern: &Pattern, name: &str, scan: &Scan<'_>) -> Error {
    if scan.inlines.contains_key(name) || scan.functions.contains_key(name) {
        return Error::CannotWrap {
            name: name.to_owned(),
            reason: "it is a function and no constant".into(),
            mend: format!("call `Helpers::wrap_function({name:?})`"),
        };
    }
    pattern.unmatched("no constant of the headers")
}

/// The constants among the candidates; `said` is what clang says of each.
pub(super) fn constants<'s>(
    patterns: &[Pattern],
    candidates: &[Candidate],
    scan: &Scan<'_>,
    refusals: &mut Refusals,
    said: impl Fn(usize) -> Option<&'s String>,
) -> Result<Vec<Constant>> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        let Candidate {
            name,
            place,
            by_pattern,
            ..
        } = candidate;
        match (said(number), scan.variables.get(&candidate.variable())) {
            // Macros stand for types, attributes, functions too: no constants.
            (Some(words), _) if *by_pattern => {
                refusals.note(name, no_constant(&format!("is no constant: {words}")));
                continue;
            }
            (Some(words), _) => {
                let refusal = no_constant(&format!("has no constant value: {words}"));
                refusals.add(name, *by_pattern, place, refusal)?;
            }
            (None, Some(variable)) => {
                match candidate.evaluate(*variable, scan.variables.get(&candidate.pointer())) {
                    Ok(constant) => found.push(constant),
                    Err(refusal) => refusals.add(name, *by_pattern, place, refusal)?,
                }
            }
            (None, None) => refusals.add(name, *by_pattern, place, no_constant("is no value"))?,
        }
        known.push(name);
    }
    for pattern in patterns {
        if !known.iter().any(|name| pattern.matches(name)) {
            return Err(pattern.unmatched("no constant of the headers"));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_expression_is_none() {
        let whole = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            is_whole(&words)
        };
        for text in ["1", "( u64 ) 1 << 3", "( { int a = 1 ; a ; } )", "a [ 1 ]"] {
            assert!(whole(text), "{text}");
        }
        for text in ["( 1 +", "1 )", "( 1 ]", "do { } while ( 0 )", "a ;", "} {"] {
            assert!(!whole(text), "{text}");
        }
        assert!(!is_whole(&[]));
    }
}
