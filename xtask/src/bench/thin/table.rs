//! The table of `docs/bench/thin.md`, and whether what was aimed at is reached.
//!
//! Not here: measuring.

use std::fmt::Write as _;

use super::ways::{Link, Way};
use super::{CORES, Edit, Row, Size};

/// How many times the growth of the largest crate memory may grow.
const SLACK: f64 = 1.25;

/// What a link after an edit may take of a first one.
const TENTH: f64 = 0.1;

/// What instructions may be to those of one unit.
const SAME: f64 = 1.01;

/// The table and the verdicts.
pub fn render(sizes: &[Size]) -> String {
    let cores = CORES.map(|cores| cores.to_string()).join(" and ");
    let mut text = format!(
        "# Many crates in one program\n\n\
         Written by `cargo xtask bench thin`; edit nothing here by hand. Generated programs, linked \
         from bitcode to the executable: as one unit, as many, and by lld's own ThinLTO with clang's \
         `-flto=thin` and a cache. cargo's compiling does not count. Seconds on {cores} cores, the least \
         of rounds in which the ways take turns (a dash where a link takes minutes and was not made), and in brackets how many units were compiled. Edited \
         is a constant in a function: of a crate in the middle, from which some others import, and of \
         one that only the program calls. Memory is that of a first link on {} cores: resident memory of the largest \
         process, and what all processes had together that is no file's, looked at every 20 ms. \
         Instructions of a run are callgrind's.\n\n\
         | crates | helpers | | first link, s | after an edit in the middle, s | of a leaf, s | largest process, MiB | together, MiB | code, KiB | instructions, millions | to one unit |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
        CORES[CORES.len() - 1]
    );
    for size in sizes {
        for row in &size.rows {
            line(&mut text, size, row);
        }
    }
    text += "\n## What was aimed at\n\n";
    for verdict in [memory(sizes), rebuild(sizes), instructions(sizes)] {
        writeln!(text, "- {verdict}").expect("a String takes all");
    }
    text
}

fn line(text: &mut String, size: &Size, row: &Row) {
    let most = most(row).usage;
    let edits: Vec<String> = row.edited.iter().map(|links| shown(links)).collect();
    writeln!(
        text,
        "| {} | {} | {} | {} | {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.3} |",
        size.crates,
        size.helpers,
        row.way.what(),
        shown(&row.clean),
        edits.join(" | "),
        mib(most.largest),
        mib(most.together),
        row.text as f64 / 1024.0,
        row.instructions as f64 / 1e6,
        row.instructions as f64 / of(size, Way::One).instructions as f64
    )
    .expect("a String takes all");
}

/// Times by cores, and the units.
fn shown(links: &[Option<Link>]) -> String {
    let Some(any) = links.iter().flatten().next() else {
        return "—".to_owned();
    };
    let times = links.iter().map(|link| match link {
        Some(link) => format!("{:.2}", link.usage.seconds),
        None => "—".to_owned(),
    });
    let times: Vec<String> = times.collect();
    format!("{} ({})", times.join(", "), any.back_ends)
}

/// The first link on the most cores.
fn most(row: &Row) -> &Link {
    let link = row.clean[CORES.len() - 1].as_ref();
    link.expect("each way is measured on the most cores")
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn of(size: &Size, way: Way) -> &Row {
    let found = size.rows.iter().find(|row| row.way == way);
    found.expect("each size is measured in all ways")
}

fn word(met: bool) -> &'static str {
    if met { "Met" } else { "**Missed**" }
}

/// Memory from the least to the most crates with as many helpers, leaving out the one
/// crate that is all of the program.
fn memory(sizes: &[Size]) -> String {
    let mut met = true;
    let mut parts = Vec::new();
    let mut helpers: Vec<usize> = sizes.iter().map(|size| size.helpers).collect();
    helpers.sort_unstable();
    helpers.dedup();
    for helpers in helpers {
        let own = |size: &&Size| size.helpers == helpers && size.crates > 1;
        let few = sizes.iter().filter(own).min_by_key(|size| size.crates);
        let many = sizes.iter().filter(own).max_by_key(|size| size.crates);
        let (Some(few), Some(many)) = (few, many) else {
            continue;
        };
        let grown = |value: &dyn Fn(&Size) -> u64| value(many) as f64 / value(few) as f64;
        let peak = |way| grown(&move |size: &Size| most(of(size, way)).usage.largest);
        let largest = grown(&|size| size.units.iter().copied().max().unwrap_or(1));
        let sum = grown(&|size| size.units.iter().sum());
        met &= peak(Way::Thin) <= SLACK * largest.max(1.0);
        parts.push(format!(
            "from {} to {} crates with {helpers} helpers the largest process of `--lto thin` takes \
             {:.2} times the memory, while the largest crate's bitcode is {largest:.2} times as large \
             and all of it {sum:.1} times; as one unit it takes {:.2} times",
            few.crates,
            many.crates,
            peak(Way::Thin),
            peak(Way::One)
        ));
    }
    format!(
        "Peak memory grows with the largest unit and not with the sum (at most {SLACK} times as much \
         as the largest does). {}: {}.",
        word(met),
        parts.join("; ")
    )
}

/// The link after an edit to the first one, with 50 crates.
fn rebuild(sizes: &[Size]) -> String {
    let mut met = true;
    let mut parts = Vec::new();
    for size in sizes.iter().filter(|size| size.crates == 50) {
        let row = of(size, Way::Thin);
        for (edit, links) in Edit::ALL.iter().zip(&row.edited) {
            let ratios = links.iter().flatten().zip(row.clean.iter().flatten());
            let ratios = ratios.map(|(again, clean)| again.usage.seconds / clean.usage.seconds);
            let ratios: Vec<f64> = ratios.collect();
            met &= ratios.iter().all(|ratio| *ratio <= TENTH);
            let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
            let what = match edit {
                Edit::Middle => "in the middle",
                Edit::Leaf => "of a leaf",
            };
            parts.push(format!(
                "{} helpers, {what} {}",
                size.helpers,
                shown.join(" and ")
            ));
        }
    }
    if parts.is_empty() {
        return "With 50 crates nothing was measured.".to_owned();
    }
    format!(
        "With 50 crates a link after an edit takes at most {TENTH} of a first one. {}: {} (on {} cores).",
        word(met),
        parts.join("; "),
        CORES.map(|cores| cores.to_string()).join(" and ")
    )
}

/// Instructions to those of one unit.
fn instructions(sizes: &[Size]) -> String {
    let ratio = |size: &Size, way| {
        of(size, way).instructions as f64 / of(size, Way::One).instructions as f64
    };
    let highest = |way| {
        sizes
            .iter()
            .map(|size| ratio(size, way))
            .fold(0.0, f64::max)
    };
    format!(
        "A run takes at most {SAME} times the instructions of one unit. {}: at most {:.3} times; \
         `-Clinker-plugin-lto` at most {:.3} times.",
        word(highest(Way::Thin) <= SAME),
        highest(Way::Thin),
        highest(Way::Plugin)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::thin::usage::Usage;

    fn size(crates: usize, thin: (f64, u64, u64)) -> Size {
        let link = |seconds: f64, largest: u64| Link {
            usage: Usage {
                seconds,
                largest,
                together: largest,
            },
            back_ends: crates,
        };
        let row = |way, again: f64, largest: u64, instructions: u64| Row {
            way,
            clean: vec![Some(link(10.0, largest)); 2],
            edited: vec![vec![Some(link(again, largest)); 2]; 2],
            text: 4096,
            instructions,
        };
        let (again, largest, instructions) = thin;
        Size {
            crates,
            helpers: 50,
            units: vec![1000; crates],
            rows: vec![
                row(Way::One, 10.0, 100 * crates as u64, 1000),
                row(Way::Thin, again, largest, instructions),
                row(Way::Plugin, 2.0, largest, 1500),
            ],
        }
    }

    #[test]
    fn verdicts_follow_from_the_figures() {
        let good = [size(10, (1.0, 300, 1000)), size(50, (0.9, 310, 1005))];
        let text = render(&good);
        assert_eq!(text.matches("Met:").count(), 3, "{text}");
        assert!(text.contains("1.03 times the memory"), "{text}");
        let bad = [size(10, (1.0, 300, 1000)), size(50, (1.1, 400, 1020))];
        let text = render(&bad);
        assert_eq!(text.matches("**Missed**:").count(), 3, "{text}");
        assert!(text.contains("0.11 and 0.11"), "{text}");
    }
}
