//! A module's twins for `--compare`: the same inputs linked with every helper called, and
//! with every helper inlined, both with debug sections, which tell what each instruction
//! is of.
//!
//! They are one unit each, whatever the module is, and are gone when the report is made.
//! Not here: reading them (`prove`).

use super::{Lto, Module};
use crate::link::c_names::CNames;
use crate::link::child;
use crate::link::job::{HelperOutcome, Job};
use crate::prove::compare::{Comparison, Request, compare};
use crate::{Error, Policy, Result, files};
use std::collections::BTreeMap;
use std::path::Path;

/// Fails when there is nothing to compare.
///
/// # Errors
/// [`Error::Usage`] when inlining is off.
pub(super) fn check_request(options: &super::Options) -> Result<()> {
    if options.compare && options.inline == Policy::Off {
        return Err(Error::Usage {
            message: "--compare sets inlined code beside the same out of line, and --inline off \
                      inlines none: leave one of the two out"
                .into(),
        });
    }
    Ok(())
}

/// The C names of one helper alone, with its symbol.
fn c_names(job: &Job) -> BTreeMap<&str, &str> {
    let names = CNames::of(&job.helpers);
    names.alone().map(|(symbol, name)| (name, symbol)).collect()
}

impl Module<'_> {
    /// Compares the linked object of a job with its out-of-line twin, when that is asked
    /// for. The twins are made in `work`.
    pub(super) fn compare(
        &self,
        job: &Job,
        helpers: &[HelperOutcome],
        work: &Path,
    ) -> Result<Option<Comparison>> {
        if !self.options.compare {
            return Ok(None);
        }
        self.step("compare with the out-of-line twin")?;
        let dir = work.join("twins");
        files::create_dir_all(&dir)?;
        let twin = |name: &str, inline: bool| {
            let job = Job {
                inline,
                debug: true,
                object: dir.join(name),
                ..job.clone()
            };
            child::run(&job).map(|_| job.object)
        };
        let before = twin("called.o", false)?;
        // It may be one itself.
        let after = match (&self.options.lto, job.debug) {
            (Lto::One, true) => job.object.clone(),
            _ => twin("inlined.o", true)?,
        };
        let comparison = compare(&Request {
            objdump: &self.tools.clang.tool("llvm-objdump"),
            before: &before,
            after: &after,
            product: &job.object,
            helpers: helpers.iter().map(|helper| helper.name.as_str()).collect(),
            c_names: c_names(job),
        })?;
        Ok(Some(comparison))
    }
}
