//! The way of `dist --lto thin`: each crate is a unit, compiled by a job of its own.
//!
//! Not here: the thin link itself, which is the library's.

use super::{Trial, no_clones, write};
use anyhow::{Context as _, Result};
use helper_inline_build::dist::thin::{Runner, ThinLink};
use helper_inline_build::jobs::Jobserver;
use helper_inline_build::link::job::{Job, Outcome};
use helper_inline_build::prove;
use std::num::NonZeroUsize;

impl Trial<'_> {
    /// Does all of it, and returns what the program prints and what became of its
    /// helpers.
    pub(super) fn thin(&mut self, job: &Job) -> Result<(String, Outcome)> {
        let job = Job {
            object: self.dir.join("thin.o"),
            ..job.clone()
        };
        let text = serde_json::to_string_pretty(&job).context("a job is plain data")?;
        write(&self.dir.join("thin.job.json"), &text)?;
        // Programs are tried beside each other already.
        let jobserver = Jobserver::new(NonZeroUsize::MIN)?;
        let dir = self.dir.join("thin.units");
        let runner = Runner::new(&dir, &dir.join("cache"), &jobserver, &|| false)?;
        let link = ThinLink {
            tools: &self.tools.thin,
            runner: &runner,
            job: &job,
            ninja: None,
            sections: false,
        };
        let outcome = link.link().context("thin: the link failed")?.outcome;
        let facts = prove::read_object(&job.object, &outcome.symbols())
            .context("thin: the object cannot be read")?;
        prove::check(&facts, &outcome.helpers).context("thin: the object and the report differ")?;
        no_clones(&job.object, &outcome).context("thin")?;
        let printed = self.link_and_run("thin", &[&job.object], &[])?;
        Ok((printed, outcome))
    }
}
