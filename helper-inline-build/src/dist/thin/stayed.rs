//! Units whose object still calls a helper: how that came is asked of the optimizer, in
//! which they are compiled once more.
//!
//! Not here: naming causes (`link::thin`).

use super::ThinLink;
use super::backend::Backends;
use super::layout::UnitFiles;
use super::prepare::Prepared;
use crate::Result;
use crate::jobs::Job;
use crate::link::thin::{Facts, Request, SurveyFacts, SurveyJob};
use crate::prove::read_object;
use std::collections::BTreeSet;
use std::path::PathBuf;

impl ThinLink<'_> {
    /// The calls of helpers that units were left with. Calls that went by another name
    /// get their helper's back in the objects, which are returned.
    pub(super) fn stayed(
        &self,
        prepared: &Prepared,
        backends: &Backends,
    ) -> Result<(Vec<PathBuf>, SurveyFacts)> {
        let helpers: BTreeSet<String> = prepared.helper_facts.helpers.keys().cloned().collect();
        let wrapped = &prepared.helper_facts.wrapped;
        let below: BTreeSet<&str> = wrapped.values().map(|call| call.callee.as_str()).collect();
        let mut objects = Vec::new();
        let mut optimized = Vec::new();
        let mut jobs = Vec::new();
        for (unit, facts) in prepared.units.iter().zip(&prepared.facts) {
            let needs =
                read_object(&self.runner.dir.join(unit.object()), &BTreeSet::new())?.undefined;
            let is_left = |name: &String| {
                helpers.contains(name)
                    || facts.hidden.contains_key(name)
                    || below.contains(name.as_str())
            };
            if needs.iter().any(is_left) {
                jobs.push(backends.optimized(self, unit)?);
                optimized.push(unit.optimized());
            }
            objects.push(match needs.iter().any(|n| facts.hidden.contains_key(n)) {
                true => self.rename(unit, facts)?,
                false => unit.object(),
            });
        }
        self.runner.explain(jobs)?;
        if optimized.is_empty() {
            return Ok((objects, SurveyFacts::default()));
        }
        let survey = UnitFiles::new("survey");
        let job = SurveyJob {
            target: self.target(),
            bitcode: optimized.clone(),
            helpers,
            wrapped: wrapped.clone(),
        };
        let job = self.child_job(&survey, &Request::Survey(job), optimized, Vec::new())?;
        self.runner.explain(vec![job])?;
        let found: SurveyFacts = self.answer(&survey)?;
        Ok((objects, found))
    }

    /// Gives calls that went by another name their helper's.
    fn rename(&self, unit: &UnitFiles, facts: &Facts) -> Result<PathBuf> {
        let renamed = unit.object().with_extension("renamed.o");
        let mut args = self.tools.objcopy.clone();
        for (name, helper) in &facts.hidden {
            args.push(format!("--redefine-sym={name}={helper}"));
        }
        args.push(unit.object().display().to_string());
        args.push(renamed.display().to_string());
        self.runner.run(vec![Job {
            args,
            inputs: vec![unit.object()],
            outputs: vec![renamed.clone()],
        }])?;
        Ok(renamed)
    }
}
