//! Reading an object's symbols and relocations, and holding the link engine's
//! account against them.
//!
//! A disassembly would be a poor witness: a call through a table has no name in
//! it. Not here: why a call stayed.

use super::report::FunctionReport;
use crate::link::job::{Cause, HelperOutcome, RemainingCall};
use crate::{Error, Result, files};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget,
    SectionKind, SymbolKind,
};
use rustc_demangle::demangle;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What an object says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectFacts {
    /// Size of all code, in bytes.
    pub text_bytes: u64,
    /// Symbols that it needs from elsewhere, sorted.
    pub undefined: Vec<String>,
    /// Helpers that it defines.
    pub helpers: BTreeSet<String>,
    /// Calls of helpers, by relocation.
    pub helper_calls: BTreeMap<String, u64>,
    /// Its functions, the largest first.
    pub functions: Vec<FunctionReport>,
}

/// Reads an object's code size, undefined symbols and everything about helpers, of which
/// these are the symbols.
///
/// # Errors
/// When it cannot be read or is no object.
///
/// ```no_run
/// use helper_inline_build::prove::read_object;
/// use std::path::Path;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let helpers = ["rust_helper_read".to_owned()].into();
/// let facts = read_object(Path::new("hello.o"), &helpers)?;
/// println!("{} bytes of code", facts.text_bytes);
/// # Ok(())
/// # }
/// ```
pub fn read_object(path: &Path, helpers: &BTreeSet<String>) -> Result<ObjectFacts> {
    let malformed = |e: object::Error| Error::Malformed {
        path: path.to_owned(),
        expected: "object file",
        detail: e.to_string(),
    };
    let data = files::read(path)?;
    let file = object::File::parse(data.as_slice()).map_err(malformed)?;

    let mut undefined = BTreeSet::new();
    let mut defined = BTreeSet::new();
    // Helpers have a section each, so a relocation against the section is one
    // against its helper.
    let mut by_section = HashMap::new();
    let mut by_symbol = HashMap::new();
    let mut functions = Vec::new();
    for symbol in file.symbols() {
        let name = symbol.name().map_err(malformed)?;
        if symbol.is_undefined() && !name.is_empty() {
            undefined.insert(name.to_owned());
        }
        if symbol.kind() == SymbolKind::Text && symbol.size() > 0 {
            functions.push(FunctionReport {
                symbol: name.to_owned(),
                name: format!("{:#}", demangle(name)),
                bytes: symbol.size(),
            });
        }
        if !helpers.contains(name) || symbol.kind() == SymbolKind::Data {
            continue;
        }
        by_symbol.insert(symbol.index(), name.to_owned());
        if !symbol.is_undefined() {
            defined.insert(name.to_owned());
            let section = symbol.section_index();
            let own = section.filter(|index| {
                let section = file.section_by_index(*index);
                // A section that C names can hold other functions too.
                section.is_ok_and(|s| s.name() == Ok(&format!(".text.{name}")))
            });
            by_section.extend(own.map(|section| (section, name.to_owned())));
        }
    }

    functions.sort_by(|a, b| (b.bytes, &a.symbol).cmp(&(a.bytes, &b.symbol)));

    let mut helper_calls = BTreeMap::new();
    let mut text_bytes = 0;
    for section in file.sections() {
        if section.kind() != SectionKind::Text {
            continue;
        }
        text_bytes += section.size();
        for (_, relocation) in section.relocations() {
            let RelocationTarget::Symbol(index) = relocation.target() else {
                continue;
            };
            if !is_call(relocation.flags()) {
                continue;
            }
            let symbol = file.symbol_by_index(index).map_err(malformed)?;
            let helper = by_symbol
                .get(&index)
                .or_else(|| by_section.get(&symbol.section_index()?));
            if let Some(name) = helper {
                *helper_calls.entry(name.clone()).or_default() += 1;
            }
        }
    }
    Ok(ObjectFacts {
        text_bytes,
        undefined: undefined.into_iter().collect(),
        helpers: defined,
        helper_calls,
        functions,
    })
}

/// Whether a relocation is that of a call or jump.
pub(super) fn is_call(flags: RelocationFlags) -> bool {
    use object::elf::{R_AARCH64_CALL26, R_AARCH64_JUMP26, R_X86_64_PLT32};
    matches!(
        flags,
        RelocationFlags::Elf {
            r_type: R_X86_64_PLT32 | R_AARCH64_CALL26 | R_AARCH64_JUMP26
        }
    )
}

/// Where the bodies of helpers are that are still called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bodies {
    /// In the object.
    Own,
    /// In an archive, which the object needs.
    Archive,
}

/// Holds an object against the link engine's account of every helper.
///
/// # Errors
/// [`Error::ProofContradicted`], with the statement that does not hold.
pub fn check(facts: &ObjectFacts, helpers: &[HelperOutcome]) -> Result<()> {
    check_with(facts, helpers, Bodies::Own)
}

/// Holds an object against the account of every helper, whose bodies are as said: a whole
/// module's has them itself, a code-generation unit's of a cargo build needs an archive.
///
/// # Errors
/// [`Error::ProofContradicted`], with the statement that does not hold.
pub fn check_with(facts: &ObjectFacts, helpers: &[HelperOutcome], bodies: Bodies) -> Result<()> {
    let contradiction = |detail: String| Err(Error::ProofContradicted { detail });
    let needed = |name: &String| facts.undefined.binary_search(name).is_ok();
    for helper in helpers {
        let name = &helper.name;
        let (is_there, has, lacks) = match bodies {
            Bodies::Own => (facts.helpers.contains(name), "defines", "lacks"),
            Bodies::Archive => (needed(name), "needs", "does not need"),
        };
        let calls = facts.helper_calls.get(name).copied().unwrap_or(0);
        let (below, own): (Vec<&RemainingCall>, Vec<&RemainingCall>) = helper
            .remaining
            .iter()
            .partition(|call| call.callee.is_some());
        let stayed = own
            .iter()
            .filter(|call| call.cause != Cause::AddressTaken)
            .count();
        if own.is_empty() && is_there {
            return contradiction(format!(
                "`{name}` counts as inlined, yet the object {has} it"
            ));
        }
        if !own.is_empty() && !is_there {
            return contradiction(format!(
                "`{name}` counts as called, yet the object {lacks} it"
            ));
        }
        // Code layout may merge or repeat a call, never make or end one.
        if (stayed == 0) != (calls == 0) {
            return contradiction(format!(
                "`{name}` has {stayed} calls in the bitcode and {calls} in the object"
            ));
        }
        let mut below = below.iter().filter_map(|call| call.callee.as_ref());
        if let Some(callee) = below.find(|callee| !facts.helper_calls.contains_key(*callee)) {
            return contradiction(format!(
                "`{callee}`, which `{name}` stands for, counts as called, yet the object has no \
                 call of it"
            ));
        }
    }
    let accounted: BTreeSet<&str> = helpers.iter().map(|h| h.name.as_str()).collect();
    let is_known = |n: &&String| accounted.contains(n.as_str());
    let (misplaced, words) = match bodies {
        Bodies::Own => (facts.undefined.iter().find(is_known), "still needs"),
        Bodies::Archive => (facts.helpers.iter().find(is_known), "also defines"),
    };
    if let Some(name) = misplaced {
        return contradiction(format!("the object {words} `{name}`, which is elsewhere"));
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use super::*;

    fn facts(helpers: &[(&str, u64)]) -> ObjectFacts {
        ObjectFacts {
            text_bytes: 0,
            undefined: vec!["memcpy".into()],
            functions: vec![],
            helpers: helpers.iter().map(|(n, _)| (*n).to_owned()).collect(),
            helper_calls: helpers
                .iter()
                .filter(|(_, calls)| *calls > 0)
                .map(|(n, calls)| ((*n).to_owned(), *calls))
                .collect(),
        }
    }

    fn outcome(name: &str, remaining: usize) -> HelperOutcome {
        let call = RemainingCall {
            caller: "f".into(),
            location: None,
            cause: Cause::Noinline,
            attribute: None,
            callee: None,
        };
        HelperOutcome {
            name: name.into(),
            call_sites: 2,
            inlined: 2 - remaining as u64,
            remaining: vec![call; remaining],
            exempt: false,
        }
    }

    #[test]
    fn agreement_passes() {
        check(
            &facts(&[("h_b", 1)]),
            &[outcome("h_a", 0), outcome("h_b", 1)],
        )
        .unwrap();
    }

    #[test]
    fn each_contradiction_is_told() {
        for (facts, helpers, word) in [
            (
                facts(&[("h_a", 0)]),
                vec![outcome("h_a", 0)],
                "yet the object defines",
            ),
            (facts(&[]), vec![outcome("h_a", 1)], "yet the object lacks"),
            (
                facts(&[("h_a", 0)]),
                vec![outcome("h_a", 1)],
                "1 calls in the bitcode and 0",
            ),
            (
                ObjectFacts {
                    undefined: vec!["h_a".into()],
                    ..facts(&[])
                },
                vec![outcome("h_a", 0)],
                "still needs `h_a`",
            ),
        ] {
            let error = check(&facts, &helpers).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
