//! Calls of helpers, with what DWARF and the comparison say of each.
//!
//! Not here: the table of them (`calls`).

use super::Page;
use crate::prove::{ComparedCall, InlinedCall};
use std::collections::BTreeMap;

/// One call in the source.
pub(super) struct Row<'a> {
    pub helper: &'a str,
    pub caller: &'a str,
    pub location: Option<&'a str>,
    /// Where it is in the packaged file, as often as it is there.
    pub sites: Vec<&'a InlinedCall>,
    /// What the comparison says of it.
    pub compared: Option<&'a ComparedCall>,
    /// The number of its listing, when it has one.
    pub listing: Option<usize>,
}

/// All calls, by helper and place.
pub(super) fn rows<'a>(page: &Page<'a>) -> Vec<Row<'a>> {
    type Key<'a> = (&'a str, &'a str, &'a str);
    // A place has one caller; without a place the caller is all there is.
    let key = |helper: &'a str, location: Option<&'a str>, caller: &'a str| -> Key<'a> {
        match location {
            Some(location) => (helper, location, ""),
            None => (helper, "", caller),
        }
    };
    let mut rows: BTreeMap<Key<'a>, Row<'a>> = BTreeMap::new();
    let begin = |helper: &'a str, location: Option<&'a str>, caller: &'a str| Row {
        helper,
        caller,
        location,
        sites: Vec::new(),
        compared: None,
        listing: None,
    };
    let report = page.report;
    for call in report.sites.iter().flat_map(|sites| &sites.calls) {
        let (helper, caller, location) = (&*call.helper, &*call.caller, call.location.as_deref());
        let row = rows.entry(key(helper, location, caller));
        let row = row.or_insert_with(|| begin(helper, location, caller));
        row.sites.push(call);
    }
    for call in report.comparison.iter().flat_map(|c| &c.calls) {
        let (helper, caller, location) = (&*call.helper, &*call.caller, call.location.as_deref());
        let row = rows.entry(key(helper, location, caller));
        let row = row.or_insert_with(|| begin(helper, location, caller));
        row.compared = row.compared.or(Some(call));
    }
    let listed = page.listings.iter().flat_map(|listings| &listings.calls);
    for (index, listing) in listed.enumerate() {
        let location = listing.location.as_deref();
        if let Some(row) = rows.get_mut(&key(&listing.helper, location, &listing.caller)) {
            row.listing = row.listing.or(Some(index + 1));
        }
    }
    rows.into_values().collect()
}
