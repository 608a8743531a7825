//! A damaged input on the way that an ordinary cargo build takes: helpers are
//! prepared, and a crate is lowered with them by itself.
//!
//! Not here: the way of a whole link (`trial`).

use super::originals::Originals;
use super::spoil;
use super::trial::{Ending, LIMIT, left, name};
use anyhow::{Context as _, Result};
use fastrand::Rng;
use helper_inline_build::Error;
use helper_inline_build::link::child;
use helper_inline_build::link::job::{CrateInput, Job, OptLevel, PrepareJob, UnitJob};
use helper_inline_build::prove;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const LEVELS: [OptLevel; 4] = [OptLevel::O0, OptLevel::O2, OptLevel::O3, OptLevel::Os];

/// Damages one of the three bitcode files, and takes it this way.
pub fn damaged(rng: &mut Rng, originals: &Originals, dir: &Path) -> Result<Ending> {
    let which = [&originals.helpers, &originals.prepared, &originals.module][rng.usize(0..3)];
    let input = dir.join(which.file_name().unwrap_or_default());
    spoil(rng, which, &originals.more, &input)?;
    let level = LEVELS[rng.usize(0..LEVELS.len())];
    if which == &originals.helpers {
        originals.prepare(&input, dir)
    } else if which == &originals.prepared {
        originals.unit(&input, &originals.module, level, dir)
    } else {
        originals.unit(&originals.prepared, &input, level, dir)
    }
}

impl Originals {
    /// Prepares helpers, with what comes of it in `dir/out`.
    pub fn prepare(&self, helpers: &Path, dir: &Path) -> Result<Ending> {
        let out = dir.join("out");
        std::fs::create_dir(&out).context("cannot make a directory")?;
        let job = self.prepare_job(helpers, &out);
        let prepared = catch_unwind(AssertUnwindSafe(|| child::prepare_within(&job, LIMIT)));
        let made = ["prepared.bc", "prepared.o"];
        ending(prepared.map(|done| done.map(|()| "prepared")), &out, &made)
    }

    /// Lowers a crate, with its object in `dir/out`.
    pub fn unit(
        &self,
        prepared: &Path,
        module: &Path,
        level: OptLevel,
        dir: &Path,
    ) -> Result<Ending> {
        let out = dir.join("out");
        std::fs::create_dir(&out).context("cannot make a directory")?;
        let job = self.unit_job(prepared, module, level, &out);
        let lowered = catch_unwind(AssertUnwindSafe(|| -> Result<&'static str, Error> {
            let outcome = child::run_unit_within(&job, LIMIT)?;
            let facts = prove::read_object(&job.job.object, &outcome.symbols());
            let proven = facts.and_then(|facts| prove::check(&facts, &outcome.helpers));
            // The wrapper puts nothing in the place of rustc's object then.
            Ok(match proven {
                Ok(()) => "linked",
                Err(_) => "linked, refused by the proof",
            })
        }));
        ending(lowered, &out, &["unit.o"])
    }

    pub fn prepare_job(&self, helpers: &Path, out: &Path) -> PrepareJob {
        PrepareJob {
            llvm: self.llvm.clone(),
            helper: self.helpers(helpers),
            tag: "mutated".into(),
            bitcode: out.join("prepared.bc"),
            object: out.join("prepared.o"),
        }
    }

    pub fn unit_job(&self, prepared: &Path, module: &Path, level: OptLevel, out: &Path) -> UnitJob {
        UnitJob {
            job: Job {
                llvm: self.llvm.clone(),
                name: "m".into(),
                helpers: vec![self.helpers(prepared)],
                crates: vec![CrateInput {
                    name: "module".into(),
                    bitcode: module.to_owned(),
                }],
                libraries: Vec::new(),
                keep: Vec::new(),
                kernel: false,
                inline: true,
                debug: false,
                object: out.join("unit.o"),
            },
            level,
        }
    }
}

/// What it ended as, held to what it left.
fn ending(
    result: std::thread::Result<Result<&'static str, Error>>,
    out: &Path,
    made: &[&str],
) -> Result<Ending> {
    let left = left(out)?;
    Ok(match result {
        Err(_) => Err("the parent panicked".into()),
        Ok(Ok(ended)) if left == made => Ok(ended),
        Ok(Ok(ended)) => Err(format!("{ended}, and left {left:?}")),
        Ok(Err(error)) if !left.is_empty() => Err(format!("refused, yet left {left:?}: {error}")),
        Ok(Err(error)) => name(&error),
    })
}

#[cfg(test)]
mod tests {
    use super::ending;
    use helper_inline_build::Error;

    #[test]
    fn what_is_left_is_held_to_how_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        let refused = || {
            Ok(Err(Error::Link {
                input: "a".into(),
                reason: "b".into(),
            }))
        };
        let end = |result| ending(result, dir.path(), &["unit.o"]).unwrap();
        assert_eq!(end(refused()), Ok("cannot be linked"));
        assert!(end(Ok(Ok("linked"))).unwrap_err().contains("left []"));
        std::fs::write(dir.path().join("unit.o"), "").unwrap();
        assert_eq!(end(Ok(Ok("linked"))), Ok("linked"));
        let fault = end(refused()).unwrap_err();
        assert!(fault.contains("yet left [\"unit.o\"]"), "{fault}");
    }
}
