//! What is left of the helpers, and one object of all.
//!
//! Not here: what comes after an object (`dist`).

use super::ThinLink;
use super::layout::{UnitFiles, module, rest};
use super::prepare::Prepared;
use crate::Result;
use crate::jobs::Job;
use crate::link::thin::{REST, Request, RestFacts, RestJob, source_name};
use std::path::PathBuf;

impl ThinLink<'_> {
    /// Compiles what the objects need of the helpers. Returns the object, and helpers'
    /// own calls of helpers that stayed.
    pub(super) fn rest(
        &self,
        prepared: &Prepared,
        objects: &[PathBuf],
        pic: bool,
    ) -> Result<(PathBuf, RestFacts)> {
        let files = rest();
        let job = RestJob {
            target: self.target(),
            name: self.job.name.clone(),
            units: prepared.whole.clone(),
            objects: objects.to_vec(),
            helpers: prepared.helper_facts.helpers.keys().cloned().collect(),
            wrapped: prepared.helper_facts.wrapped.clone(),
            replaceable: prepared.helper_facts.replaceable.clone(),
            keep: self.job.keep.clone(),
            pic,
            object: files.object(),
        };
        let mut inputs = prepared.whole.clone();
        inputs.extend_from_slice(objects);
        let outputs = vec![files.object()];
        let job = self.child_job(&files, &Request::Rest(job), inputs, outputs)?;
        self.runner.run(vec![job])?;
        let facts: RestFacts = self.answer(&files)?;
        Ok((files.object(), facts))
    }

    /// Makes one object of all, of which nothing is visible but the exports.
    pub(super) fn combine(&self, units: &[UnitFiles], objects: &[PathBuf]) -> Result<PathBuf> {
        let object = module(&self.job.name);
        let combined = PathBuf::from("objects/combined");
        let mut args = self.tools.lld.clone();
        args.extend(["-r".into(), "-o".into(), combined.display().to_string()]);
        args.extend(objects.iter().map(|object| object.display().to_string()));
        self.runner.run(vec![Job {
            args,
            inputs: objects.to_vec(),
            outputs: vec![combined.clone()],
        }])?;
        let mut args = self.tools.objcopy.clone();
        args.push("--localize-hidden".into());
        // By these objtool takes it for an image that is linked for good.
        let names = units.iter().map(|unit| unit.name.as_str()).chain([REST]);
        args.extend(names.map(|name| format!("--strip-symbol={}", source_name(name))));
        args.push(combined.display().to_string());
        args.push(object.display().to_string());
        self.runner.run(vec![Job {
            args,
            inputs: vec![combined],
            outputs: vec![object.clone()],
        }])?;
        Ok(object)
    }
}
