//! How long a program with an ordinary tree of dependencies takes to build: from
//! nothing, and after an edit of its own code.
//!
//! Rebuilds go round in turn, way after way, so that the machine's drift is in all.

use std::fs;
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::ways::{Tools, Way};
use crate::bench::median;
use crate::command;

/// Rounds of rebuilds that are counted, and in how many of them ways are that compile
/// everything each time.
const ROUNDS: usize = 7;
const SLOW_ROUNDS: usize = 2;

/// The program that is built.
const PROGRAM: &str = "program";

/// What is edited in it: a string that the code uses.
const EDITED: &str = "program/src/main.rs";

/// One way's times.
pub struct Build {
    pub way: &'static Way,
    /// Processor seconds of all processes, from nothing.
    pub clean_cpu: f64,
    /// Seconds of a rebuild, medians.
    pub rebuild: f64,
    /// To the first way, median of the rounds' ratios.
    pub rebuild_ratio: f64,
}

/// Builds the program in each way.
pub fn measure(tools: &Tools, ways: &'static [Way]) -> Result<Vec<Build>> {
    let ways: Vec<&'static Way> = ways.iter().filter(|way| !way.is_combined()).collect();
    let mut clean = Vec::new();
    for way in &ways {
        eprintln!("building from nothing: {}", way.name);
        let target = tools.target_dir(way);
        if target.exists() {
            fs::remove_dir_all(&target)
                .with_context(|| format!("removing {}", target.display()))?;
        }
        let before = children_cpu()?;
        command::run(&mut tools.cargo(way, PROGRAM, "2"))?;
        clean.push(children_cpu()? - before);
    }
    let path = tools.workspace.join(EDITED);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let edited = Restored {
        path: &path,
        text: &text,
    };
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..=ROUNDS {
        eprintln!("rebuilding, round {round} of {ROUNDS}");
        edited.with(round)?;
        // The first one warms the caches.
        let is_in = |way: &Way| !way.is_slow() || (1..=SLOW_ROUNDS).contains(&round);
        for (way, times) in ways.iter().zip(&mut times).filter(|(way, _)| is_in(way)) {
            let mut cargo = tools.cargo(way, PROGRAM, "2");
            let started = Instant::now();
            command::run(&mut cargo)?;
            if round > 0 {
                times.push(started.elapsed().as_secs_f64());
            }
        }
    }
    Ok(ways
        .iter()
        .zip(clean)
        .zip(&times)
        .map(|((way, clean_cpu), own)| Build {
            way,
            clean_cpu,
            rebuild: median(own.iter().copied()),
            rebuild_ratio: median(own.iter().zip(&times[0]).map(|(own, first)| own / first)),
        })
        .collect())
}

/// A source that is put back as it was.
struct Restored<'a> {
    path: &'a std::path::Path,
    text: &'a str,
}

impl Restored<'_> {
    fn with(&self, round: usize) -> Result<()> {
        let words = "default_value = \"[a-z]+\"";
        anyhow::ensure!(
            self.text.contains(words),
            "{} has no {words}",
            self.path.display()
        );
        let new = format!("default_value = \"[a-z]+{}\"", "x?".repeat(round + 1));
        fs::write(self.path, self.text.replace(words, &new))
            .with_context(|| format!("writing {}", self.path.display()))
    }
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        if let Err(error) = fs::write(self.path, self.text) {
            eprintln!("{} is left edited: {error}", self.path.display());
        }
    }
}

/// Processor seconds of all children that have ended, theirs too.
fn children_cpu() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/stat").context("reading /proc/self/stat")?;
    let (_, fields) = text
        .rsplit_once(')')
        .context("/proc/self/stat has no name")?;
    let ticks = |index: usize| -> Result<f64> {
        let field = fields
            .split_whitespace()
            .nth(index)
            .context("/proc/self/stat is short")?;
        Ok(field.parse::<f64>()?)
    };
    // The 16th and 17th field of the file; the kernel shows 100 ticks a second.
    Ok((ticks(13)? + ticks(14)?) / 100.0)
}
