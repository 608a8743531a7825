//! A module's link, as one unit or as many: what it is made of, and its object.
//!
//! Not here: the work itself (`link`, `thin`).

use super::cargo::{self, Collected};
use super::options::Lto;
use super::{Module, Policy, thin};
use crate::Result;
use crate::kernel::KernelDir;
use crate::link::child;
use crate::link::job::{CrateInput, HelperInput, Job, Outcome};
use crate::prove::ThinReport;
use std::path::Path;

/// A linked object's account.
pub(super) struct Linked {
    pub outcome: Outcome,
    pub thin: Option<ThinReport>,
    /// What the jobs of a thin link printed.
    pub printed: Vec<String>,
}

impl Module<'_> {
    pub(super) fn job(&self, collected: &Collected, object: &Path) -> Job {
        Job {
            llvm: self.tools.llvm.path.clone(),
            name: self.package.module.clone(),
            helpers: collected
                .manifests
                .iter()
                .filter_map(HelperInput::of)
                .collect(),
            crates: collected
                .crates
                .iter()
                .map(|krate| CrateInput {
                    name: krate.name.clone(),
                    bitcode: krate.bitcode.clone(),
                })
                .collect(),
            libraries: self.tools.libraries(self.target),
            keep: Vec::new(),
            kernel: self.kernel.is_some(),
            inline: self.options.inline != Policy::Off,
            debug: self.options.debug,
            object: object.to_owned(),
        }
    }

    /// Links the job's object, as one unit or as many. With `sections` these leave it to
    /// a linker to drop functions that were inlined everywhere.
    pub(super) fn link(&self, job: &Job, sections: bool) -> Result<Linked> {
        let (Some(tools), Lto::Thin(thin)) = (&self.tools.thin, &self.options.lto) else {
            return Ok(Linked {
                outcome: child::run(job)?,
                thin: None,
                printed: Vec::new(),
            });
        };
        let root = cargo::build_dir(self.workspace).join("thin");
        let kind = self.kernel.map_or("hosted", KernelDir::release);
        let dir = root.join(self.target).join(kind).join(&job.name);
        let interrupted = || self.progress.interrupted();
        let cache = root.join("cache");
        let mut runner = thin::Runner::new(&dir, &cache, self.jobserver, &interrupted)?;
        let progress = |done, of| self.progress.jobs(done, of);
        runner.progress = &progress;
        runner.distributor = thin.distributor.as_ref();
        let link = thin::ThinLink {
            tools,
            runner: &runner,
            job,
            ninja: thin.ninja.as_deref(),
            sections,
        };
        let linked = link.link()?;
        Ok(Linked {
            outcome: linked.outcome,
            thin: Some(linked.report),
            printed: runner.printed.take(),
        })
    }
}
