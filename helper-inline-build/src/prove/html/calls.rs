//! Each call site: what became of it, and where it is in the code now.
//!
//! Not here: its assembly (`listing`).

use super::call_rows::{Row, rows};
use super::words::{count, short, some};
use super::{Page, absent};
use crate::prove::{CodeRange, InlinedCall, Parameter, Place, SiteTotals};
use maud::{Markup, html};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let report = page.report;
    let rows = rows(page);
    html! {
        @if let Some(sites) = &report.sites {
            (totals(&sites.totals))
        } @else {
            (absent("Where each inlined call is in the packaged file, and where its parameters are, is not known here:", "--debug"))
        }
        @if report.comparison.is_none() {
            (absent("The assembly of each call, out of line and inlined, is not here:", "--compare"))
        }
        @if !rows.is_empty() { (table(page, &rows)) }
    }
}

fn totals(totals: &SiteTotals) -> Markup {
    let all = totals.fully + totals.partly + totals.not;
    html! {
        p {
            (some(all, "inlined call", "inlined calls")) " in the packaged file. A tracer can recover at the entry: every parameter of "
            b { (count(totals.fully)) } ", some of " b { (count(totals.partly)) } ", none of " b { (count(totals.not)) } "."
        }
    }
}

fn table(page: &Page<'_>, rows: &[Row<'_>]) -> Markup {
    let has_sites = page.report.sites.is_some();
    let has_comparison = page.report.comparison.is_some();
    let mut last = "";
    html! {
        p.tools hidden {
            label { "Only calls with " input type="search" data-filters="call-table"; " in their row" }
            " " output aria-live="polite" {}
        }
        div.scroll.tall[rows.len() > 12] tabindex="0" role="region" aria-label="Call sites" {
            table.sortable id="call-table" {
                caption {
                    (some(rows.len() as u64, "call in the source", "calls in the source"))
                    "; one that is in a generic or inlined function may be in the code several times"
                }
                thead {
                    tr {
                        th scope="col" { "Helper" }
                        th scope="col" { "Called by" }
                        @if has_comparison {
                            th scope="col" { "Outcome" }
                            th.n scope="col" { "Bytes" }
                        }
                        @if has_sites {
                            th scope="col" { "Where it is now" }
                            th scope="col" { "Parameters at the entry" }
                        }
                        @if has_comparison { th scope="col" { "Assembly" } }
                    }
                }
                tbody {
                    @for row in rows {
                        @let first = std::mem::replace(&mut last, row.helper) != row.helper;
                        tr id=[first.then(|| format!("of-{}", row.helper))] {
                            th scope="row" { code { (short(row.helper)) } }
                            td {
                                code { (row.caller) } br;
                                span.place { (row.location.map_or("place not known", |l| page.paths.short(l))) }
                            }
                            @if has_comparison { (outcome(row)) }
                            @if has_sites { (now(row)) }
                            @if has_comparison {
                                td {
                                    @if let Some(number) = row.listing {
                                        a href={ "#call-" (number) } aria-label={ "Assembly of this call of " (short(row.helper)) } { "show" }
                                    } @else { "–" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn outcome(row: &Row<'_>) -> Markup {
    let Some(call) = row.compared else {
        return html! { td { "–" } td.n { "–" } };
    };
    let into = call.inlined_into.len() as u64;
    html! {
        td {
            @if call.left > 0 {
                span.state.outlined { "stayed" }
            } @else if into == 0 {
                span.state.gone title="No instruction is marked as the helper’s" { "no code of its own" }
            } @else {
                span.state.inlined { "inlined" }
            }
            @if into > 1 { br; span.place { "into " (count(into)) " functions" } }
        }
        td.n { (count(call.bytes)) }
    }
}

/// How many places of one call are shown.
const PLACES: usize = 3;

fn now(row: &Row<'_>) -> Markup {
    let Some(first) = row.sites.first() else {
        return html! { td { "–" } td { "–" } };
    };
    let more = row.sites.len().saturating_sub(PLACES) as u64;
    html! {
        td {
            @for call in row.sites.iter().take(PLACES) {
                div { (ranges(call)) }
            }
            @if more > 0 { span.place { "and " (some(more, "place", "places")) " more, in report.json" } }
        }
        td {
            @if first.parameters.is_empty() { span.place { "none" } }
            ul.parameters { @for parameter in &first.parameters { li { (place(parameter)) } } }
        }
    }
}

fn ranges(call: &InlinedCall) -> Markup {
    let Some(entry) = call.ranges.first() else {
        return html! {};
    };
    let bytes: u64 = call.ranges.iter().map(|range| range.bytes).sum();
    let pieces = call.ranges.len();
    html! {
        code title={ (entry.section) " " (format!("{:#x}", entry.address)) } { (at(entry)) }
        span.place {
            ", " (some(bytes, "byte", "bytes"))
            @if pieces > 1 { " in " (pieces) " pieces" }
            @if let Some(refusal) = call.refused { "; no probe: " (refusal.reason()) }
        }
    }
}

fn at(range: &CodeRange) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(&range.symbol));
    format!("{name}+{:#x}", range.offset)
}

fn place(parameter: &Parameter) -> Markup {
    let (class, what) = match &parameter.place {
        Place::Register(what) => ("register", what.as_str()),
        Place::Stack(what) => ("stack", what.as_str()),
        Place::Constant(what) => ("constant", what.as_str()),
        Place::Lost => ("lost", "lost"),
    };
    html! {
        code { (parameter.name) } " "
        span.where.(class) title=(class) {
            @match &parameter.place {
                Place::Register(_) => { "in " }
                Place::Stack(_) => { "at " }
                Place::Constant(_) => { "is " }
                Place::Lost => {}
            }
            (what)
        }
    }
}
