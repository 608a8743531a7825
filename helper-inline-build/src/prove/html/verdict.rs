//! The answer to what everybody asks first: was everything inlined, and what did it cost.
//!
//! Not here: the calls that were not (`stayed`).

use super::Page;
use super::words::{count, difference, duration, percent, some};
use crate::link::job::Cause;
use crate::prove::{HelperState, Report};
use maud::{Markup, html};

pub(super) fn summary(page: &Page<'_>) -> Markup {
    let report = page.report;
    let (class, sign, words) = verdict(report);
    html! {
        section.verdict.(class) aria-label="Outcome" {
            p.answer { span.sign aria-hidden="true" { (sign) } " " (words) }
            @if class != "good" {
                p { a href="#stayed" { "Which, where, why, and what mends it" } }
            }
        }
        (figures(report))
    }
}

/// A class, a sign and a sentence.
fn verdict(report: &Report) -> (&'static str, &'static str, String) {
    let summary = &report.summary;
    let stayed: u64 = report.outlined().map(|h| h.call_sites - h.inlined).sum();
    let stayed = some(stayed, "call", "calls");
    let off =
        |h: &crate::prove::HelperReport| h.remaining.iter().any(|c| c.cause == Cause::InliningOff);
    if report.helpers.iter().any(off) {
        let words = format!("Inlining was off: {stayed} are made out of line.");
        return ("off", "○", words);
    }
    let helpers = report.outlined().count() as u64;
    if helpers > 0 {
        let helpers = some(helpers, "helper", "helpers");
        let all = count(summary.call_sites);
        return (
            "bad",
            "✗",
            format!("{stayed} of {all} stayed out of line, of {helpers}."),
        );
    }
    let exempt = report.helpers.iter();
    let exempt = exempt.filter(|h| h.state == HelperState::Exempt);
    let exempt: u64 = exempt.map(|h| h.call_sites - h.inlined).sum();
    if exempt > 0 {
        let exempt = some(exempt, "call", "calls");
        let words = format!("Everything is inlined but {exempt} that may stay out of line.");
        return ("fair", "✓", words);
    }
    let calls = some(summary.call_sites, "call", "calls");
    let helpers = some(summary.used, "helper", "helpers");
    (
        "good",
        "✓",
        format!("Every call is inlined: {calls} of {helpers}, none left."),
    )
}

fn figures(report: &Report) -> Markup {
    let summary = &report.summary;
    let total: u64 = report
        .timings_ms
        .iter()
        .filter(|(step, _)| !step.contains(": "))
        .map(|(_, ms)| ms)
        .sum();
    html! {
        dl.figures {
            div {
                dt { "Calls inlined" }
                dd { b { (count(summary.inlined)) } " of " (count(summary.call_sites)) }
            }
            div {
                dt { "Helpers used" }
                dd { b { (count(summary.used)) } " of " (count(summary.helpers)) }
            }
            div {
                dt { "Code" }
                dd {
                    b { (count(report.object.text_bytes)) } " bytes"
                    @if let Some(comparison) = &report.comparison {
                        @let (before, after) = (comparison.text_bytes_before, comparison.text_bytes_after);
                        small {
                            (difference(before, after)) " (" (percent(before, after)) ") by inlining"
                        }
                    }
                }
            }
            div {
                dt { "File" }
                dd { b { (count(report.object.file_bytes)) } " bytes" }
            }
            div { dt { "Made in" } dd { b { (duration(total)) } } }
        }
    }
}
