//! `--record`: the numbers of a run, kept in docs/fuzz.md among what people wrote
//! there.

use super::campaign::Totals;
use super::mutation;
use super::tools::Tools;
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::path::Path;

const FILE: &str = "docs/fuzz.md";

/// One run.
pub struct Record<'a> {
    pub tools: &'a Tools,
    pub seed: u64,
    pub programs: &'a [(&'static str, Totals)],
    pub damaged: Option<&'a mutation::Totals>,
}

impl Record<'_> {
    /// Replaces the numbers of what was run.
    pub fn write(&self, root: &Path) -> Result<()> {
        let path = root.join(FILE);
        let mut text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        if !self.programs.is_empty() {
            text = replace(&text, "programs", &self.programs());
        }
        if let Some(damaged) = self.damaged {
            text = replace(&text, "damaged inputs", &self.damaged(damaged));
        }
        std::fs::write(&path, text)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        println!("written to {FILE}");
        Ok(())
    }

    fn made_with(&self) -> String {
        let (rustc, clang) = (&self.tools.rustc, &self.tools.clang);
        let version = rustc.version.split(" (").next().unwrap_or_default();
        format!(
            "Seed {}; {version} (LLVM {}), clang {}.",
            self.seed, rustc.llvm, clang.version
        )
    }

    fn programs(&self) -> String {
        let mut text = self.made_with();
        text += "\n\n| target | programs | wrong | units of C | crates | helpers called | call sites | inlined | crate by crate | thin | pairs of levels |\n\
                 |---|---|---|---|---|---|---|---|---|---|---|\n";
        for (target, t) in self.programs {
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
        for (target, totals) in self.programs {
            for (cause, calls) in &totals.stayed {
                let _ = writeln!(text, "| {target} | {cause} | {calls} |");
            }
        }
        text
    }

    fn damaged(&self, damaged: &mutation::Totals) -> String {
        format!(
            "{} {} inputs, {} faults.\n\n{}",
            self.made_with(),
            damaged.inputs,
            damaged.faults,
            damaged.table()
        )
    }
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
    use super::replace;

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
