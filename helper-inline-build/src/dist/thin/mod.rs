//! `--lto thin`: a module linked as many jobs instead of one.
//!
//! Units are prepared, the thin link decides what each imports, each is compiled by a job
//! of its own, then what is left of the helpers, and all objects become one. Each job is a
//! command line with declared inputs and outputs, and runs again only when one of these
//! changed. Not here: what is done to a unit (`link::thin`), or how jobs are run (`jobs`).

mod backend;
mod combine;
mod index;
mod layout;
mod ninja;
mod prepare;
mod runner;
mod stayed;
mod tools;

use crate::clock::Clock;
use crate::link::c_names::CNames;
use crate::link::job::{Job, Outcome};
use crate::prove::{BackEndReport, ThinReport};
use crate::{Result, files};
use std::path::Path;

pub use runner::Runner;
pub use tools::ThinTools;

/// One module to link so. Some of its jobs run this program again, which therefore calls
/// [`child::dispatch`](crate::link::child::dispatch) first thing in `main`.
pub struct ThinLink<'a> {
    /// lld, objcopy and the clang of the back ends.
    pub tools: &'a ThinTools,
    /// What runs the jobs.
    pub runner: &'a Runner<'a>,
    /// The same link as one job.
    pub job: &'a Job,
    /// Where the graph of the jobs goes, if it is wanted.
    pub ninja: Option<&'a Path>,
    /// Whether functions get sections of their own, for a linker that drops some.
    pub sections: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Linked {
    /// What became of the helpers.
    pub outcome: Outcome,
    /// How the units were compiled.
    pub report: ThinReport,
}

impl ThinLink<'_> {
    /// Links the module's units to objects, and these to its job's object.
    ///
    /// # Errors
    /// What the inputs are refused for, as in a whole link; [`crate::Error::Job`] when a
    /// compiler or linker fails. The object is written only when all is well.
    pub fn link(&self) -> Result<Linked> {
        let dir = &self.runner.dir;
        for part in layout::DIRS {
            files::create_dir_all(&dir.join(part))?;
        }
        let mut clock = Clock::start();
        let prepared = self.prepare()?;
        clock.lap("prepare");
        let account = prepared.account(prepare::exempt(&self.job.helpers));
        account.check()?;
        self.thin_link(&prepared, &account)?;
        clock.lap("thin link");
        let backends = self.backends(&prepared, &account);
        let report = self.compile(&prepared, &backends)?;
        clock.lap("back ends");
        let (mut objects, mut left) = self.stayed(&prepared, &backends)?;
        let (rest, of_helpers) = self.rest(&prepared, &objects, account.pic())?;
        objects.push(rest);
        left.left.extend(of_helpers.left);
        left.below.extend(of_helpers.below);
        let object = dir.join(self.combine(&prepared.units, &objects)?);
        files::write(&self.job.object, &files::read(&object)?)?;
        clock.lap("combine");
        let helpers = account.outcomes(&left.left, &left.below);
        if let Some(path) = self.ninja {
            self.write_ninja(path, &helpers)?;
        }
        let mut outcome = Outcome {
            llvm: self.tools.clang.version.to_string(),
            helpers,
            harmonized: account.harmonized(),
            exports: account.exports().into_iter().collect(),
            imports: account.imports(),
            timings_ms: clock.laps,
        };
        CNames::of(&self.job.helpers).put_in_outcome(&mut outcome);
        Ok(Linked { outcome, report })
    }

    /// Compiles the units, those of which something changed.
    fn compile(
        &self,
        prepared: &prepare::Prepared,
        backends: &backend::Backends,
    ) -> Result<ThinReport> {
        let units = prepared.units.iter();
        let jobs = units.map(|unit| backends.job(self, unit));
        let jobs = jobs.collect::<Result<Vec<_>>>()?;
        let imports: Vec<Vec<String>> = jobs.iter().map(backend::imports_of).collect();
        let done = self.runner.run_anywhere(jobs)?;
        let units = prepared.units.iter().zip(imports).zip(done);
        Ok(ThinReport {
            back_ends: units
                .map(|((unit, imports), done)| BackEndReport {
                    unit: unit.name.clone(),
                    imports,
                    ran: !done.from_cache,
                    milliseconds: done.milliseconds,
                })
                .collect(),
        })
    }
}
