//! Which instructions of two twins are of which call in the source.
//!
//! A call is known by its helper, its caller and its place. Out of line it is an
//! instruction that a linker puts the helper into; inlined, it is what DWARF says is the
//! helper's, called from there. Not here: how it is shown (`listing`).

use super::frames::{Frame, Place};
use super::twin::Twin;
use std::collections::{BTreeMap, BTreeSet};

/// A call in the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub helper: String,
    pub caller: String,
    pub place: Option<Place>,
}

/// Where a call is in the two twins.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Out of line: the function and instruction of each call.
    pub called: Vec<(usize, usize)>,
    /// Inlined: how many calls are left.
    pub left: u64,
    /// Inlined: the helper's instructions, by function.
    pub inlined: BTreeMap<usize, Vec<usize>>,
}

pub(super) type Calls = BTreeMap<Site, Marks>;

/// Finds every call that one of them has.
pub(super) fn find(before: &Twin, after: &Twin, helpers: &BTreeSet<&str>) -> Calls {
    let mut calls = Calls::new();
    for (place, site) in called(before, helpers) {
        calls.entry(site).or_default().called.push(place);
    }
    for (_, site) in called(after, helpers) {
        calls.entry(site).or_default().left += 1;
    }
    for (f, function) in after.functions.iter().enumerate() {
        for (i, instruction) in function.instructions.iter().enumerate() {
            for site in inlined(&instruction.frames, helpers) {
                let marks = calls.entry(site).or_default();
                marks.inlined.entry(f).or_default().push(i);
            }
        }
    }
    calls
}

/// Each call of a helper that a twin has.
fn called<'a>(
    twin: &'a Twin,
    helpers: &'a BTreeSet<&str>,
) -> impl Iterator<Item = ((usize, usize), Site)> + 'a {
    let functions = twin.functions.iter().enumerate();
    functions.flat_map(move |(f, function)| {
        let instructions = function.instructions.iter().enumerate();
        instructions.filter_map(move |(i, instruction)| {
            let helper = instruction
                .target
                .as_ref()
                .filter(|_| instruction.is_call)?;
            helpers.contains(helper.as_str()).then_some(())?;
            let frame = instruction.frames.first();
            let site = Site {
                helper: helper.clone(),
                caller: frame.map_or(&function.name, |f| &f.function).clone(),
                place: frame.and_then(|frame| frame.place.clone()),
            };
            Some(((f, i), site))
        })
    })
}

/// The calls that an instruction is of: more than one where helpers call helpers.
fn inlined<'a>(
    frames: &'a [Frame],
    helpers: &'a BTreeSet<&str>,
) -> impl Iterator<Item = Site> + 'a {
    let pairs = frames.windows(2);
    let of_helper = pairs.filter(|pair| helpers.contains(pair[0].function.as_str()));
    of_helper.map(|pair| Site {
        helper: pair[0].function.clone(),
        caller: pair[1].function.clone(),
        place: pair[1].place.clone(),
    })
}
