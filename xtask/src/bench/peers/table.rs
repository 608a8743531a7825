//! The tables of `docs/bench/peers.md`.

use std::fmt::Write as _;

use super::builds::Build;
use super::loops::{LOOPS, Loop, Loops};

/// Instructions of C's up to which a loop counts as no slower, for rounding's sake.
const EQUAL: f64 = 1.005;

/// A difference of ratios that is none.
const SAME: f64 = 0.005;

/// A difference of ratios in time up to which all took the same.
const GAIN: f64 = 0.05;

/// Both tables with what they say.
pub fn render(loops: &Loops, builds: &[Build]) -> String {
    let mut text = String::from(
        "# Ours and its peers on hosted programs\n\n\
         Written by `cargo xtask bench peers`; edit nothing here by hand. The programs are in\n\
         [`bench/peers`](../../bench/peers).\n\n\
         ![instructions and rebuilds](peers.svg)\n\n\
         ## Hot loops\n\n\
         Instructions of one iteration (callgrind, difference of two runs) as a ratio to C \
         at -O2, the same of time (median of paired runs), and references that the loop \
         has to C functions of the program (C's own RCU loop has one, for waking a writer). Code of the whole program, in KiB.\n\n",
    );
    let mut head = String::from("| |");
    let mut line = String::from("|---|");
    for (name, _) in LOOPS {
        write!(head, " {name}: instructions | time | calls |").expect("a String takes all");
        line += "---|---|---|";
    }
    writeln!(text, "{head} code |\n{line}---|").expect("a String takes all");
    for row in &loops.rows {
        write!(text, "| {} |", row.what).expect("a String takes all");
        for of in &row.loops {
            write!(
                text,
                " {:.1} ({:.2}) | {:.2} | {} |",
                of.instructions, of.ratio, of.time, of.calls
            )
            .expect("a String takes all");
        }
        let code = row
            .text
            .map(|bytes| format!("{:.0}", bytes as f64 / 1024.0));
        writeln!(text, " {} |", code.unwrap_or_default()).expect("a String takes all");
    }
    text += "\n";
    for (index, (name, what)) in LOOPS.iter().enumerate() {
        writeln!(text, "- **{name}**: {what}. {}", verdict(loops, index))
            .expect("a String takes all");
    }
    text += "\n## Building\n\n\
             A program with clap, serde_json and regex that calls one wrapped function. From \
             nothing: processor seconds of all processes. After an edit of its `main.rs`: \
             seconds, median, and the median of each round's ratio to FFI.\n\n\
             | | from nothing, CPU s | ratio | after an edit, s | ratio |\n|---|---|---|---|---|\n";
    for build in builds {
        writeln!(
            text,
            "| {} | {:.1} | {:.2} | {:.2} | {:.2} |",
            build.way.what,
            build.clean_cpu,
            build.clean_cpu / builds[0].clean_cpu,
            build.rebuild,
            build.rebuild_ratio
        )
        .expect("a String takes all");
    }
    text
}

/// Who needs no more instructions than C in a loop, who needs fewest, and whether any
/// of it is seen in time.
fn verdict(loops: &Loops, index: usize) -> String {
    let peers = || loops.rows.iter().filter(|row| row.text.is_some());
    let named = |keep: &dyn Fn(&Loop) -> bool| {
        let kept = peers().filter(|row| keep(&row.loops[index]));
        kept.map(|row| row.what.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let equal = named(&|of| of.ratio <= EQUAL);
    let least = peers()
        .map(|row| row.loops[index].ratio)
        .fold(f64::MAX, f64::min);
    let fewest = named(&|of| of.ratio <= least + SAME);
    let mut text = match equal.as_str() {
        "" => "Nobody needs as few instructions as C".to_owned(),
        all => format!("As few instructions as C or fewer: {all}"),
    };
    text += &format!("; the fewest: {fewest}.");
    let times = || peers().map(|row| row.loops[index].time);
    let (shortest, longest) = (
        times().fold(f64::MAX, f64::min),
        times().fold(0.0, f64::max),
    );
    if longest - shortest <= GAIN {
        text += " In time nobody gains over FFI.";
    }
    text
}
