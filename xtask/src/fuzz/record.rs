//! `--record`: the numbers of runs, kept in docs/fuzz.json, and what they add up to, in
//! docs/fuzz.md among what people wrote there.
//!
//! Not here: what is counted (`campaign`, `mutation`).

use super::campaign::Totals;
use super::mutation;
use super::tools::Tools;
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

const NUMBERS: &str = "docs/fuzz.json";
const FILE: &str = "docs/fuzz.md";

/// Runs with the same compilers.
#[derive(Serialize, Deserialize)]
pub struct Record {
    made_with: String,
    programs: Vec<Run<Totals>>,
    damaged: Vec<Run<mutation::Totals>>,
}

/// One run, or its part for one target.
#[derive(Serialize, Deserialize)]
struct Run<T> {
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    totals: T,
}

/// The compilers of a run, in words.
pub fn made_with(tools: &Tools) -> String {
    let (rustc, clang) = (&tools.rustc, &tools.clang);
    let version = rustc.version.split(" (").next().unwrap_or_default();
    format!("{version} (LLVM {}), clang {}", rustc.llvm, clang.version)
}

impl Record {
    /// An empty record, or the one that is kept below `kept` if it is of the same compilers.
    pub fn new(kept: Option<&Path>, made_with: String) -> Result<Record> {
        let Some(root) = kept else {
            return Ok(Record {
                made_with,
                programs: Vec::new(),
                damaged: Vec::new(),
            });
        };
        let path = root.join(NUMBERS);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let record: Record = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is no record", path.display()))?;
        ensure!(
            record.made_with == made_with,
            "`{}` is of {}, this run would be of {made_with}; leave --add away to begin anew",
            path.display(),
            record.made_with
        );
        Ok(record)
    }

    /// Fails if a run has seeds that were tried already: nothing would be added by them.
    pub fn check_new(&self, seed: u64, programs: u64, targets: &[&str], inputs: u64) -> Result<()> {
        for run in &self.programs {
            let same_target = targets
                .iter()
                .any(|target| run.target.as_deref() == Some(target));
            let seeds = run.seeds(run.totals.programs);
            ensure!(
                !same_target || !overlap(&seeds, &(seed..seed + programs)),
                "{FILE} has programs of the seeds {} to {}; give another --seed",
                seeds.start,
                seeds.end - 1
            );
        }
        for run in &self.damaged {
            let seeds = run.seeds(run.totals.inputs);
            ensure!(
                !overlap(&seeds, &(seed..seed + inputs)),
                "{FILE} has damaged inputs of the seeds {} to {}; give another --seed",
                seeds.start,
                seeds.end - 1
            );
        }
        Ok(())
    }

    /// Adds a run.
    pub fn add(
        &mut self,
        seed: u64,
        programs: Vec<(&'static str, Totals)>,
        damaged: Option<mutation::Totals>,
    ) {
        for (target, totals) in programs {
            self.programs.push(Run {
                seed,
                target: Some(target.to_owned()),
                totals,
            });
        }
        self.damaged.extend(damaged.map(|totals| Run {
            seed,
            target: None,
            totals,
        }));
    }

    /// Writes the numbers, and in place of the sections of which there are some, what they
    /// add up to.
    pub fn write(&self, root: &Path) -> Result<()> {
        let path = root.join(FILE);
        let mut text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        if !self.programs.is_empty() {
            text = replace(&text, "programs", &self.of_programs());
        }
        if !self.damaged.is_empty() {
            text = replace(&text, "damaged inputs", &self.of_damaged());
        }
        let numbers = serde_json::to_string_pretty(self).context("cannot write the numbers")?;
        for (path, text) in [(root.join(NUMBERS), numbers + "\n"), (path, text)] {
            std::fs::write(&path, text)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        println!("written to {FILE} and {NUMBERS}");
        Ok(())
    }

    fn of_programs(&self) -> String {
        let mut targets: BTreeMap<&str, Totals> = BTreeMap::new();
        for run in &self.programs {
            let target = run.target.as_deref().unwrap_or_default();
            targets.entry(target).or_default().merge(&run.totals);
        }
        let seeds = self.programs.iter().map(|run| run.seed);
        let mut text = self.heading(seeds);
        text += "\n\n| target | programs | wrong | units of C | crates | helpers called | call sites | inlined | crate by crate | thin | pairs of levels |\n\
                 |---|---|---|---|---|---|---|---|---|---|---|\n";
        for (target, t) in targets.iter().rev() {
            let _ = writeln!(
                text,
                "| {target} | {} | {} | {} | {} | {} | {} | {} | {} of {} | {} of {} | {} |",
                t.programs,
                t.wrong,
                t.units,
                t.crates,
                t.helpers,
                t.call_sites,
                t.inlined,
                t.unit_inlined,
                t.unit_call_sites,
                t.thin_inlined,
                t.thin_call_sites,
                t.pairs()
            );
        }
        text += "\n| target | why a call stayed | calls |\n|---|---|---|\n";
        for (target, totals) in targets.iter().rev() {
            for (cause, calls) in &totals.stayed {
                let _ = writeln!(text, "| {target} | {cause} | {calls} |");
            }
        }
        text
    }

    fn of_damaged(&self) -> String {
        let mut all = mutation::Totals::default();
        for run in &self.damaged {
            all.merge(&run.totals);
        }
        format!(
            "{} {} inputs, {} faults.\n\n{}",
            self.heading(self.damaged.iter().map(|run| run.seed)),
            all.inputs,
            all.faults,
            all.table()
        )
    }

    fn heading(&self, seeds: impl Iterator<Item = u64>) -> String {
        let mut seeds: Vec<u64> = seeds.collect();
        seeds.sort_unstable();
        seeds.dedup();
        let word = if seeds.len() == 1 { "Seed" } else { "Seeds" };
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        format!("{word} {}; {}.", seeds.join(", "), self.made_with)
    }
}

impl<T> Run<T> {
    /// Those of its programs or inputs, which count on from the first.
    fn seeds(&self, count: u64) -> Range<u64> {
        self.seed..self.seed + count
    }
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start.max(b.start) < a.end.min(b.end)
}

/// The text with other words between the two marks of a section.
fn replace(text: &str, section: &str, words: &str) -> String {
    let begin = format!("<!-- {section}: written by cargo xtask fuzz --record -->\n");
    let end = format!("<!-- end of {section} -->\n");
    let (before, after) = text.split_once(&begin).unwrap_or((text, ""));
    let after = after.split_once(&end).map_or("", |(_, after)| after);
    format!("{before}{begin}\n{}\n\n{end}{after}", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(programs: u64, stayed: u64) -> Totals {
        Totals {
            programs,
            stayed: [("noinline".to_owned(), stayed)].into(),
            ..Totals::default()
        }
    }

    #[test]
    fn runs_with_other_seeds_add_up() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("docs")).unwrap();
        std::fs::write(root.path().join(FILE), "# Title\n").unwrap();
        let tools = || "rustc 1, clang 2".to_owned();
        let mut record = Record::new(None, tools()).unwrap();
        record.add(5, vec![("t", totals(10, 1))], None);
        record.write(root.path()).unwrap();
        let mut record = Record::new(Some(root.path()), tools()).unwrap();
        record.check_new(15, 10, &["t"], 0).unwrap();
        record.check_new(5, 10, &["other"], 10).unwrap();
        let error = record.check_new(14, 10, &["t"], 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "docs/fuzz.md has programs of the seeds 5 to 14; give another --seed"
        );
        record.add(15, vec![("t", totals(20, 3))], None);
        record.write(root.path()).unwrap();
        let text = std::fs::read_to_string(root.path().join(FILE)).unwrap();
        assert!(text.contains("Seeds 5, 15; rustc 1, clang 2."), "{text}");
        assert!(text.contains("| t | 30 | 0 |"), "{text}");
        assert!(text.contains("| t | noinline | 4 |"), "{text}");
        let Err(error) = Record::new(Some(root.path()), "rustc 2".into()) else {
            panic!("runs of other compilers were added");
        };
        assert!(error.to_string().contains("this run would be of rustc 2"));
    }

    #[test]
    fn what_people_wrote_and_other_sections_are_kept() {
        let begin = |section| format!("<!-- {section}: written by cargo xtask fuzz --record -->");
        let text = replace("# Title\n\n", "a", "one\n") + "\nWords.\n";
        let both = replace(&text, "b", "two\n");
        let expected = format!(
            "# Title\n\n{}\n\none\n\n<!-- end of a -->\n\nWords.\n\
             {}\n\ntwo\n\n<!-- end of b -->\n",
            begin("a"),
            begin("b")
        );
        assert_eq!(both, expected);
        assert_eq!(
            replace(&both, "a", "three"),
            expected.replace("one", "three")
        );
    }
}
