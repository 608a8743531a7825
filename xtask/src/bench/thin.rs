//! A program of many crates with many helpers, linked as one unit, as many by
//! `--lto thin`, and by `-Clinker-plugin-lto`: time and memory of a first link and of one
//! after an edit, and what the program then takes.
//!
//! Here is the order of things. Sources are written by `workspace`, `krate` and
//! `helpers`, ways to link are in `ways`, what is written in `table`.

mod helpers;
mod krate;
mod table;
mod usage;
mod ways;
mod workspace;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::prove::read_object;

use crate::bench::instructions;
use crate::command;
use crate::failure::Outcome;
use ways::{Link, Linker, Way};
use workspace::Workspace;

/// Where the table is kept.
const TABLE: &str = "docs/bench/thin.md";

/// How many crates and helpers there are.
pub const CRATES: [usize; 4] = [1, 10, 50, 200];
pub const HELPERS: [usize; 2] = [50, 1000];

/// On how many cores it is linked. Memory is that on the last.
pub const CORES: [usize; 2] = [1, 2];

/// Rounds of links; fewer of larger ones, which take long.
fn rounds(crates: usize) -> usize {
    match crates {
        0..=10 => 2,
        _ => 1,
    }
}

/// Whether a link is measured. One unit of very many crates takes minutes, which no
/// second core shortens and of which an edit spares nothing: it is linked once.
fn is_measured(way: Way, crates: usize, place: usize, is_edited: bool) -> bool {
    let is_slow = way == Way::One && crates > 100;
    !is_slow || (place + 1 == CORES.len() && !is_edited)
}

/// Which crate is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// One that some others import from.
    Middle,
    /// One that only the program calls.
    Leaf,
}

impl Edit {
    pub const ALL: [Edit; 2] = [Edit::Middle, Edit::Leaf];

    fn of(self, crates: usize) -> usize {
        match self {
            Edit::Middle => crates / 3,
            Edit::Leaf => crates - 1,
        }
    }
}

/// One workspace in one way.
pub struct Row {
    pub way: Way,
    /// By cores: of nothing.
    pub clean: Vec<Option<Link>>,
    /// After each edit, by cores.
    pub edited: Vec<Vec<Option<Link>>>,
    /// Code, in bytes.
    pub text: u64,
    pub instructions: u64,
}

/// One workspace in all ways.
pub struct Size {
    pub crates: usize,
    pub helpers: usize,
    /// Bytes of bitcode of each crate.
    pub units: Vec<u64>,
    pub rows: Vec<Row>,
}

/// Measures and writes the table.
pub fn run(root: &Path) -> Outcome {
    // Optimized, as an installed one is.
    command::run(command::cargo().current_dir(root).args([
        "build",
        "--release",
        "--package",
        "xtask",
    ]))?;
    let mut sizes = Vec::new();
    let path = root.join(TABLE);
    for crates in CRATES {
        for helpers in HELPERS {
            sizes.push(measure(root, crates, helpers)?);
            // Each time, for all of it takes long.
            fs::write(&path, table::render(&sizes))
                .with_context(|| format!("writing {}", path.display()))?;
            eprintln!("{crates} crates, {helpers} helpers: written to {TABLE}");
        }
    }
    print!("{}", table::render(&sizes));
    Ok(())
}

fn measure(root: &Path, crates: usize, helpers: usize) -> Result<Size> {
    let say = |what: &str| eprintln!("{crates} crates, {helpers} helpers: {what}");
    let base = root.join("target/bench-thin");
    say("compiling");
    let workspace = Workspace::write(
        // In one place: what was compiled of the last goes.
        &base.join(format!("{crates}x{helpers}")),
        crates,
        helpers,
        &root.join("helper-inline-build"),
        &root.join("Cargo.lock"),
    )?;
    let mut linker = Linker::new(&workspace, root, &base)?;
    linker.compile()?;
    let mut clean = Times::default();
    for round in 0..rounds(crates) {
        for (place, cores) in CORES.into_iter().enumerate() {
            for way in Way::ALL {
                if !is_measured(way, crates, place, false) {
                    continue;
                }
                say(&format!(
                    "linking, {} on {cores}, round {round}",
                    way.what()
                ));
                clean.add(way, place, linker.clean(way, cores)?);
            }
        }
    }
    let units = linker.units()?;
    let programs = programs(&linker)?;
    for way in Way::ALL {
        linker.keep(way)?;
    }
    let mut edited = Vec::new();
    for edit in Edit::ALL {
        say(&format!("compiling after an edit ({edit:?})"));
        let krate = edit.of(crates);
        let new = krate::EDITED.replace("= 1", "= 2");
        workspace.edit(krate, krate::EDITED, &new)?;
        linker.compile()?;
        let mut times = Times::default();
        for round in 0..rounds(crates) {
            for (place, cores) in CORES.into_iter().enumerate() {
                for way in Way::ALL {
                    if !is_measured(way, crates, place, true) {
                        continue;
                    }
                    say(&format!(
                        "linking again, {} on {cores}, round {round}",
                        way.what()
                    ));
                    linker.restore(way)?;
                    times.add(way, place, linker.again(way, cores)?);
                }
            }
        }
        check(&linker, |way| {
            is_measured(way, crates, CORES.len() - 1, true)
        })?;
        edited.push(times);
        workspace.edit(krate, &new, krate::EDITED)?;
    }
    let rows = Way::ALL.into_iter().zip(programs);
    let rows = rows.map(|(way, (text, instructions))| Row {
        way,
        clean: clean.of(way),
        edited: edited.iter().map(|times| times.of(way)).collect(),
        text,
        instructions,
    });
    Ok(Size {
        crates,
        helpers,
        units,
        rows: rows.collect(),
    })
}

/// Fails unless the program prints the same in all ways.
fn check(linker: &Linker<'_>, is_linked: impl Fn(Way) -> bool) -> Result<()> {
    let mut sums = BTreeSet::new();
    for way in Way::ALL.into_iter().filter(|way| is_linked(*way)) {
        sums.insert(command::output(&mut Command::new(linker.program(way)?))?);
    }
    ensure!(
        sums.len() == 1,
        "the ways differ in what they print: {sums:?}"
    );
    Ok(())
}

/// Code and instructions of the program, by ways.
fn programs(linker: &Linker<'_>) -> Result<Vec<(u64, u64)>> {
    check(linker, |_| true)?;
    let ways = Way::ALL.into_iter();
    ways.map(|way| {
        let program = linker.program(way)?;
        let counted = instructions(&Command::new(&program))?;
        Ok((read_object(&program, &BTreeSet::new())?.text_bytes, counted))
    })
    .collect()
}

/// Links of all ways and cores, round after round.
#[derive(Default)]
struct Times(Vec<(Way, usize, Link)>);

impl Times {
    fn add(&mut self, way: Way, place: usize, link: Link) {
        self.0.push((way, place, link));
    }

    /// By cores, the least of the rounds: what else the machine does only adds. Nothing
    /// where it was not measured.
    fn of(&self, way: Way) -> Vec<Option<Link>> {
        let by_cores = (0..CORES.len()).map(|place| {
            let links = self.0.iter().filter(|(w, p, _)| (*w, *p) == (way, place));
            let links: Vec<Link> = links.map(|(_, _, link)| *link).collect();
            let least = |a: &Link, b: &Link| a.usage.seconds.total_cmp(&b.usage.seconds);
            links.into_iter().min_by(least)
        });
        by_cores.collect()
    }
}
