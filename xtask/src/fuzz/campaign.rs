//! All programs of one target, and what they came to.
//!
//! Not here: one program (`program`) and its trial (`trial`).

use super::levels::{CLANG, RUSTC};
use super::pool;
use super::program::Program;
use super::tools::Tools;
use super::trial::{Trial, Verdict};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Mutex;

/// All programs of one target.
pub struct Campaign<'a> {
    tools: &'a Tools,
    dir: &'a Path,
    /// Where failed programs are kept.
    keep: &'a Path,
    seed: u64,
    /// Whether each has a planted fault.
    plant: bool,
    totals: Mutex<Totals>,
}

/// What programs came to.
#[derive(Default, Serialize, Deserialize)]
pub struct Totals {
    pub programs: u64,
    /// How many went wrong; with planted faults, how many were caught.
    pub wrong: u64,
    pub units: u64,
    pub crates: u64,
    pub helpers: u64,
    pub written_calls: u64,
    pub call_sites: u64,
    pub inlined: u64,
    /// The causes of the calls that stayed.
    pub stayed: BTreeMap<String, u64>,
    /// The same sites, where each crate is lowered by itself.
    pub unit_call_sites: u64,
    pub unit_inlined: u64,
    pub thin_call_sites: u64,
    pub thin_inlined: u64,
    /// Pairs of clang's and rustc's.
    pub levels: BTreeSet<(String, String)>,
}

impl<'a> Campaign<'a> {
    pub fn new(
        tools: &'a Tools,
        dir: &'a Path,
        keep: &'a Path,
        seed: u64,
        plant: bool,
    ) -> Campaign<'a> {
        Campaign {
            tools,
            dir,
            keep,
            seed,
            plant,
            totals: Mutex::default(),
        }
    }

    /// Runs so many programs.
    pub fn run(self, count: u64) -> Result<Totals> {
        pool::run(count, |number| self.program(number))?;
        Ok(self.totals.into_inner().expect("no trial panicked"))
    }

    fn program(&self, number: u64) -> Result<()> {
        let program = Program::new(self.seed.wrapping_add(number));
        let dir = tempfile::tempdir_in(self.dir).context("cannot make a directory")?;
        let verdict = Trial::new(self.tools, &program, dir.path(), self.plant).run()?;
        if verdict.wrong.is_some() && !self.plant {
            self.keep(&program, &verdict, dir.path())?;
        }
        let mut totals = self.totals.lock().expect("no trial panicked");
        totals.add(&program, verdict, self.plant);
        if totals.programs % 100 == 0 {
            println!("  {} done, {} wrong", totals.programs, totals.wrong);
        }
        Ok(())
    }

    /// Moves a failed program to where it survives, and says how to see it again.
    fn keep(&self, program: &Program, verdict: &Verdict, dir: &Path) -> Result<()> {
        let arch = self.tools.target.split('-').next().unwrap_or_default();
        let kept = self.keep.join(format!("{}-{arch}", program.seed));
        super::replace(dir, &kept)?;
        let wrong = verdict.wrong.as_deref().unwrap_or_default();
        eprintln!(
            "wrong: {wrong}\n  kept in `{}`; again: cargo xtask fuzz --count 1 --seed {} --target {}",
            kept.display(),
            program.seed,
            self.tools.target
        );
        Ok(())
    }
}

impl Totals {
    fn add(&mut self, program: &Program, verdict: Verdict, plant: bool) {
        self.programs += 1;
        // A planted fault is caught when outputs differ, and by nothing else.
        self.wrong += u64::from(match (&verdict.wrong, plant) {
            (None, _) => false,
            (Some(_), false) => true,
            (Some(why), true) => why.contains("each way prints something else"),
        });
        self.units += program.units.len() as u64;
        self.crates += program.crates.len() as u64;
        self.helpers += verdict.helpers;
        self.written_calls += program.calls as u64;
        self.call_sites += verdict.call_sites;
        self.inlined += verdict.inlined;
        self.unit_call_sites += verdict.unit_call_sites;
        self.unit_inlined += verdict.unit_inlined;
        self.thin_call_sites += verdict.thin_call_sites;
        self.thin_inlined += verdict.thin_inlined;
        for (cause, calls) in verdict.stayed {
            *self.stayed.entry(cause.to_owned()).or_default() += calls;
        }
        let levels = program.levels;
        let pair = (levels.clang.to_owned(), levels.rustc.to_owned());
        self.levels.insert(pair);
    }

    /// Adds those of another run.
    pub fn merge(&mut self, other: &Totals) {
        self.programs += other.programs;
        self.wrong += other.wrong;
        self.units += other.units;
        self.crates += other.crates;
        self.helpers += other.helpers;
        self.written_calls += other.written_calls;
        self.call_sites += other.call_sites;
        self.inlined += other.inlined;
        for (cause, calls) in &other.stayed {
            *self.stayed.entry(cause.clone()).or_default() += calls;
        }
        self.unit_call_sites += other.unit_call_sites;
        self.unit_inlined += other.unit_inlined;
        self.thin_call_sites += other.thin_call_sites;
        self.thin_inlined += other.thin_inlined;
        self.levels.extend(other.levels.iter().cloned());
    }

    /// How many pairs of optimization levels there were, of how many.
    pub fn pairs(&self) -> String {
        format!("{} of {}", self.levels.len(), CLANG.len() * RUSTC.len())
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (cause, calls) in &self.stayed {
            writeln!(f, "  {calls} stayed: {cause}")?;
        }
        writeln!(
            f,
            "  crate by crate: {} of {} sites inlined; thin: {} of {}",
            self.unit_inlined, self.unit_call_sites, self.thin_inlined, self.thin_call_sites
        )?;
        writeln!(
            f,
            "{} programs ({} units, {} crates), {} wrong; {} helpers called at {} sites ({} written \
             in Rust), {} inlined; {} pairs of clang's and rustc's optimization levels",
            self.programs,
            self.units,
            self.crates,
            self.wrong,
            self.helpers,
            self.call_sites,
            self.written_calls,
            self.inlined,
            self.pairs(),
        )
    }
}
