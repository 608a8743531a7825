//! Wrapping what headers define inline: functions, macros, constants become
//! callable without a line of C by the author.
//!
//! libclang reads the unit of headers twice: once for what is there, once more
//! with the wrappers made of it, so that clang itself judges each of them before
//! anything is compiled. Not here: compiling and declaring the wrappers, which are
//! helpers like any other (`compile`, `bindings`).

mod comment;
mod constant;
mod declare;
mod emit;
mod evaluate;
mod external;
mod names;
mod opaque;
mod outcome;
mod own;
mod parse;
mod prototype;
mod refuse;
mod request;
mod scan;
mod select;
#[cfg(test)]
mod tests;
mod typed;

pub(super) use comment::as_markdown;
pub(super) use constant::declarations;
pub(super) use opaque::refused;
pub(super) use outcome::Wrapped;
pub(super) use own::{Helper, Own, STAND_IN, foreign_records, read};
pub(super) use refuse::Refusal;
pub(super) use request::Requests;

use crate::{Error, Result};
use clang::{Entity, Index};
use constant::Candidate;
use emit::{Item, Text};
use names::Names;
use outcome::Refusals;
use request::Pattern;
use scan::Scan;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// libclang's safe interface can be open once in a process.
static LIBCLANG: Mutex<()> = Mutex::new(());

/// The unit to wrap from.
pub(super) struct Context<'a> {
    pub unit: &'a Path,
    /// The file that the unit includes last.
    pub wrappers: &'a Path,
    /// How libclang reads it.
    pub arguments: &'a [String],
    /// Whether it is compiled for a kernel.
    pub kernel: bool,
    pub prefix: &'a str,
    pub tag: &'a str,
    /// The author's own C sources.
    pub sources: &'a [PathBuf],
    /// clang's major version.
    pub clang: u32,
    /// rustc's, for advice.
    pub rustc_llvm: u32,
}

/// Makes the wrappers. `internal` are the author's helpers that have no symbol of
/// their own, each of which gets a wrapper as if a header had it.
pub(super) fn generate(
    requests: &Requests,
    internal: &BTreeSet<String>,
    context: &Context<'_>,
) -> Result<Wrapped> {
    if requests.is_empty() && internal.is_empty() {
        return Ok(Wrapped::default());
    }
    let requests = requests.read()?;
    let names = Names {
        prefix: context.prefix,
        tag: context.tag,
        sources: context.sources,
    };
    let unit = parse::Unit {
        path: context.unit,
        wrappers: context.wrappers,
        arguments: context.arguments,
    };
    let mut refusals = Refusals::default();

    let _alone = LIBCLANG.lock().unwrap_or_else(|broken| broken.into_inner());
    let libclang = clang::Clang::new().map_err(|detail| Error::LibclangNotFound {
        detail,
        rustc_llvm: context.rustc_llvm,
    })?;
    let index = Index::new(&libclang, false, false);

    let mut probes = Text::new();
    let exact = requests.functions.iter().filter_map(Pattern::exact);
    probes.push(&select::alias_probes(exact));
    typed::probes(&requests.prototypes, &names, &mut probes);
    let first = unit.parse(&index, &probes.text)?;
    typed::judge(&requests.prototypes, &unit.errors(&first)?, &probes)?;
    let mut scan = Scan::new(&first);
    let mut aliases = select::aliases(&mut scan);

    let more = select::possible_aliases(&scan, &requests.functions);
    let more = select::alias_probes(more);
    let again = match more.is_empty() {
        true => None,
        false => Some(unit.parse(&index, &more)?),
    };
    if let Some(again) = &again {
        aliases.extend(select::aliases(&mut Scan::new(again)));
    }

    let mut items = Vec::new();
    let (by_name, by_file) = (&requests.functions, &requests.files);
    for chosen in select::functions(&scan, &aliases, by_name, by_file, &names)? {
        match select::wrapper(&chosen, &scan, &names) {
            Ok(item) => items.push(item),
            Err(refusal) => {
                let place = select::describe(chosen.function);
                refusals.add(&chosen.name, chosen.by_pattern, &place, refusal)?;
            }
        }
    }
    for (name, function) in &scan.inlines {
        if !internal.contains(name) || items.iter().any(|item| item.of == *name) {
            continue;
        }
        match select::of_helper(name, *function, &scan, &names) {
            Ok(item) => items.push(item),
            Err(refusal) => refusals.add(name, true, &select::describe(*function), refusal)?,
        }
    }
    for prototype in &requests.prototypes {
        items.push(typed::wrapper(prototype, &scan, &names)?);
    }
    let mut candidates = evaluate::candidates(&requests.constants, &scan)?;
    // What a pattern happens to match and is asked for otherwise is no constant.
    candidates.retain(|c| !c.by_pattern || !items.iter().any(|item| item.name == c.name));
    one_of_each_name(&items, &candidates, &scan, internal, &names)?;

    let mut text = Text::new();
    for (number, item) in items.iter().enumerate() {
        text.push_of(number, &emit::function(item));
    }
    for (number, candidate) in candidates.iter().enumerate() {
        text.push_of(items.len() + number, &candidate.probe());
        // Nobody's: it is wrong for most.
        text.push(&candidate.text_probe());
    }
    let second = unit.parse(&index, &text.text)?;
    let mut said: BTreeMap<usize, String> = BTreeMap::new();
    for (line, words) in unit.errors(&second)? {
        if let Some(owner) = text.owner(line) {
            said.entry(owner).or_insert(words);
        }
    }
    let scan = Scan::new(&second);

    let said_of = |number| said.get(&number);
    let functions = items.len();
    let constants = evaluate::constants(
        &requests.constants,
        &candidates,
        &scan,
        &mut refusals,
        |number| said_of(functions + number),
    )?;
    let mut roots = Vec::new();
    let mut kept = Vec::new();
    for (number, mut item) in items.into_iter().enumerate() {
        match judge(&item, said_of(number), &scan, context.clang) {
            Ok(function) => {
                item.records = refuse::records(function);
                roots.push(function);
                kept.push(item);
            }
            Err(refusal) => refusals.add(&item.name, item.by_pattern, &item.place, refusal)?,
        }
    }
    // The kernel is its own library.
    let asked = kept.iter().filter(|_| !context.kernel);
    let asked: Vec<&str> = asked.map(|item| item.of.as_str()).collect();
    let external = external::reached(&roots, &asked);
    Ok(Wrapped {
        items: kept,
        external,
        constants,
        refusals,
    })
}

/// A wrapper as clang parsed it, when it can stand.
fn judge<'tu>(
    item: &Item,
    said: Option<&String>,
    scan: &Scan<'tu>,
    clang: u32,
) -> Result<Entity<'tu>, Refusal> {
    let function = scan.functions.get(&item.symbol);
    if let Some(function) = function {
        // The reason behind what clang says, where it is known.
        refuse::check(*function, clang)?;
    }
    match (said, function) {
        (Some(words), _) => Err(Refusal::clang(words, item.mend)),
        (None, Some(function)) => Ok(*function),
        (None, None) => Err(Refusal::clang("no function came of it", item.mend)),
    }
}

/// Refuses two things of one Rust name.
fn one_of_each_name(
    items: &[Item],
    candidates: &[Candidate],
    scan: &Scan<'_>,
    internal: &BTreeSet<String>,
    names: &Names<'_>,
) -> Result<()> {
    let mut taken: BTreeMap<&str, String> = BTreeMap::new();
    let defined = scan.functions.iter().chain(&scan.inlines);
    for (symbol, function) in defined {
        if let Some(name) = symbol.strip_prefix(names.prefix) {
            if !names.is_wrapper(symbol) && !internal.contains(symbol) {
                let place = select::describe(*function);
                taken.insert(name, format!("the helper `{symbol}` at {place}"));
            }
        }
    }
    let items = items.iter().map(|item| (&item.name, &item.of));
    let all = items.chain(candidates.iter().map(|c| (&c.name, &c.name)));
    for (name, of) in all {
        if let Some(other) = taken.insert(name, format!("the wrapper of `{of}`")) {
            return Err(Error::CannotWrap {
                name: name.clone(),
                reason: format!("{other} has the same name in Rust"),
                mend: "rename or drop one; `Helpers::wrap_expression` gives a wrapper any name"
                    .into(),
            });
        }
    }
    Ok(())
}
