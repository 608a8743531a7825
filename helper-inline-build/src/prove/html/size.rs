//! The size of the code before and after, in all and by function.
//!
//! Not here: which crates it is of (`picture`).

use super::crates::{self, Group};
use super::words::{count, difference, percent, some};
use super::{Page, absent, picture};
use crate::prove::{ComparisonReport, FunctionChange};
use maud::{Markup, html};

/// How many functions are shown at once.
const FIRST: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let report = page.report;
    let Some(comparison) = &report.comparison else {
        return html! {
            p {
                "The object has " (count(report.object.text_bytes)) " bytes of code, and the packaged file "
                (count(report.object.file_bytes)) " bytes."
            }
            (absent("What it would be with every helper called is not known here:", "--compare"))
        };
    };
    let (before, after) = (comparison.text_bytes_before, comparison.text_bytes_after);
    let changed: Vec<&FunctionChange> = comparison
        .functions
        .iter()
        .filter(|f| f.before != f.after || f.helper_bytes > 0)
        .collect();
    html! {
        (remarks(page, comparison))
        (bars(page, before.max(after)))
        div.scroll tabindex="0" role="region" aria-label="Size before and after" {
            table {
                caption { "All code of the linked object, alignment included, in bytes" }
                thead {
                    tr {
                        th scope="col" { "" }
                        th.n scope="col" { "Out of line" }
                        th.n scope="col" { "Inlined" }
                        th.n scope="col" { "Change" }
                    }
                }
                tbody {
                    tr {
                        th scope="row" { "Code" }
                        td.n { (count(before)) }
                        td.n { (count(after)) }
                        td.n { (difference(before, after)) " (" (percent(before, after)) ")" }
                    }
                    @let all = comparison.functions.iter();
                    @let were = all.clone().filter(|f| f.before.is_some()).count() as u64;
                    @let are = all.filter(|f| f.after.is_some()).count() as u64;
                    tr {
                        th scope="row" { "Functions" }
                        td.n { (count(were)) }
                        td.n { (count(are)) }
                        td.n { (difference(were, are)) }
                    }
                    @let called: u64 = comparison.calls.iter().map(|c| c.called).sum();
                    @let left: u64 = comparison.calls.iter().map(|c| c.left).sum();
                    tr {
                        th scope="row" { "Calls of helpers in the machine code" }
                        td.n { (count(called)) }
                        td.n { (count(left)) }
                        td.n { (difference(called, left)) }
                    }
                }
            }
        }
        details {
            summary { "Each function before and after: " (some(changed.len() as u64, "function", "functions")) " that changed or hold helpers' code" }
            (functions(&changed))
        }
    }
}

fn remarks(page: &Page<'_>, comparison: &ComparisonReport) -> Markup {
    html! {
        p {
            "The same sources, linked twice: once with every helper called, once with every helper inlined."
        }
        @if !comparison.same_code {
            p.note {
                "The inlined code described here is not the module’s byte for byte: "
                @if page.report.thin.is_some() {
                    "the module was linked as many units (" code { "--lto thin" } "), and both twins as one."
                } @else {
                    "it was lowered with debug information, which moves a few instructions of functions without unwind tables."
                }
            }
        }
    }
}

/// Out of line above inlined, to one scale.
fn bars(page: &Page<'_>, most: u64) -> Markup {
    let groups = crates::groups(page);
    let before = groups.iter().map(|group| (group.before.unwrap_or(0), 0));
    let after = groups.iter().map(|group| (group.bytes, group.helper_bytes));
    let before = bar(&groups, before, 18, most);
    let after = bar(&groups, after, 71, most);
    html! {
        figure {
            svg.bars viewBox="0 0 960 104" role="img" aria-label="Bytes of code by crate, out of line above inlined; the table below has the numbers" {
                text x="0" y="13" { "out of line" }
                (before)
                text x="0" y="66" { "inlined" }
                (after)
            }
            figcaption.legend {
                @for (index, group) in groups.iter().enumerate() {
                    span { span.swatch.(picture::colour(index, group)) aria-hidden="true" {} " " (group.name) }
                    " "
                }
                span { span.swatch.hatched aria-hidden="true" {} " helpers’ code, inlined" }
            }
        }
    }
}

/// One bar, of each group's bytes and of how many of them are helpers'.
fn bar(groups: &[Group], sizes: impl Iterator<Item = (u64, u64)>, y: u32, most: u64) -> Markup {
    const WIDTH: f64 = 960.0;
    let long = |bytes: u64| bytes as f64 * WIDTH / most.max(1) as f64;
    let one = |number: f64| format!("{number:.1}");
    let mut end = 0;
    let parts: Vec<(u64, u64, u64)> = sizes
        .map(|(bytes, helper)| {
            end += bytes;
            (end - bytes, bytes, helper)
        })
        .collect();
    html! {
        @for (index, (group, (begin, bytes, helper))) in groups.iter().zip(parts).enumerate() {
            g.(picture::colour(index, group)) {
                title { (group.name) ": " (some(bytes, "byte", "bytes")) }
                rect.f x=(one(long(begin))) y=(y) width=(one(long(bytes))) height="26" {}
                @if helper > 0 {
                    rect.h x=(one(long(begin + bytes - helper))) y=(y) width=(one(long(helper))) height="26" {}
                }
            }
        }
    }
}

fn functions(changed: &[&FunctionChange]) -> Markup {
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), count);
    html! {
        div.scroll.tall[changed.len() > FIRST] tabindex="0" role="region" aria-label="Functions before and after" {
            table.sortable {
                caption { "Functions, in bytes; – where there is none of the name" }
                thead {
                    tr {
                        th scope="col" { "Function" }
                        th.n scope="col" { "Out of line" }
                        th.n scope="col" { "Inlined" }
                        th.n scope="col" { "Change" }
                        th.n scope="col" { "Of helpers" }
                    }
                }
                tbody {
                    @for f in changed {
                        tr {
                            th scope="row" { code title=(f.symbol) { (f.name) } }
                            td.n { (size(f.before)) }
                            td.n { (size(f.after)) }
                            td.n { (difference(f.before.unwrap_or(0), f.after.unwrap_or(0))) }
                            td.n { (count(f.helper_bytes)) }
                        }
                    }
                }
            }
        }
    }
}
