//! How long each step took.
//!
//! Not here: measuring it.

use super::Page;
use super::words::{count, duration, some};
use crate::prove::ThinReport;
use maud::{Markup, html};

/// The steps in their order; others come behind.
const STEPS: [&str; 6] = [
    "cargo build",
    "link child",
    "prove",
    "compare",
    "package",
    "final link",
];
/// The parts of the link child's work in their order.
const PARTS: [&str; 5] = ["read", "link", "internalize", "optimize", "lower"];

pub(super) fn section(page: &Page<'_>) -> Markup {
    let mut steps: Vec<(&str, u64)> = page
        .report
        .timings_ms
        .iter()
        .map(|(step, ms)| (step.as_str(), *ms))
        .collect();
    steps.sort_by_key(|(step, _)| order(step));
    let most = steps.iter().map(|(_, ms)| *ms).max().unwrap_or(0).max(1);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Time of each step" {
            table.times {
                caption { "Time of each step, on the machine that made it" }
                thead {
                    tr {
                        th scope="col" { "Step" }
                        th.n scope="col" { "Time" }
                        th.chart scope="col" aria-hidden="true" {}
                    }
                }
                tbody {
                    @for (step, ms) in &steps {
                        @let (part, name) = match step.split_once(": ") {
                            Some((_, part)) => (true, part),
                            None => (false, *step),
                        };
                        tr.part[part] {
                            th scope="row" { (name) }
                            td.n { (duration(*ms)) }
                            td.chart aria-hidden="true" {
                                span.bar style={ "width:" (format!("{:.1}", *ms as f64 * 100.0 / most as f64)) "%" } {}
                            }
                        }
                    }
                }
            }
        }
        @if let Some(thin) = &page.report.thin { (units(thin)) }
    }
}

/// Steps in their order, each with its parts behind it.
fn order(step: &str) -> (usize, bool, usize, &str) {
    let (step, part) = match step.split_once(": ") {
        Some((step, part)) => (step, Some(part)),
        None => (step, None),
    };
    let place = |all: &[&str], one: &str| all.iter().position(|s| *s == one).unwrap_or(all.len());
    match part {
        Some(part) => (place(&STEPS, step), true, place(&PARTS, part), part),
        None => (place(&STEPS, step), false, 0, step),
    }
}

fn units(thin: &ThinReport) -> Markup {
    let ran = thin.back_ends.iter().filter(|unit| unit.ran).count() as u64;
    let all = thin.back_ends.len() as u64;
    html! {
        details {
            summary { (count(ran)) " of " (some(all, "unit", "units")) " had to be compiled" }
            div.scroll tabindex="0" role="region" aria-label="Units" {
                table.sortable {
                    caption { "Units of the thin link" }
                    thead {
                        tr {
                            th scope="col" { "Unit" }
                            th scope="col" { "Job" }
                            th.n scope="col" { "ms" }
                            th scope="col" { "Imports from" }
                        }
                    }
                    tbody {
                        @for unit in &thin.back_ends {
                            tr {
                                th scope="row" { code { (unit.unit) } }
                                td { @if unit.ran { "ran" } @else { "kept from before" } }
                                td.n { (count(unit.milliseconds)) }
                                td { (unit.imports.join(", ")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
