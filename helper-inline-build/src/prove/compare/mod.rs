//! A module and its out-of-line twin, read from two objects with debug sections and set
//! beside each other.
//!
//! Not here: linking them (`dist::compare`), or how it looks (`html`).

mod calls;
mod disassembly;
mod frames;
mod listing;
mod source;
mod twin;

use super::comparison::{ComparedCall, ComparisonReport, FunctionChange};
use super::listing::Listings;
use crate::{Error, Result, files};
use calls::{Marks, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use twin::{Function, Twin};

/// Two twins.
pub(crate) struct Request<'a> {
    /// llvm-objdump.
    pub objdump: &'a Path,
    /// The out-of-line twin.
    pub before: &'a Path,
    /// The inlined one.
    pub after: &'a Path,
    /// What was packaged, which is to have the inlined one's code.
    pub product: &'a Path,
    /// The helpers' C symbols.
    pub helpers: BTreeSet<&'a str>,
    /// Their C names where these are another's than their symbols, with the symbols: line
    /// tables know no other.
    pub c_names: BTreeMap<&'a str, &'a str>,
}

/// What came of it.
pub(crate) struct Comparison {
    /// The numbers.
    pub report: ComparisonReport,
    /// The assembly.
    pub listings: Listings,
}

/// Compares.
///
/// # Errors
/// When an object or its DWARF cannot be read, or llvm-objdump is not there.
pub(crate) fn compare(request: &Request<'_>) -> Result<Comparison> {
    let mut before = Twin::read(request.objdump, request.before)?;
    let mut after = Twin::read(request.objdump, request.after)?;
    for twin in [&mut before, &mut after] {
        twin.name_frames(&request.c_names);
    }
    let calls = calls::find(&before, &after, &request.helpers);
    let report = ComparisonReport {
        same_code: after.code == code_of(request.product)?,
        text_bytes_before: before.text_bytes,
        text_bytes_after: after.text_bytes,
        functions: changes(&before, &after, &request.helpers),
        calls: calls
            .iter()
            .map(|(site, marks)| compared(site, marks, &after))
            .collect(),
    };
    Ok(Comparison {
        report,
        listings: listing::all(&before, &after, &calls, &request.helpers),
    })
}

fn code_of(product: &Path) -> Result<Vec<twin::Code>> {
    let data = files::read(product)?;
    let file = object::File::parse(data.as_slice());
    let code = file.and_then(|file| twin::code(&file));
    code.map_err(|error| Error::Malformed {
        path: product.to_owned(),
        expected: "object file",
        detail: error.to_string(),
    })
}

fn compared(site: &Site, marks: &Marks, after: &Twin) -> ComparedCall {
    let bytes = |(function, instructions): (&usize, &Vec<usize>)| -> u64 {
        let all = &after.functions[*function].instructions;
        instructions.iter().map(|&i| all[i].bytes).sum()
    };
    let symbols = marks
        .inlined
        .keys()
        .map(|&f| after.functions[f].symbol.clone());
    ComparedCall {
        helper: site.helper.clone(),
        caller: site.caller.clone(),
        location: site.place.as_ref().map(ToString::to_string),
        called: marks.called.len() as u64,
        left: marks.left,
        inlined_into: symbols.collect::<BTreeSet<_>>().into_iter().collect(),
        bytes: marks.inlined.iter().map(bytes).sum(),
    }
}

/// Every function of either twin, the largest first.
fn changes(before: &Twin, after: &Twin, helpers: &BTreeSet<&str>) -> Vec<FunctionChange> {
    let mut changes: BTreeMap<&str, FunctionChange> = BTreeMap::new();
    let begin = |function: &Function| FunctionChange {
        symbol: function.symbol.clone(),
        name: function.name.clone(),
        before: None,
        after: None,
        helper_bytes: 0,
    };
    for function in &before.functions {
        let change = changes.entry(&function.symbol);
        let change = change.or_insert_with(|| begin(function));
        *change.before.get_or_insert(0) += function.bytes;
    }
    for function in &after.functions {
        let change = changes.entry(&function.symbol);
        let change = change.or_insert_with(|| begin(function));
        *change.after.get_or_insert(0) += function.bytes;
        let of_helper = function.instructions.iter().filter(|instruction| {
            let mut frames = instruction.frames.iter();
            frames.any(|frame| helpers.contains(frame.function.as_str()))
        });
        change.helper_bytes += of_helper.map(|instruction| instruction.bytes).sum::<u64>();
    }
    let mut changes: Vec<FunctionChange> = changes.into_values().collect();
    let size = |change: &FunctionChange| change.before.max(change.after);
    changes.sort_by(|a, b| (size(b), &a.symbol).cmp(&(size(a), &b.symbol)));
    changes
}
