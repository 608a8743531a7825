//! Each helper: what became of it and what it takes.
//!
//! Not here: its calls, one by one (`calls`).

use super::Page;
use super::call_rows::rows;
use super::words::{count, short, some};
use crate::prove::{HelperReport, HelperState};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let report = page.report;
    let sizes = Sizes::of(page);
    let listed: BTreeSet<&str> = rows(page).iter().map(|row| row.helper).collect();
    let rank = |helper: &HelperReport| match helper.state {
        HelperState::Outlined => 0,
        HelperState::Exempt => 1,
        HelperState::Inlined | HelperState::Unused => 2,
    };
    let mut used: Vec<&HelperReport> = report.helpers.iter().collect();
    used.retain(|helper| helper.state != HelperState::Unused);
    used.sort_by(|a, b| {
        let key = |h: &HelperReport| (rank(h), std::cmp::Reverse(h.call_sites), h.label());
        key(a).cmp(&key(b))
    });
    let unused = report.helpers.iter();
    let unused: Vec<_> = unused.filter(|h| h.state == HelperState::Unused).collect();
    html! {
        p.tools hidden {
            label { "Only helpers with " input type="search" data-filters="helper-table"; " in their row" }
            " " output aria-live="polite" {}
        }
        div.scroll.tall[used.len() > 20] tabindex="0" role="region" aria-label="Helpers" {
            table.sortable id="helper-table" {
                caption { (some(used.len() as u64, "helper", "helpers")) " in use" }
                thead {
                    tr {
                        th scope="col" { "Helper" }
                        th scope="col" { "State" }
                        th.n scope="col" { "Calls" }
                        th.n scope="col" { "Inlined" }
                        th.n scope="col" { "Stayed" }
                        @if sizes.is_some() {
                            th.n scope="col" { "Out of line, bytes" }
                            th.n scope="col" { "Inlined, bytes in all" }
                        }
                    }
                }
                tbody { @for helper in used { (row(helper, &listed, sizes.as_ref())) } }
            }
        }
        @if !unused.is_empty() {
            details {
                summary { (some(unused.len() as u64, "helper", "helpers")) " that nothing calls" }
                p.names { @for helper in unused { code { (short(&helper.label())) } " " } }
            }
        }
    }
}

fn row(helper: &HelperReport, listed: &BTreeSet<&str>, sizes: Option<&Sizes<'_>>) -> Markup {
    let (class, state) = match helper.state {
        HelperState::Inlined => ("inlined", "inlined"),
        HelperState::Outlined => ("outlined", "stayed"),
        HelperState::Exempt => ("exempt", "may stay"),
        HelperState::Unused => ("unused", "unused"),
    };
    let stayed = helper.call_sites.saturating_sub(helper.inlined);
    let label = helper.label();
    html! {
        tr {
            th scope="row" {
                @if listed.contains(label.as_str()) {
                    a href={ "#of-" (label) } { code { (short(&helper.label())) } }
                } @else {
                    code { (short(&helper.label())) }
                }
            }
            td { span.state.(class) { (state) } }
            td.n { (count(helper.call_sites)) }
            td.n { (count(helper.inlined)) }
            td.n { (count(stayed)) }
            @if let Some(sizes) = sizes {
                td.n { (sizes.own.get(label.as_str()).map_or_else(|| "–".into(), |n| count(*n))) }
                td.n { (sizes.inlined.get(label.as_str()).map_or_else(|| "–".into(), |n| count(*n))) }
            }
        }
    }
}

/// What a comparison says of helpers' sizes.
struct Sizes<'a> {
    own: BTreeMap<&'a str, u64>,
    inlined: BTreeMap<&'a str, u64>,
}

impl<'a> Sizes<'a> {
    fn of(page: &Page<'a>) -> Option<Sizes<'a>> {
        let comparison = page.report.comparison.as_ref()?;
        let functions = comparison.functions.iter();
        let mut inlined = BTreeMap::new();
        for call in &comparison.calls {
            *inlined.entry(call.helper.as_str()).or_default() += call.bytes;
        }
        Some(Sizes {
            own: functions
                .filter_map(|f| Some((f.name.as_str(), f.before?)))
                .collect(),
            inlined,
        })
    }
}
