//! Where the code went, as a picture: each function as large as its code, by crate, with
//! the part of it that is helpers' hatched. The table below says the same in numbers.
//!
//! Not here: the layout (`treemap`).

use super::crates::{self, Group, HELPERS, Measured};
use super::treemap::{Rect, fill};
use super::words::{count, difference, share, some};
use super::{Page, absent};
use maud::{Markup, html};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 440.0;
/// Room for a crate's name.
const HEAD: f64 = 18.0;
/// Mean width of a character of a label.
const LETTER: f64 = 6.4;
/// How many colours there are; more crates than that share the last.
const COLOURS: usize = 6;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let groups = crates::groups(page);
    let total: u64 = groups.iter().map(|group| group.bytes).sum();
    if total == 0 {
        return html! { p.absent { "The object has no function symbols, so nothing can be drawn." } };
    }
    let compared = page.report.comparison.is_some();
    html! {
        p {
            "Each box is a function, as large as its code, with those of its crate in one colour."
            @if compared { " What is hatched came from helpers." }
        }
        (drawing(&groups, total))
        @if !compared {
            (absent("How much of each function came from helpers is not known here:", "--compare"))
        }
        div.scroll tabindex="0" role="region" aria-label="Code by crate" {
            table.crates {
                caption { "The same in numbers, by crate: bytes of code in functions" }
                thead {
                    tr {
                        th scope="col" { "Crate" }
                        th.n scope="col" { "Functions" }
                        @if compared { th.n scope="col" { "Out of line" } }
                        th.n scope="col" { @if compared { "Inlined" } @else { "Bytes" } }
                        th.n scope="col" { "Share" }
                        @if compared {
                            th.n scope="col" { "Change" }
                            th.n scope="col" { "Of helpers" }
                        }
                    }
                }
                tbody {
                    @for (index, group) in groups.iter().enumerate() {
                        tr {
                            th scope="row" {
                                span.swatch.(colour(index, group)) aria-hidden="true" {} " " (group.name)
                            }
                            td.n { (count(group.functions.len() as u64)) }
                            @if compared { td.n { (count(group.before.unwrap_or(0))) } }
                            td.n { (count(group.bytes)) }
                            td.n { (share(group.bytes, total)) }
                            @if compared {
                                td.n { (difference(group.before.unwrap_or(0), group.bytes)) }
                                td.n { (count(group.helper_bytes)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A group's class.
pub(super) fn colour(index: usize, group: &Group) -> String {
    match group.name == HELPERS {
        true => "own".to_owned(),
        false => format!("c{}", index.min(COLOURS - 1)),
    }
}

fn drawing(groups: &[Group], total: u64) -> Markup {
    let shown: Vec<(usize, &Group)> = groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.bytes > 0)
        .collect();
    let mut by_size = shown.clone();
    by_size.sort_by_key(|(index, group)| (std::cmp::Reverse(group.bytes), *index));
    let values: Vec<u64> = by_size.iter().map(|(_, group)| group.bytes).collect();
    let whole = Rect {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
        height: HEIGHT,
    };
    let rects = fill(&values, whole);
    let names: Vec<String> = shown
        .iter()
        .take(4)
        .map(|(_, group)| format!("{} {}", group.name, share(group.bytes, total)))
        .collect();
    let in_words = format!(
        "{} of code in {}, by crate: {}.",
        some(total, "byte", "bytes"),
        some(
            groups.iter().map(|g| g.functions.len() as u64).sum(),
            "function",
            "functions"
        ),
        names.join(", ")
    );
    html! {
        figure {
            svg.treemap viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(in_words) {
                defs {
                    pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        line.hatch x1="0" y1="0" x2="0" y2="5" {}
                    }
                }
                @for ((index, group), rect) in by_size.iter().zip(&rects) {
                    (crate_box(group, &colour(*index, group), *rect))
                }
            }
            figcaption { (in_words) }
        }
    }
}

fn crate_box(group: &Group, class: &str, rect: Rect) -> Markup {
    let has_head = rect.height > 3.0 * HEAD && rect.width > 60.0;
    let head = if has_head { HEAD } else { 0.0 };
    let inside = Rect {
        x: rect.x + 1.5,
        y: rect.y + 1.5 + head,
        width: (rect.width - 3.0).max(0.0),
        height: (rect.height - 3.0 - head).max(0.0),
    };
    let values: Vec<u64> = group.functions.iter().map(|f| f.bytes).collect();
    html! {
        g.(class) {
            @if has_head {
                text.crate x=(one(rect.x + 5.0)) y=(one(rect.y + 14.0)) {
                    (fitting(&group.name, (rect.width - 10.0) * 0.85))
                }
            }
            @for (function, rect) in group.functions.iter().zip(fill(&values, inside)) {
                (function_box(function, rect))
            }
        }
    }
}

fn function_box(function: &Measured, rect: Rect) -> Markup {
    let (x, y) = (one(rect.x + 0.5), one(rect.y + 0.5));
    let (width, height) = ((rect.width - 1.0).max(0.2), (rect.height - 1.0).max(0.2));
    // From the bottom up, as much of the area as of the code.
    let part = function.helper_bytes.min(function.bytes) as f64 / function.bytes.max(1) as f64;
    let hatched = height * part;
    let name = last_words(&function.name);
    html! {
        g {
            title {
                (function.name) ": " (some(function.bytes, "byte", "bytes"))
                @if function.helper_bytes > 0 { ", " (count(function.helper_bytes)) " of helpers" }
            }
            rect.f x=(x) y=(y) width=(one(width)) height=(one(height)) {}
            @if hatched >= 0.5 {
                rect.h x=(x) y=(one(rect.y + 0.5 + height - hatched)) width=(one(width)) height=(one(hatched)) {}
            }
            @if width > 44.0 && height > 15.0 {
                text x=(one(rect.x + 4.0)) y=(one(rect.y + 12.5)) { (fitting(&name, width - 6.0)) }
            }
        }
    }
}

/// A number as it stands in the drawing.
fn one(number: f64) -> String {
    format!("{number:.1}")
}

/// As much of a label as fits.
fn fitting(label: &str, width: f64) -> String {
    let room = (width / LETTER) as usize;
    match label.chars().count() <= room {
        true => label.to_owned(),
        false => label
            .chars()
            .take(room.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

/// The end of a path: of `a::b::C::d` it is `C::d`.
fn last_words(name: &str) -> String {
    // `<a::B as c::D>::e` is `B::e`.
    let plain = match name.strip_prefix('<').and_then(|n| n.split_once(" as ")) {
        Some((of, rest)) => {
            let method = rest.rsplit_once(">::").map_or("", |(_, method)| method);
            format!("{of}::{method}")
        }
        None => name.replace(['<', '>'], ""),
    };
    let mut parts: Vec<&str> = plain.rsplit("::").take(2).collect();
    parts.reverse();
    parts.join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_ends_of_paths_and_fit() {
        let names = ["a::b::C::d", "<a::B as c::D>::e", "init_module"];
        assert_eq!(names.map(last_words), ["C::d", "B::e", "init_module"]);
        assert_eq!(fitting("abcdef", 6.0 * LETTER), "abcdef");
        assert_eq!(fitting("abcdef", 4.0 * LETTER), "abc…");
    }
}
