//! The document around the page's sections: head, heading, contents, foot.
//!
//! Not here: what the sections say.

use super::{Page, Section, verdict};
use crate::prove::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Nothing but what is in the file may be loaded or sent.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'";

/// The whole document.
pub(super) fn document(page: &Page<'_>, sections: &[Section]) -> Markup {
    let report = page.report;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (report.module) ": helpers inlined" }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a.skip href="#main" { "To the report" }
                header {
                    p.kind { "helper-inline report" }
                    h1 { (report.module) }
                    (built_by(report))
                }
                (verdict::summary(page))
                nav aria-label="Sections" {
                    ul {
                        @for (id, heading, _) in sections {
                            li { a href={ "#" (id) } { (heading) } }
                        }
                    }
                }
                main id="main" {
                    @for (id, heading, content) in sections {
                        section id=(id) aria-labelledby={ (id) "-heading" } {
                            h2 id={ (id) "-heading" } { (heading) }
                            (content)
                        }
                    }
                }
                footer {
                    p {
                        "Written by helper-inline-build " (env!("CARGO_PKG_VERSION"))
                        " beside the " code { "report.json" } " of the same numbers."
                    }
                }
                script { (PreEscaped(include_str!("script.js"))) }
            }
        }
    }
}

fn built_by(report: &Report) -> Markup {
    let tools = &report.toolchain;
    let kernel = report.kernel.as_ref();
    html! {
        dl.built {
            div { dt { "Target" } dd { (report.target) } }
            @if let Some(kernel) = kernel {
                div {
                    dt { "Kernel" }
                    dd { (kernel.release) @if kernel.built_in { ", for its image" } }
                }
            }
            div { dt { "Rust" } dd { (tools.rustc) } }
            div { dt { "Helpers compiled by" } dd { "clang " (tools.clang) } }
            div { dt { "Linked by" } dd { "LLVM " (tools.link_llvm) } }
        }
    }
}
