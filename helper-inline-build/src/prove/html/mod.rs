//! `report.html`: a module's report as one page that needs nothing else.
//!
//! It answers in the order in which one asks: was everything inlined; what was not, and
//! how that is mended; what it did to the code; where each call is now. The page is whole
//! without JavaScript, which only sorts and filters. The same report gives the same bytes.
//! Not here: what is reported (`report`), or finding it out.

mod call_rows;
mod calls;
mod crates;
mod frame;
mod helpers;
mod listing;
mod picture;
mod rest;
mod size;
mod stayed;
mod time;
mod treemap;
mod verdict;
mod words;

use super::listing::Listings;
use super::report::Report;
use maud::{Markup, html};
use words::Paths;

/// What all parts of the page read.
struct Page<'a> {
    report: &'a Report,
    listings: Option<&'a Listings>,
    paths: Paths,
}

/// The page. `listings` is the assembly of a comparison; without it the page has all else.
#[must_use]
pub fn page(report: &Report, listings: Option<&Listings>) -> String {
    let page = Page {
        report,
        listings,
        paths: Paths::of(report),
    };
    let sections: [Section; 8] = [
        ("stayed", "What stayed", stayed::section(&page)),
        ("size", "Size", size::section(&page)),
        ("picture", "Where the code went", picture::section(&page)),
        ("helpers", "Helpers", helpers::section(&page)),
        ("calls", "Call sites", calls::section(&page)),
        ("assembly", "Assembly", listing::section(&page)),
        ("time", "Time", time::section(&page)),
        ("rest", "Everything else", rest::section(&page)),
    ];
    frame::document(&page, &sections).into_string()
}

/// Its id, its heading, what is in it.
type Section = (&'static str, &'static str, Markup);

/// What a part of the page says when its data is not there, and what gives it.
fn absent(what: &str, option: &str) -> Markup {
    html! {
        p.absent { (what) " " code { "dist " (option) } " adds it." }
    }
}

#[cfg(test)]
mod tests;
