//! Code by the crate that its function is of.
//!
//! Not here: drawing it (`picture`).

use super::Page;
use std::collections::{BTreeMap, BTreeSet};

/// The functions that are of one crate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub name: String,
    /// Those of the code as it is, the largest first.
    pub functions: Vec<Measured>,
    /// Their sizes together.
    pub bytes: u64,
    /// How much of it is helpers' code, inlined.
    pub helper_bytes: u64,
    /// Size out of line, when there is a comparison.
    pub before: Option<u64>,
}

/// A function with its size.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub name: String,
    pub bytes: u64,
    pub helper_bytes: u64,
}

/// The helpers that are functions of their own.
pub(super) const HELPERS: &str = "helpers, out of line";
/// What no name tells the crate of.
const EXPORTED: &str = "by C names";

/// Every crate, the largest first, and the helpers at the end.
pub(super) fn groups(page: &Page<'_>) -> Vec<Group> {
    let report = page.report;
    let helpers: BTreeSet<String> = report.helpers.iter().map(|h| h.label()).collect();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut add = |name: &str, before: Option<u64>, after: Option<u64>, helper| {
        let of = match helpers.contains(name) {
            true => HELPERS.to_owned(),
            false => crate_of(name),
        };
        let group = groups.entry(of).or_insert_with_key(|name| Group {
            name: name.clone(),
            functions: Vec::new(),
            bytes: 0,
            helper_bytes: 0,
            before: None,
        });
        if let Some(bytes) = after {
            group.bytes += bytes;
            group.helper_bytes += helper;
            group.functions.push(Measured {
                name: name.to_owned(),
                bytes,
                helper_bytes: helper,
            });
        }
        if let Some(bytes) = before {
            *group.before.get_or_insert(0) += bytes;
        }
    };
    match &report.comparison {
        Some(comparison) => {
            for f in &comparison.functions {
                add(&f.name, f.before, f.after, f.helper_bytes);
            }
        }
        None => {
            for f in &report.object.functions {
                add(&f.name, None, Some(f.bytes), 0);
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        let by_size = |f: &Measured| (std::cmp::Reverse(f.bytes), f.name.clone());
        group.functions.sort_by_key(by_size);
    }
    let size = |group: &Group| group.bytes.max(group.before.unwrap_or(0));
    groups.sort_by_key(|g| {
        (
            g.name == HELPERS,
            std::cmp::Reverse(size(g)),
            g.name.clone(),
        )
    });
    groups
}

/// The crate of a demangled name: of `<a::B as c::D>::e` it is `a`.
fn crate_of(name: &str) -> String {
    let begin = name.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let begin = begin.strip_prefix("mut ").unwrap_or(begin);
    let Some((krate, _)) = begin.split_once("::") else {
        return EXPORTED.to_owned();
    };
    // A type that is in no crate has its trait's: `<u32 as core::fmt::Display>::fmt`.
    let krate = krate.rsplit_once(" as ").map_or(krate, |(_, of)| of);
    match krate.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => krate.to_owned(),
        false => EXPORTED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_told_by_names() {
        let names = [
            "a::b",
            "<a::B as c::D>::e",
            "<&mut a::B as c::D>::e",
            "<u32 as core::fmt::Display>::fmt",
            "init_module",
        ];
        assert_eq!(names.map(crate_of), ["a", "a", "a", "core", EXPORTED]);
    }
}
