//! Preparing units: a job for all helpers, one for each crate, one for the libraries.
//!
//! Not here: what these jobs do (`link::thin`).

use super::ThinLink;
use super::layout::{UnitFiles, helper_unit, interface};
use crate::jobs::Job;
use crate::link::job::{CrateInput, HelperInput};
use crate::link::thin::{
    Account, CrateJob, Facts, HelperFacts, HelperUnit, HelpersJob, LibrariesJob, Request, Target,
};
use crate::link::{ByName, child};
use crate::{Error, Result, files};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// All units, ready for the thin link.
pub(super) struct Prepared {
    /// The units that back ends compile: crates and libraries.
    pub units: Vec<UnitFiles>,
    /// What is known of each.
    pub facts: Vec<Facts>,
    /// The units of helpers that are imported from.
    pub helpers: Vec<UnitFiles>,
    /// What is compiled of them at the end.
    pub whole: Vec<PathBuf>,
    pub helper_facts: HelperFacts,
}

impl ThinLink<'_> {
    /// Prepares all units; those of which nothing changed are as they were.
    pub(super) fn prepare(&self) -> Result<Prepared> {
        let request = UnitFiles::new("helpers");
        let (files, units): (Vec<UnitFiles>, Vec<HelperUnit>) =
            self.helper_units().into_iter().unzip();
        let job = HelpersJob {
            target: self.target(),
            helpers: self.job.helpers.clone(),
            units: units.clone(),
            interface: interface(),
        };
        let inputs: Vec<PathBuf> = job.helpers.iter().map(|h| h.bitcode.clone()).collect();
        let made = units.iter().flat_map(|unit| [&unit.thin, &unit.whole]);
        let mut outputs: Vec<PathBuf> = made.cloned().collect();
        outputs.push(interface());
        let helpers = self.child_job(&request, &Request::Helpers(job), inputs, outputs)?;
        self.runner.memo.write()?;
        self.runner.run(vec![helpers])?;
        let helper_facts: HelperFacts = self.answer(&request)?;

        let crates: Vec<UnitFiles> = self
            .job
            .crates
            .iter()
            .map(|krate| UnitFiles::new(&unit_name(krate)))
            .collect();
        let jobs = self.job.crates.iter().zip(&crates);
        let jobs = jobs
            .map(|(krate, unit)| self.crate_job(krate, unit))
            .collect::<Result<_>>()?;
        self.runner.run(jobs)?;
        let facts = crates.iter().map(|unit| self.answer(unit));
        let mut prepared = Prepared {
            facts: facts.collect::<Result<_>>()?,
            units: crates,
            helpers: files,
            whole: units.into_iter().map(|unit| unit.whole).collect(),
            helper_facts,
        };
        self.add_libraries(&mut prepared)?;
        Ok(prepared)
    }

    pub(super) fn target(&self) -> Target {
        Target {
            llvm: self.job.llvm.clone(),
            llvm_file: self.runner.memo.digest(&self.job.llvm),
            kernel: self.job.kernel,
            inline: self.job.inline,
            debug: self.job.debug,
        }
    }

    /// The helpers' units. Two packages of one name are told apart by a number.
    fn helper_units(&self) -> Vec<(UnitFiles, HelperUnit)> {
        let mut taken = BTreeSet::new();
        let tagged = self.job.helpers.iter().map(|helper| {
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            let name: String = helper.package.chars().map(plain).collect();
            let numbered = (2..).map(|n| format!("helpers-{name}.{n}"));
            let mut names = std::iter::once(format!("helpers-{name}")).chain(numbered);
            let tag = names.find(|name| taken.insert(name.clone()));
            let tag = tag.expect("numbers do not end");
            let (files, whole) = helper_unit(&tag);
            let unit = HelperUnit {
                tag,
                thin: files.bitcode.clone(),
                whole,
            };
            (files, unit)
        });
        tagged.collect()
    }

    fn crate_job(&self, krate: &CrateInput, unit: &UnitFiles) -> Result<Job> {
        let prefixes: BTreeSet<String> =
            self.job.helpers.iter().map(|h| h.prefix.clone()).collect();
        let job = CrateJob {
            target: self.target(),
            unit: unit.name.clone(),
            bitcode: krate.bitcode.clone(),
            interface: interface(),
            prefixes: prefixes.into_iter().collect(),
            by_name: ByName::of(&self.job.helpers),
            keep: self.job.keep.clone(),
            output: unit.bitcode.clone(),
        };
        let inputs = vec![krate.bitcode.clone(), interface()];
        let outputs = vec![unit.bitcode.clone()];
        self.child_job(unit, &Request::Crate(job), inputs, outputs)
    }

    /// Adds what the crates need of `core` and `alloc`, if there is anything.
    fn add_libraries(&self, prepared: &mut Prepared) -> Result<()> {
        let needed = prepared.account(BTreeSet::new()).undefined();
        if self.job.libraries.is_empty() || needed.is_empty() {
            return Ok(());
        }
        let unit = UnitFiles::new("core");
        let job = LibrariesJob {
            target: self.target(),
            libraries: self.job.libraries.clone(),
            needed,
            interface: interface(),
            output: unit.bitcode.clone(),
        };
        let mut inputs = self.job.libraries.clone();
        inputs.push(interface());
        let outputs = vec![unit.bitcode.clone()];
        let job = self.child_job(&unit, &Request::Libraries(job), inputs, outputs)?;
        self.runner.run(vec![job])?;
        prepared.facts.push(self.answer(&unit)?);
        prepared.units.push(unit);
        Ok(())
    }

    /// A job that this program does itself. Its request is written, and is one of its
    /// inputs.
    pub(super) fn child_job(
        &self,
        unit: &UnitFiles,
        request: &Request,
        mut inputs: Vec<PathBuf>,
        mut outputs: Vec<PathBuf>,
    ) -> Result<Job> {
        let text = serde_json::to_vec(request).expect("a request is plain data");
        let path = self.runner.dir.join(unit.request());
        files::write_if_changed(&path, &text)?;
        inputs.push(unit.request());
        outputs.push(unit.facts());
        let program = self.runner.program.display().to_string();
        let request = unit.request().display().to_string();
        let facts = unit.facts().display().to_string();
        Ok(Job {
            args: vec![program, child::ARGUMENT.to_owned(), request, facts],
            inputs,
            outputs,
        })
    }

    /// What a job of [`ThinLink::child_job`] answered.
    pub(super) fn answer<T: DeserializeOwned>(&self, unit: &UnitFiles) -> Result<T> {
        let path = self.runner.dir.join(unit.facts());
        let text = files::read(&path)?;
        serde_json::from_slice(&text).map_err(|e| Error::Malformed {
            detail: format!(
                "{e}; remove `{}` to have it made anew",
                self.runner.dir.display()
            ),
            path,
            expected: "account of a unit",
        })
    }
}

impl Prepared {
    /// What all units come to.
    pub(super) fn account(&self, exempt: BTreeSet<String>) -> Account<'_> {
        Account::of(&self.helper_facts, &self.facts, exempt)
    }
}

/// A unit is called as cargo calls its files, in which each crate has another name.
fn unit_name(krate: &CrateInput) -> String {
    let stem = Path::new(&krate.bitcode).file_stem();
    stem.map_or_else(|| krate.name.clone(), |s| s.to_string_lossy().into_owned())
}

/// Every helper that may stay out of line.
pub(super) fn exempt(helpers: &[HelperInput]) -> BTreeSet<String> {
    helpers.iter().flat_map(|h| h.exempt.clone()).collect()
}
