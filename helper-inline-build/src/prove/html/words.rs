//! Numbers, names and paths as the page writes them.
//!
//! Not here: what they are of.

use crate::prove::Report;
use std::path::{Path, PathBuf};

/// A number with its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 call`, `2 calls`.
pub(super) fn some(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A difference with its sign.
pub(super) fn difference(before: u64, after: u64) -> String {
    let sign = match after.cmp(&before) {
        std::cmp::Ordering::Less => "−",
        std::cmp::Ordering::Equal => "±",
        std::cmp::Ordering::Greater => "+",
    };
    format!("{sign}{}", count(after.abs_diff(before)))
}

/// The same in percent of the first; empty when that is 0.
pub(super) fn percent(before: u64, after: u64) -> String {
    if before == 0 {
        return String::new();
    }
    let sign = if after < before { "−" } else { "+" };
    let share = after.abs_diff(before) as f64 * 100.0 / before as f64;
    format!("{sign}{share:.1} %")
}

/// A part of a whole, in percent.
pub(super) fn share(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

/// A time.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0 => "under 1 ms".to_owned(),
        1..10_000 => format!("{} ms", count(milliseconds)),
        _ => format!("{:.1} s", milliseconds as f64 / 1000.0),
    }
}

/// A helper as Rust calls it, where that is the name's end: most have the prefix that
/// nothing else says.
pub(super) fn short(helper: &str) -> &str {
    helper.strip_prefix("rust_helper_").unwrap_or(helper)
}

/// What most places in the source have in common, which is left out of them.
pub(super) struct Paths {
    common: Option<PathBuf>,
}

impl Paths {
    pub(super) fn of(report: &Report) -> Paths {
        let remaining = report.helpers.iter().flat_map(|helper| &helper.remaining);
        let remaining = remaining.filter_map(|call| call.location.as_deref());
        let sites = report.sites.iter().flat_map(|sites| &sites.calls);
        let sites = sites.filter_map(|call| call.location.as_deref());
        let compared = report.comparison.iter().flat_map(|c| &c.calls);
        let compared = compared.filter_map(|call| call.location.as_deref());
        let dirs = remaining
            .chain(sites)
            .chain(compared)
            // rustc's own, which is nowhere.
            .filter(|location| location.starts_with('/') && !location.starts_with("/rustc/"))
            .filter_map(|location| Path::new(location).parent());
        let common = dirs.fold(None, |shared: Option<PathBuf>, dir| match shared {
            None => Some(dir.to_owned()),
            Some(shared) => Some(
                shared
                    .components()
                    .zip(dir.components())
                    .take_while(|(one, other)| one == other)
                    .map(|(one, _)| one)
                    .collect(),
            ),
        });
        Paths {
            common: common.filter(|dir| dir.parent().is_some()),
        }
    }

    /// A place without what all have in common.
    pub(super) fn short<'l>(&self, location: &'l str) -> &'l str {
        let rest = self.common.as_ref().and_then(|common| {
            let rest = location.strip_prefix(common.to_str()?)?;
            rest.strip_prefix('/')
        });
        rest.unwrap_or(location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(count).join(" "),
            "0 999 1,000 1,234,567"
        );
        assert_eq!(some(1, "call", "calls"), "1 call");
        let changes = [(10, 5), (5, 5), (0, 1200)];
        let shown = changes.map(|(a, b)| format!("{} {}", difference(a, b), percent(a, b)));
        assert_eq!(shown, ["−5 −50.0 %", "±0 +0.0 %", "+1,200 "]);
        assert_eq!(
            [0, 12, 12_345].map(duration).join(", "),
            "under 1 ms, 12 ms, 12.3 s"
        );
    }

    #[test]
    fn places_lose_what_all_have_in_common_and_no_more() {
        let paths = Paths {
            common: Some("/w/p".into()),
        };
        let places = ["/w/p/a/b.rs:1:2", "/w/pq/b.rs:1:2", "/rustc/1/core.rs:1:2"];
        let shown = places.map(|place| paths.short(place));
        assert_eq!(
            shown,
            ["a/b.rs:1:2", "/w/pq/b.rs:1:2", "/rustc/1/core.rs:1:2"]
        );
    }
}
