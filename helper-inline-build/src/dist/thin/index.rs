//! The thin link: lld reads every unit's summary and decides what each imports.
//!
//! Not here: compiling units by what was decided (`backend`).

use super::ThinLink;
use super::layout::{FRESH, UnitFiles, dyndep};
use super::prepare::Prepared;
use crate::jobs::Job;
use crate::link::thin::{Account, Request, SettleJob, SettleUnit};
use crate::{Result, files};
use std::path::PathBuf;

/// The list of units that lld writes.
const LIST: &str = "fresh/units.txt";

/// lld's arguments.
const ARGUMENTS: &str = "fresh/arguments.txt";

impl ThinLink<'_> {
    /// Has lld write each unit's index and imports.
    pub(super) fn thin_link(&self, prepared: &Prepared, account: &Account<'_>) -> Result<()> {
        let job = self.thin_link_job(prepared, account)?;
        self.runner.run(vec![job])?;
        let job = self.settle_job(prepared)?;
        self.runner.run(vec![job])?;
        Ok(())
    }

    /// What puts in place what the thin link wrote.
    fn settle_job(&self, prepared: &Prepared) -> Result<Job> {
        let units = prepared.units.iter().map(|unit| SettleUnit {
            fresh_index: unit.fresh_index(),
            fresh_imports: unit.fresh_imports(),
            index: unit.index(),
            imports: unit.imports(),
            object: unit.object(),
        });
        let job = SettleJob {
            units: units.collect(),
            dyndep: dyndep(),
        };
        let units = job.units.iter();
        let inputs = units.flat_map(|unit| [unit.fresh_index.clone(), unit.fresh_imports.clone()]);
        let inputs = inputs.collect();
        let units = job.units.iter();
        let outputs = units.flat_map(|unit| [unit.index.clone(), unit.imports.clone()]);
        let outputs = outputs.chain([dyndep()]).collect();
        let files = UnitFiles::new("settle");
        self.child_job(&files, &Request::Settle(job), inputs, outputs)
    }

    /// The thin link as a job.
    fn thin_link_job(&self, prepared: &Prepared, account: &Account<'_>) -> Result<Job> {
        let mut arguments: Vec<String> = vec![
            // Not `-r`, with which lld keeps every symbol.
            "--no-gc-sections".into(),
            "--unresolved-symbols=ignore-all".into(),
            format!("--thinlto-index-only={LIST}"),
            "--thinlto-emit-imports-files".into(),
            format!("--thinlto-prefix-replace=;{FRESH}"),
            "-o".into(),
            "fresh/none".into(),
        ];
        let exports = account.exports();
        if let Some(entry) = exports.first() {
            arguments.push(format!("--entry={entry}"));
        }
        // What stays visible is what others may use.
        arguments.extend(exports.iter().map(|export| format!("--undefined={export}")));
        let units = self.imported_from(prepared);
        let paths = units.iter().map(|unit| unit.bitcode.display().to_string());
        arguments.extend(paths);
        let text: String = arguments
            .iter()
            .map(|line| format!("\"{line}\"\n"))
            .collect();
        files::write_if_changed(&self.runner.dir.join(ARGUMENTS), text.as_bytes())?;

        let mut args = self.tools.lld.clone();
        args.push(format!("@{ARGUMENTS}"));
        let mut inputs: Vec<PathBuf> = units.iter().map(|unit| unit.bitcode.clone()).collect();
        inputs.push(ARGUMENTS.into());
        let outputs = prepared
            .units
            .iter()
            .flat_map(|unit| [unit.fresh_index(), unit.fresh_imports()]);
        Ok(Job {
            args,
            inputs,
            outputs: outputs.collect(),
        })
    }

    /// All units that take part in the thin link. Helpers that are to stay out of line do
    /// not: nothing of them may be imported.
    fn imported_from(&self, prepared: &Prepared) -> Vec<UnitFiles> {
        let mut units = Vec::new();
        if self.job.inline {
            units.extend(prepared.helpers.iter().cloned());
        }
        units.extend(prepared.units.iter().cloned());
        units
    }
}
