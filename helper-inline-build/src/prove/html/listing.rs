//! The chosen call: its source line, and its assembly out of line and inlined, side by
//! side.
//!
//! A link chooses it, so no script is needed: the one that the address names is shown, the
//! first when it names none. Not here: the table to choose from (`calls`).

use super::words::{count, short, some};
use super::{Page, absent};
use crate::prove::{Line, Listing, Listings, Part, Side};
use maud::{Markup, html};

pub(super) fn section(page: &Page<'_>) -> Markup {
    let Some(listings) = page.listings.filter(|listings| !listings.calls.is_empty()) else {
        return absent(
            "The source line and the assembly of a call, out of line and inlined, are not here:",
            "--compare",
        );
    };
    let shown = listings.calls.len();
    html! {
        p {
            "The call that was chosen in the table above, with the instructions of its line. "
            "Those of the " span.key.call { "call" } " and of the " span.key.helper { "helper" }
            " are marked; the others are its caller’s. Offsets are from the beginning of the function."
        }
        @if shown < listings.total {
            p.note {
                "There are " (count(listings.total as u64)) " calls; " (count(shown as u64))
                " are listed, of each helper some."
            }
        }
        div.listings {
            @for (index, listing) in listings.calls.iter().enumerate() {
                (article(page, listings, listing, index + 1, shown))
            }
        }
    }
}

fn article(
    page: &Page<'_>,
    listings: &Listings,
    listing: &Listing,
    number: usize,
    last: usize,
) -> Markup {
    let id = format!("call-{number}");
    html! {
        article id=(id) aria-labelledby={ (id) "-heading" } {
            h3 id={ (id) "-heading" } { code { (short(&listing.helper)) } " in " code { (listing.caller) } }
            (source(page, listing))
            div.sides {
                div.side {
                    h4 { "Out of line" }
                    (out_of_line(listings, listing))
                }
                div.side {
                    h4 { "Inlined" }
                    (inlined(listing))
                }
            }
            p.turn {
                @if number > 1 { a href={ "#call-" (number - 1) } { "← the call before" } " " }
                a href={ "#of-" (listing.helper) } { "to the table" }
                @if number < last { " " a href={ "#call-" (number + 1) } { "the next call →" } }
            }
        }
    }
}

fn source(page: &Page<'_>, listing: &Listing) -> Markup {
    let place = listing.location.as_deref();
    let place = place.map_or("place not known", |location| page.paths.short(location));
    html! {
        p.place { (place) }
        @if listing.source.is_empty() {
            p.absent { "The source was not to be read when the report was made." }
        } @else {
            pre.source tabindex="0" {
                @for line in &listing.source {
                    @let text = format!("{:>5}  {}\n", line.number, line.text);
                    @if line.is_call { mark { (text) } } @else { (text) }
                }
            }
        }
    }
}

fn out_of_line(listings: &Listings, listing: &Listing) -> Markup {
    let Some(side) = &listing.before else {
        return html! { p.absent { "The call is nowhere in the code out of line: its caller was computed away." } };
    };
    let body = listings.helpers.get(&listing.helper);
    html! {
        (instructions(side))
        @if let Some(body) = body {
            p.in_function {
                "and each time the helper itself: "
                (total(body))
            }
            (code(body))
        }
    }
}

fn inlined(listing: &Listing) -> Markup {
    match &listing.after {
        Some(side) => instructions(side),
        None => html! {
            p.absent { "No instruction is marked as the helper’s: its work was done when the module was made, nobody uses it, or it is one with instructions of others." }
        },
    }
}

fn instructions(side: &Side) -> Markup {
    html! {
        p.in_function {
            "in " code title=(side.symbol) { (side.function) }
            @if side.others > 0 { " and " (some(side.others as u64, "other function", "other functions")) }
            ": " (total(side))
        }
        (code(side))
    }
}

fn total(side: &Side) -> String {
    let all = side.lines.len() + side.left_out;
    let instructions = some(all as u64, "instruction", "instructions");
    format!("{instructions}, {}", some(side.bytes, "byte", "bytes"))
}

fn code(side: &Side) -> Markup {
    html! {
        pre.asm tabindex="0" {
            @for line in &side.lines { (instruction(line)) }
            @if side.left_out > 0 {
                span.gap { "       … " (count(side.left_out as u64)) " more\n" }
            }
        }
    }
}

fn instruction(line: &Line) -> Markup {
    let class = match line.part {
        Part::Caller => "",
        Part::Call => "call",
        Part::Helper => "helper",
    };
    let offset = format!("{:>6}", format!("+{:x}", line.offset));
    html! {
        @if line.after_gap { span.gap { "       ⋯\n" } }
        @if class.is_empty() {
            span.o { (offset) } "  " (line.text) "\n"
        } @else {
            span.(class) { span.o { (offset) } "  " (line.text) "\n" }
        }
    }
}
