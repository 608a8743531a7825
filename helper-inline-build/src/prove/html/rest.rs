//! What few ask for: what was made equal between C and Rust, what the module takes from
//! its kernel, and what it says of itself.
//!
//! Not here: anything of single calls.

use super::Page;
use super::words::{count, some};
use crate::link::job::Harmonized;
use crate::prove::ImportReport;
use maud::{Markup, html};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let object = &page.report.object;
    html! {
        (harmonized(&page.report.harmonized))
        @if object.imports.is_empty() {
            details {
                summary { (some(object.undefined.len() as u64, "symbol", "symbols")) " that come from elsewhere" }
                p.names { @for symbol in &object.undefined { code { (symbol) } " " } }
            }
        } @else {
            (imports(&object.imports))
        }
        @if !object.modinfo.is_empty() {
            details {
                summary { "What the module says of itself" }
                pre tabindex="0" { @for line in &object.modinfo { (line) "\n" } }
            }
        }
    }
}

fn harmonized(all: &[Harmonized]) -> Markup {
    html! {
        details {
            summary { (some(all.len() as u64, "attribute", "attributes")) " made equal between C and Rust before inlining" }
            div.scroll tabindex="0" role="region" aria-label="What was made equal" {
                table.sortable {
                    caption { "Without this, a mitigation or an assumption of one side would be lost in the other" }
                    thead {
                        tr {
                            th scope="col" { "Attribute" }
                            th scope="col" { "What was done" }
                            th.n scope="col" { "Functions" }
                        }
                    }
                    tbody {
                        @for one in all {
                            tr {
                                th scope="row" { code { (one.attribute) } }
                                td { (one.action) }
                                td.n { @if one.functions > 0 { (count(one.functions)) } @else { "whole module" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn imports(all: &[ImportReport]) -> Markup {
    html! {
        details {
            summary { (some(all.len() as u64, "symbol", "symbols")) " that it takes from its kernel" }
            div.scroll tabindex="0" role="region" aria-label="Imports" {
                table.sortable {
                    caption { "As the kernel’s Module.symvers has them" }
                    thead {
                        tr {
                            th scope="col" { "Symbol" }
                            th scope="col" { "Exported by" }
                            th scope="col" { "Checksum" }
                            th scope="col" { "Terms" }
                        }
                    }
                    tbody {
                        @for one in all {
                            tr {
                                th scope="row" { code { (one.symbol) } }
                                td { (one.module) @if let Some(namespace) = &one.namespace { ", namespace " (namespace) } }
                                td { code { (one.crc) } }
                                td { @if one.gpl_only { "GPL only" } @else { "any" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
