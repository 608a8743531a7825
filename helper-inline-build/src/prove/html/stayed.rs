//! The calls that stayed out of line: which, where, why, and what mends each.
//!
//! Not here: what a cause means (`explain`).

use super::Page;
use super::words::{short, some};
use crate::prove::{HelperReport, explain};
use maud::{Markup, html};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let helpers = page.report.helpers.iter();
    let with_rest: Vec<&HelperReport> = helpers.filter(|h| !h.remaining.is_empty()).collect();
    if with_rest.is_empty() {
        return html! {
            p { "Nothing. No helper has left a symbol or a call in the object." }
        };
    }
    let rows: u64 = with_rest.iter().map(|h| h.remaining.len() as u64).sum();
    html! {
        div.scroll tabindex="0" role="region" aria-label="What stayed" {
            table {
                caption { (some(rows, "use of a helper", "uses of helpers")) " left" }
                thead {
                    tr {
                        th scope="col" { "Helper" }
                        th scope="col" { "Where" }
                        th scope="col" { "Why" }
                        th scope="col" { "What mends it" }
                    }
                }
                tbody {
                    @for helper in with_rest {
                        @for call in &helper.remaining {
                            @let cause = explain(call.cause);
                            tr.stays[cause.is_failure] {
                                th scope="row" { code title=(helper.name) { (short(&helper.label())) } }
                                td {
                                    code { (call.caller) }
                                    @if let Some(location) = &call.location {
                                        br; span.place { (page.paths.short(location)) }
                                    } @else {
                                        br; span.place { "place not known" }
                                    }
                                }
                                td {
                                    b { (call.cause.name()) } br; (cause.summary)
                                    @if let Some(attribute) = &call.attribute {
                                        br; code { (attribute) }
                                    }
                                }
                                td { (cause.remedy) }
                            }
                        }
                    }
                }
            }
        }
    }
}
