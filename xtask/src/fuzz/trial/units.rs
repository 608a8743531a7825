//! The way of an ordinary cargo build: each unit of helpers is prepared once, each
//! crate that calls some is lowered again by itself, and the linker puts all of it
//! together with rustc's own `core` and `std`.
//!
//! Not here: the wrapper around rustc that does so in a build.

use super::{Trial, no_clones, write};
use anyhow::{Context as _, Result, bail};
use helper_inline_build::link::child;
use helper_inline_build::link::job::{
    CrateInput, HelperInput, Job, OptLevel, Outcome, PrepareJob, UnitJob,
};
use helper_inline_build::prove::{self, Bodies};
use object::{Object as _, ObjectSymbol as _};
use std::path::{Path, PathBuf};

/// A unit of helpers, prepared.
struct Prepared {
    input: HelperInput,
    /// The object that defines all of it.
    object: PathBuf,
    /// The helpers that the ordinary build's object defines.
    symbols: Vec<String>,
}

impl Trial<'_> {
    /// Does all of it, and returns what the program prints.
    pub(super) fn unit_wise(&mut self, job: &Job) -> Result<(String, Vec<Outcome>)> {
        let mut prepared = Vec::new();
        for helper in &job.helpers {
            let one = self.prepare(job, helper);
            prepared.push(one.with_context(|| format!("units: `{}`", helper.package))?);
        }
        let mut objects = Vec::new();
        let mut outcomes = Vec::new();
        for krate in &job.crates {
            let lowered = self.lower(job, krate, &prepared);
            let (object, outcome) = lowered.with_context(|| format!("units: `{}`", krate.name))?;
            objects.push(object);
            outcomes.extend(outcome);
        }
        // As from an archive: taken only if something needs it.
        let archive: Vec<&Path> = prepared.iter().map(|p| p.object.as_path()).collect();
        let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
        let printed = self.link_and_run("units", &objects, &archive)?;
        Ok((printed, outcomes))
    }

    fn prepare(&self, job: &Job, helper: &HelperInput) -> Result<Prepared> {
        let bitcode = helper.bitcode.with_extension("prepared.bc");
        let object = helper.bitcode.with_extension("prepared.o");
        let request = PrepareJob {
            llvm: job.llvm.clone(),
            helper: helper.clone(),
            tag: helper.package.clone(),
            bitcode: bitcode.clone(),
            object: object.clone(),
        };
        let text = serde_json::to_string_pretty(&request).context("a job is plain data")?;
        write(&helper.bitcode.with_extension("prepare.json"), &text)?;
        child::prepare(&request).context("the helpers cannot be prepared")?;
        let symbols = symbols(&helper.bitcode.with_extension("o"), |s| s.is_definition())?;
        Ok(Prepared {
            input: HelperInput {
                bitcode,
                ..helper.clone()
            },
            object,
            symbols: symbols
                .into_iter()
                .filter(|name| helper.helpers.contains(name))
                .collect(),
        })
    }

    /// Lowers a crate again; rustc's own object stays where it calls no helper.
    fn lower(
        &self,
        job: &Job,
        krate: &CrateInput,
        prepared: &[Prepared],
    ) -> Result<(PathBuf, Option<Outcome>)> {
        let ordinary = krate.bitcode.with_extension("o");
        let called = symbols(&ordinary, |symbol| symbol.is_undefined())?;
        let helpers: Vec<HelperInput> = prepared
            .iter()
            .filter(|p| p.symbols.iter().any(|symbol| called.contains(symbol)))
            .map(|p| p.input.clone())
            .collect();
        if helpers.is_empty() {
            return Ok((ordinary, None));
        }
        let request = UnitJob {
            job: Job {
                name: krate.name.clone(),
                helpers,
                crates: vec![krate.clone()],
                libraries: Vec::new(),
                keep: Vec::new(),
                object: krate.bitcode.with_extension("unit.o"),
                ..job.clone()
            },
            level: OptLevel::of(self.program.levels.rustc).context("rustc has the level")?,
        };
        let text = serde_json::to_string_pretty(&request).context("a job is plain data")?;
        write(&krate.bitcode.with_extension("unit.json"), &text)?;
        let outcome = child::run_unit(&request).context("it cannot be lowered")?;
        let object = request.job.object;
        let facts =
            prove::read_object(&object, &outcome.symbols()).context("the object cannot be read")?;
        prove::check_with(&facts, &outcome.helpers, Bodies::Archive)
            .context("the object and the report differ")?;
        no_clones(&object, &outcome)?;
        let own = symbols(&object, |s| s.is_definition() && s.is_global())?;
        let helpers = prepared.iter().flat_map(|p| &p.symbols);
        if let Some(name) = helpers.into_iter().find(|name| own.contains(name)) {
            bail!("the object defines `{name}` for all");
        }
        Ok((object, Some(outcome)))
    }
}

/// The names of some of an object's symbols.
fn symbols(path: &Path, keep: impl Fn(&object::Symbol<'_, '_>) -> bool) -> Result<Vec<String>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let file = object::File::parse(bytes.as_slice())
        .with_context(|| format!("`{}` cannot be read", path.display()))?;
    let kept = file.symbols().filter(keep);
    Ok(kept
        .filter_map(|symbol| Some(symbol.name().ok()?.to_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use crate::fuzz::levels::RUSTC;
    use helper_inline_build::link::job::OptLevel;

    #[test]
    fn each_level_of_rustcs_has_one_of_its_own() {
        let levels: Vec<String> = RUSTC
            .iter()
            .map(|rustc| format!("{:?}", OptLevel::of(rustc).unwrap()))
            .collect();
        assert_eq!(levels, ["O0", "O1", "O2", "O3", "Os", "Oz"]);
        assert!(OptLevel::of("4").is_none());
    }
}
