//! Which functions of the headers are asked for.
//!
//! Not here: whether they can be wrapped.

use super::comment;
use super::declare::{parameter, prototype, statement};
use super::emit::Item;
use super::evaluate;
use super::names::Names;
use super::refuse::Refusal;
use super::request::Pattern;
use super::scan::{Scan, place};
use crate::{Error, Result};
use clang::{Entity, EntityKind, EntityVisitResult};
use std::collections::BTreeMap;
use std::path::Path;

/// A function that is asked for.
pub(super) struct Chosen<'tu> {
    pub function: Entity<'tu>,
    /// The name that is called, and the Rust name.
    pub name: String,
    /// Whether a pattern matched it, and it was not asked for by its name.
    pub by_pattern: bool,
}

/// The functions of all patterns, each once, in the order of names.
pub(super) fn functions<'tu>(
    scan: &Scan<'tu>,
    aliases: &BTreeMap<String, Entity<'tu>>,
    by_name: &[Pattern],
    by_file: &[Pattern],
    names: &Names<'_>,
) -> Result<Vec<Chosen<'tu>>> {
    let mut chosen = BTreeMap::new();
    for (number, pattern) in by_name.iter().chain(by_file).enumerate() {
        let is_file = number >= by_name.len();
        if let (false, Some(name)) = (is_file, pattern.exact()) {
            let function = scan.inlines.get(name).or_else(|| aliases.get(name));
            let function = *function.ok_or_else(|| not_inline(scan, name))?;
            let one = Chosen {
                function,
                name: name.to_owned(),
                by_pattern: false,
            };
            chosen.insert(name.to_owned(), one);
            continue;
        }
        let mut any = false;
        let aliases = aliases.iter().filter(|_| !is_file);
        for (name, function) in scan.inlines.iter().chain(aliases) {
            let matches = match is_file {
                true => is_of_file(*function, pattern),
                false => pattern.matches(name),
            };
            if !matches || names.is_own(name, *function) {
                continue;
            }
            any = true;
            chosen.entry(name.clone()).or_insert_with(|| Chosen {
                function: *function,
                name: name.clone(),
                by_pattern: true,
            });
        }
        if !any {
            return Err(pattern.unmatched(match is_file {
                true => "no file of the headers that defines an inline function",
                false => "no inline function of the headers",
            }));
        }
    }
    Ok(chosen.into_values().collect())
}

/// C that names each of these, so that clang expands macros which stand for
/// functions: xxhash's `XXH64` is its `XXH_INLINE_XXH64`.
pub(super) fn alias_probes<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("static void {ALIAS}{name}(void) {{ (void)({name}); }}\n"))
        .collect()
}

/// Macros without parameters that a pattern matches: some may stand for functions.
pub(super) fn possible_aliases<'a>(
    scan: &'a Scan<'_>,
    patterns: &'a [Pattern],
) -> impl Iterator<Item = &'a str> {
    let patterns = patterns.iter().filter(|pattern| pattern.exact().is_none());
    scan.macros
        .iter()
        .filter(move |(name, definition)| {
            let matches = patterns.clone().any(|pattern| pattern.matches(name));
            matches && !scan.inlines.contains_key(*name) && evaluate::has_value(**definition)
        })
        .map(|(name, _)| name.as_str())
}

const ALIAS: &str = "helper_inline_alias_";

/// Takes the probes out again: the inline functions that names stand for.
pub(super) fn aliases<'tu>(scan: &mut Scan<'tu>) -> BTreeMap<String, Entity<'tu>> {
    let mut aliases = BTreeMap::new();
    let inlines = std::mem::take(&mut scan.inlines);
    let (probes, inlines): (BTreeMap<_, _>, BTreeMap<_, _>) = inlines
        .into_iter()
        .partition(|(name, _)| name.starts_with(ALIAS));
    for (name, probe) in probes {
        probe.visit_children(|entity, _| {
            let function = match entity.get_kind() {
                EntityKind::DeclRefExpr => entity.get_reference().and_then(|f| f.get_name()),
                _ => None,
            };
            match function.and_then(|function| inlines.get(&function)) {
                Some(function) => {
                    aliases.insert(name[ALIAS.len()..].to_owned(), *function);
                    EntityVisitResult::Break
                }
                None => EntityVisitResult::Recurse,
            }
        });
    }
    scan.inlines = inlines;
    aliases
}

fn is_of_file(function: Entity<'_>, pattern: &Pattern) -> bool {
    let Some((path, _)) = place(function) else {
        return false;
    };
    let text = |path: &Path| pattern.matches(&path.to_string_lossy());
    text(&path) || path.canonicalize().is_ok_and(|path| text(&path))
}

/// The error for a name that is no inline function's.
fn not_inline(scan: &Scan<'_>, name: &str) -> Error {
    let (reason, mend) = if scan.functions.contains_key(name) {
        (
            "it is an ordinary function, which is linked from its library".to_owned(),
            format!("declare it by `Helpers::bindgen(|b| b.allowlist_function({name:?}))`"),
        )
    } else if let Some(definition) = scan.macros.get(name) {
        let parameters = match definition.is_function_like_macro() {
            true => "…",
            false => "void",
        };
        (
            "it is a macro".to_owned(),
            format!("give its C prototype: `Helpers::wrap_macro(\"… {name}({parameters})\")`"),
        )
    } else {
        return Error::NothingToWrap {
            request: format!("Helpers::wrap_function({name:?})"),
            what: "no inline function of the headers".into(),
        };
    };
    Error::CannotWrap {
        name: name.to_owned(),
        reason,
        mend,
    }
}

/// The wrapper of a function.
pub(super) fn wrapper(
    chosen: &Chosen<'_>,
    scan: &Scan<'_>,
    names: &Names<'_>,
) -> Result<Item, Refusal> {
    let Chosen { function, name, .. } = chosen;
    let ty = function.get_type().ok_or_else(Refusal::nameless)?;
    if function.is_variadic() {
        return Err(Refusal::variadic());
    }
    let result = ty.get_result_type().ok_or_else(Refusal::nameless)?;
    let symbol = names.symbol(name);
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    for (number, argument) in (0..).zip(function.get_arguments().unwrap_or_default()) {
        let mut own = match argument.get_name() {
            Some(name) if !name.is_empty() => name,
            _ => format!("arg{number}"),
        };
        // In the wrapper a macro, or the function itself, would be meant.
        while own == *name || scan.macros.contains_key(&own) {
            own.push('_');
        }
        let ty = argument.get_type().ok_or_else(Refusal::nameless)?;
        parameters.push(parameter(ty, &own)?);
        arguments.push(own);
    }
    let declaration = prototype(result, &symbol, &parameters)?;
    let noreturn = match never_returns(*function) {
        true => "__attribute__((noreturn)) ",
        false => "",
    };
    // In parentheses no macro of the same name is meant.
    let callee = match scan.macros.get(name) {
        Some(definition) if definition.is_function_like_macro() => format!("({name})"),
        _ => name.clone(),
    };
    Ok(Item {
        name: name.clone(),
        of: function.get_name().unwrap_or_else(|| name.clone()),
        comment: comment::of_function(*function),
        declaration: format!("{noreturn}{declaration}"),
        body: statement(result, &format!("{callee}({})", arguments.join(", "))),
        by_pattern: chosen.by_pattern,
        place: describe(*function),
        records: Vec::new(),
        mend: "wrap it by `Helpers::wrap_expression`, or write the helper in C",
        symbol,
    })
}

/// The wrapper of a helper that has no symbol for other units.
pub(super) fn of_helper(
    name: &str,
    function: Entity<'_>,
    scan: &Scan<'_>,
    names: &Names<'_>,
) -> Result<Item, Refusal> {
    let chosen = Chosen {
        function,
        name: name.to_owned(),
        by_pattern: true,
    };
    let item = wrapper(&chosen, scan, names)?;
    let bare = name.strip_prefix(names.prefix).unwrap_or(name);
    let symbol = names.symbol(bare);
    Ok(Item {
        name: bare.to_owned(),
        declaration: item.declaration.replacen(&item.symbol, &symbol, 1),
        mend: "leave out `static` and `inline`: Rust inlines it without",
        symbol,
        ..item
    })
}

/// `file:line` of an entity.
pub(super) fn describe(entity: Entity<'_>) -> String {
    match place(entity) {
        Some((path, line)) => format!("{}:{line}", path.display()),
        None => "the headers".to_owned(),
    }
}

/// Whether it is declared so, by attribute or by C11's word.
fn never_returns(function: Entity<'_>) -> bool {
    let by_type = |f: Entity<'_>| {
        f.get_type()
            .is_some_and(|ty| ty.get_display_name().contains("noreturn"))
    };
    let by_word = |f: Entity<'_>| {
        let tokens = f
            .get_range()
            .map(|range| range.tokenize())
            .unwrap_or_default();
        let mut words = tokens.iter().map(|token| token.get_spelling());
        words
            .by_ref()
            .take_while(|word| word != "(" && word != "{")
            .any(|word| word == "_Noreturn" || word == "noreturn")
    };
    [function, function.get_canonical_entity()]
        .into_iter()
        .any(|f| by_type(f) || by_word(f))
}
