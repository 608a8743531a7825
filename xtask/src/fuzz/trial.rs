//! One program built five ways, run, and compared: an ordinary build by clang
//! and rustc as the oracle, the engine's object with helpers inlined and out of
//! line, helpers inlined into one crate at a time, and a thin link.
//!
//! Not here: compiling (`compile`), crate by crate (`units`), as many jobs (`thin`), where failures are
//! kept and how many trials there are (`campaign`).

mod compile;
mod thin;
mod units;

use super::program::Program;
use super::tools::Tools;
use crate::command;
use anyhow::{Context as _, Result, bail};
use helper_inline_build::link::child;
use helper_inline_build::link::job::{HelperOutcome, Job, Outcome};
use helper_inline_build::prove;
use object::{Object as _, ObjectSymbol as _, SymbolKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Programs end within milliseconds; one that does not is wrong.
const LIMIT: Duration = Duration::from_secs(20);

/// The ways that are compared with the ordinary one.
const WAYS: [&str; 4] = ["inlined", "outlined", "units", "thin"];

/// Causes that lie in a body, or in what passes make of a result.
const OF_BODIES: [&str; 4] = ["assembly-symbol", "alias", "not-inlinable", "type-mismatch"];

/// What a trial came to.
#[derive(Default)]
pub struct Verdict {
    /// What went wrong; nothing when all agree.
    pub wrong: Option<String>,
    /// How many helpers were called, and at how many sites.
    pub helpers: u64,
    pub call_sites: u64,
    /// How many sites were inlined, and the causes of the rest.
    pub inlined: u64,
    pub stayed: BTreeMap<&'static str, u64>,
    /// The same sites, where each crate is lowered by itself.
    pub unit_call_sites: u64,
    pub unit_inlined: u64,
    /// The same sites, where all is linked as many jobs.
    pub thin_call_sites: u64,
    pub thin_inlined: u64,
}

/// One trial, in a directory of its own.
pub struct Trial<'a> {
    pub tools: &'a Tools,
    pub program: &'a Program,
    pub dir: &'a Path,
    /// Whether the engine gets helpers of which one is wrong.
    pub plant: bool,
    /// The object of what is no helper's and no crate's.
    native: Option<PathBuf>,
    commands: String,
    /// The ways in which the planted fault showed.
    caught: Vec<&'static str>,
}

impl<'a> Trial<'a> {
    pub fn new(tools: &'a Tools, program: &'a Program, dir: &'a Path, plant: bool) -> Trial<'a> {
        Trial {
            tools,
            program,
            dir,
            plant,
            native: None,
            commands: String::new(),
            caught: Vec::new(),
        }
    }

    /// Builds, runs and compares. An error is the machine's; what the engine does
    /// wrong is in the verdict. Everything that led to it is left in the directory.
    pub fn run(mut self) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        let result = self.try_run(&mut verdict);
        write(&self.dir.join("commands.sh"), &self.commands)?;
        command::check_interrupt()?;
        if let Err(error) = result {
            verdict.wrong = Some(format!("{error:#}"));
        }
        if let Some(wrong) = &verdict.wrong {
            write(&self.dir.join("wrong.txt"), wrong)?;
        }
        Ok(verdict)
    }

    fn try_run(&mut self, verdict: &mut Verdict) -> Result<()> {
        let (objects, job) = self.compile()?;
        let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
        let oracle = self.link_and_run("oracle", &objects, &[])?;
        for inline in [true, false] {
            let name = if inline { "inlined" } else { "outlined" };
            let job = Job {
                inline,
                object: self.dir.join(format!("{name}.o")),
                ..job.clone()
            };
            write(
                &self.dir.join(format!("{name}.job.json")),
                &serde_json::to_string_pretty(&job).context("a job is plain data")?,
            )?;
            let outcome = child::run(&job).with_context(|| format!("{name}: the link failed"))?;
            let facts = prove::read_object(&job.object, &outcome.symbols())
                .with_context(|| format!("{name}: the object cannot be read"))?;
            prove::check(&facts, &outcome.helpers)
                .with_context(|| format!("{name}: the object and the report differ"))?;
            if inline {
                self.judge(name, &outcome, verdict)?;
            }
            no_clones(&job.object, &outcome).with_context(|| name.to_owned())?;
            let printed = self.link_and_run(name, &[&job.object], &[])?;
            self.compare(name, &oracle, &printed)?;
        }
        // A fault has to show in each way of each program.
        if self.plant || self.program.unit_wise {
            let (printed, outcomes) = self.unit_wise(&job)?;
            for outcome in &outcomes {
                let mut unit = Verdict::default();
                self.judge("units", outcome, &mut unit)?;
                verdict.unit_call_sites += unit.call_sites;
                verdict.unit_inlined += unit.inlined;
            }
            self.compare("units", &oracle, &printed)?;
        }
        if self.plant || self.program.thin {
            let (printed, outcome) = self.thin(&job)?;
            let mut thin = Verdict::default();
            self.judge("thin", &outcome, &mut thin)?;
            verdict.thin_call_sites = thin.call_sites;
            verdict.thin_inlined = thin.inlined;
            self.compare("thin", &oracle, &printed)?;
        }
        if self.plant && self.caught == WAYS {
            bail!("each way prints something else than the ordinary build");
        }
        Ok(())
    }

    /// With a planted fault each way has to show it, so it ends with none of them.
    fn compare(&mut self, name: &'static str, oracle: &str, printed: &str) -> Result<()> {
        if printed == oracle {
            return Ok(());
        }
        if self.plant {
            self.caught.push(name);
            return Ok(());
        }
        bail!(
            "{name}: it prints something else than the ordinary build: {}",
            first_difference(oracle, printed)
        )
    }

    /// Whether what stayed out of line was bound to, by the program's own design.
    fn judge(&self, name: &str, outcome: &Outcome, verdict: &mut Verdict) -> Result<()> {
        let mut unexpected = String::new();
        for helper in &outcome.helpers {
            verdict.helpers += u64::from(helper.call_sites > 0);
            verdict.call_sites += helper.call_sites;
            verdict.inlined += helper.inlined;
            let may_stay = self.program.may_stay.get(&helper.name);
            for call in &helper.remaining {
                let cause = call.cause.name();
                *verdict.stayed.entry(cause).or_default() += 1;
                // With clang's own passes, what a helper calls may be in it already.
                let with_passes = self.program.ends_in_trap && OF_BODIES.contains(&cause);
                if !with_passes && !may_stay.is_some_and(|causes| causes.contains(&cause)) {
                    let _ = write!(
                        unexpected,
                        "\n  {} in {}: {cause} ({})",
                        helper.name,
                        call.caller,
                        call.attribute.as_deref().unwrap_or("no detail")
                    );
                }
            }
        }
        if !unexpected.is_empty() {
            bail!("{name}: calls stayed that nothing keeps out of line:{unexpected}");
        }
        Ok(())
    }

    /// Links a program, runs it and returns what it prints; how it ended, when
    /// not well, is part of that.
    fn link_and_run(&mut self, name: &str, objects: &[&Path], archive: &[&Path]) -> Result<String> {
        let program = self.dir.join(name);
        let native = self.native.as_deref();
        let objects: Vec<&Path> = objects.iter().copied().chain(native).collect();
        self.step(&mut self.tools.linker(&objects, archive, &program))?;
        let path = self.dir.join(format!("{name}.out"));
        let file =
            File::create(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let mut run = self.tools.runner(&program);
        self.note(&run);
        let mut child = command::spawn(run.stdout(file).stderr(std::process::Stdio::null()))?;
        let status = command::wait(&mut child, Some(LIMIT))?;
        let mut printed = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        match status {
            Some(status) if status.success() => {}
            Some(status) => {
                let _ = writeln!(printed, "{status}");
            }
            None => printed.push_str("it does not end\n"),
        }
        if name == "oracle" && printed.ends_with("end\n") == self.program.ends_in_trap {
            bail!(
                "the ordinary build does not run, so the generator is wrong: {}",
                printed.lines().last().unwrap_or_default()
            );
        }
        Ok(printed)
    }

    fn step(&mut self, step: &mut Command) -> Result<()> {
        self.note(step);
        command::output(step).map(drop)
    }

    fn note(&mut self, command: &Command) {
        self.commands.push_str(&command::shown(command));
        self.commands.push('\n');
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

/// That no helper which counts as gone lives on under a name that LLVM made of
/// its own. Its statics are named so too, but are no functions.
fn no_clones(object: &Path, outcome: &Outcome) -> Result<()> {
    let bytes =
        std::fs::read(object).with_context(|| format!("cannot read `{}`", object.display()))?;
    let file = object::File::parse(bytes.as_slice()).context("the object cannot be read")?;
    for symbol in file.symbols().filter(|s| s.kind() == SymbolKind::Text) {
        let name = symbol.name().unwrap_or_default();
        let of = name.split('.').next().unwrap_or_default();
        let gone = |h: &HelperOutcome| h.name == of && h.remaining.is_empty();
        if outcome.helpers.iter().any(gone) {
            bail!("`{of}` counts as inlined, yet the object has the function `{name}`");
        }
    }
    Ok(())
}

/// The first line in which two outputs differ.
fn first_difference(oracle: &str, printed: &str) -> String {
    let (mut left, mut right) = (oracle.lines(), printed.lines());
    for number in 1.. {
        let (l, r) = (left.next(), right.next());
        if l != r || l.is_none() {
            let show = |line: Option<&str>| line.unwrap_or("nothing").to_owned();
            return format!("line {number} is `{}`, should be `{}`", show(r), show(l));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(
            first_difference("0 1\n1 2\nend\n", "0 1\n1 3\nend\n"),
            "line 2 is `1 3`, should be `1 2`"
        );
        assert_eq!(
            first_difference("0 1\nend\n", "0 1\n"),
            "line 2 is `nothing`, should be `end`"
        );
    }
}
