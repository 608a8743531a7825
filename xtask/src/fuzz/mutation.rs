//! `cargo xtask fuzz --mutations`: damaged inputs, none of which may crash the
//! program, hang it, or leave anything where an output belongs.
//!
//! Here is what is damaged, and the bookkeeping. Not here: kinds of damage
//! (`bytes`, `json`) and what is asserted (`trial`, `whole`).

mod bytes;
mod json;
mod originals;
mod totals;
mod trial;
mod unit;
mod whole;

use super::pool;
use super::tools::Tools;
use crate::failure::Failure;
use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use helper_inline_build::link::job::OptLevel;
use originals::{Originals, write};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use totals::Subject;
pub use totals::Totals;
use trial::{Ending, Files};
use whole::{Cargo, Workspace};

/// What a process may take: damaged bitcode can ask for more than there is.
const MEMORY: u64 = 4 << 30;

/// Tries damaged inputs for each of some targets in turn.
pub struct Campaign<'a> {
    originals: Vec<Originals>,
    cargo: Cargo,
    dir: &'a Path,
    /// Where inputs that showed a fault are kept.
    keep: PathBuf,
    seed: u64,
    totals: Mutex<Totals>,
}

impl<'a> Campaign<'a> {
    pub fn new(tools: &[Tools], dir: &'a Path, keep: &Path, seed: u64) -> Result<Campaign<'a>> {
        let originals = tools
            .iter()
            .map(|tools| Originals::make(tools, dir.join("originals").join(tools.target)))
            .collect::<Result<_>>()?;
        Ok(Campaign {
            originals,
            cargo: Cargo::write(dir)?,
            dir,
            keep: keep.join("mutations"),
            seed,
            totals: Mutex::default(),
        })
    }

    /// Tries so many inputs.
    pub fn run(self, count: u64) -> Result<Totals> {
        self.whole_inputs_are_linked()?;
        let no_dumps = |limit: Resource, most: u64| {
            let maximum = getrlimit(limit).maximum;
            let current = Some(maximum.map_or(most, |maximum| maximum.min(most)));
            setrlimit(limit, Rlimit { current, maximum }).context("cannot set a limit")
        };
        no_dumps(Resource::Core, 0)?;
        no_dumps(Resource::As, MEMORY)?;
        pool::run(count, |number| self.input(number))?;
        Ok(self.totals.into_inner().expect("no trial panicked"))
    }

    /// Without damage all ways lead to an object; or else it would prove nothing
    /// that damaged inputs leave none.
    fn whole_inputs_are_linked(&self) -> Result<()> {
        for originals in &self.originals {
            for subject in [Subject::Helpers, Subject::Core] {
                for kernel in [false, true] {
                    let dir = self.trial_dir()?;
                    let files = self.files(originals, subject, dir.path(), kernel, None)?;
                    let ending = files.link(originals, &dir.path().join("out"))?;
                    ensure!(ending == Ok("linked"), "whole inputs end so: {ending:?}");
                }
            }
            for job in originals.relative_requests() {
                let dir = self.trial_dir()?;
                let ending = self.job(originals, &serde_json::to_vec(&job)?, dir.path())?;
                ensure!(ending == Ok("linked"), "a whole job ends so: {ending:?}");
            }
            let dir = self.trial_dir()?;
            let ending = originals.prepare(&originals.helpers, dir.path())?;
            ensure!(ending == Ok("prepared"), "preparing ends so: {ending:?}");
            let dir = self.trial_dir()?;
            let ending = originals.unit(
                &originals.prepared,
                &originals.module,
                OptLevel::O2,
                dir.path(),
            )?;
            ensure!(ending == Ok("linked"), "a whole unit ends so: {ending:?}");
            let dir = self.trial_dir()?;
            let ending = Workspace::make(originals, dir.path())?.dist(&self.cargo)?;
            ensure!(
                ending == Ok("dist: made"),
                "dist of whole inputs ends so: {ending:?}"
            );
        }
        Ok(())
    }

    fn trial_dir(&self) -> Result<tempfile::TempDir> {
        tempfile::tempdir_in(self.dir).context("cannot make a directory")
    }

    fn input(&self, number: u64) -> Result<()> {
        let seed = self.seed.wrapping_add(number);
        let mut rng = Rng::with_seed(seed);
        let originals = &self.originals[rng.usize(0..self.originals.len())];
        let subject = Subject::ALL[rng.usize(0..Subject::ALL.len())];
        let dir = self.trial_dir()?;
        let ending = self.damaged(&mut rng, originals, subject, dir.path())?;
        if let Err(fault) = &ending {
            let kept = self.keep.join(seed.to_string());
            super::replace(dir.path(), &kept)?;
            eprintln!(
                "fault ({}): {fault}\n  kept in `{}`; again: cargo xtask fuzz --mutations 1 --seed {seed}",
                subject.name(),
                kept.display(),
            );
        }
        let mut totals = self.totals.lock().expect("no trial panicked");
        totals.add(subject, &ending);
        if totals.inputs % 1000 == 0 {
            println!("  {} inputs, {} faults", totals.inputs, totals.faults);
        }
        Ok(())
    }

    fn damaged(
        &self,
        rng: &mut Rng,
        originals: &Originals,
        subject: Subject,
        dir: &Path,
    ) -> Result<Ending> {
        if subject == Subject::Job {
            let job = &originals.relative_requests()[rng.usize(0..3)];
            // None of these leads out of the trial's directory.
            let strings = [
                "in",
                "out",
                "in/helpers.bc",
                "in/liblibrary.rlib",
                "out/a/b",
            ];
            let job = json::damage(rng, job, &strings.map(str::to_owned));
            return self.job(originals, &job, dir);
        }
        if subject == Subject::Unit {
            return unit::damaged(rng, originals, dir);
        }
        if rng.u32(0..16) == 0 {
            return self.whole(rng, originals, subject, dir);
        }
        let kernel = rng.u32(0..3) == 0;
        let files = self.files(originals, subject, dir, kernel, Some(rng))?;
        files.link(originals, &dir.join("out"))
    }

    /// The files of a link, one of them damaged if there is chance to.
    fn files(
        &self,
        originals: &Originals,
        subject: Subject,
        dir: &Path,
        kernel: bool,
        rng: Option<&mut Rng>,
    ) -> Result<Files> {
        std::fs::create_dir(dir.join("out")).context("cannot make a directory")?;
        let mut files = Files {
            manifest: dir.join("helper-inline.json"),
            more: originals.more.clone(),
            module: originals.module.clone(),
            library: match subject {
                Subject::Core => originals.core.clone(),
                _ => originals.library.clone(),
            },
            kernel,
        };
        let mut helpers = originals.helpers.clone();
        let place = match subject {
            Subject::Helpers => Some(&mut helpers),
            Subject::Module => Some(&mut files.module),
            Subject::Library | Subject::Core => Some(&mut files.library),
            Subject::Manifest | Subject::Job | Subject::Unit => None,
        };
        let manifest = |rng| self.manifest(originals, &originals.helpers, rng);
        match (place, rng) {
            (Some(place), Some(rng)) => {
                let name = place.file_name().unwrap_or_default().to_owned();
                let damaged = dir.join(name);
                spoil(rng, place, &originals.more, &damaged)?;
                *place = damaged;
                let text = self.manifest(originals, &helpers, None)?;
                write(&files.manifest, &text)?;
            }
            (_, rng) => write(&files.manifest, &manifest(rng)?)?,
        }
        Ok(files)
    }

    fn manifest(
        &self,
        originals: &Originals,
        bitcode: &Path,
        rng: Option<&mut Rng>,
    ) -> Result<Vec<u8>> {
        let manifest = serde_json::to_value(originals.manifest(bitcode))?;
        let Some(rng) = rng else {
            return Ok(serde_json::to_vec(&manifest)?);
        };
        // Only read, so these may be anywhere.
        let elsewhere = [
            "/dev/zero",
            "/dev/null",
            "/",
            "/proc/self/mem",
            "/dev/stdin",
        ];
        let mut strings: Vec<String> = elsewhere.map(str::to_owned).to_vec();
        let others = [&originals.module, &originals.library, &originals.more];
        strings.extend(others.map(|path| path.display().to_string()));
        Ok(json::damage(rng, &manifest, &strings))
    }

    fn job(&self, originals: &Originals, job: &[u8], dir: &Path) -> Result<Ending> {
        // Copies: a job may name one of them as its object.
        super::copy(&originals.dir, &dir.join("in"))?;
        std::os::unix::fs::symlink(&originals.llvm, dir.join("in/llvm.so"))
            .context("cannot link to libLLVM")?;
        std::fs::create_dir(dir.join("out")).context("cannot make a directory")?;
        trial::hand_over(job, dir)
    }

    /// The same kinds of damage in front of the whole command.
    fn whole(
        &self,
        rng: &mut Rng,
        originals: &Originals,
        subject: Subject,
        dir: &Path,
    ) -> Result<Ending> {
        let workspace = Workspace::make(originals, dir)?;
        match subject {
            Subject::Helpers => {
                spoil(rng, &originals.helpers, &originals.more, &workspace.helpers)?;
            }
            Subject::Manifest => {
                let text = self.manifest(originals, &workspace.helpers, Some(rng))?;
                write(&workspace.manifest, &text)?;
            }
            _ => spoil(rng, &originals.module, &originals.more, &workspace.module)?,
        }
        workspace.dist(&self.cargo)
    }
}

/// Writes a damaged copy of a file.
fn spoil(rng: &mut Rng, from: &Path, other: &Path, to: &Path) -> Result<()> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    let (mut bytes, other) = (read(from)?, read(other)?);
    bytes::damage(rng, &mut bytes, &other);
    write(to, &bytes)
}

/// What a run with faults ends with.
pub fn verdict(totals: &Totals, keep: &Path) -> Result<(), Failure> {
    if totals.faults == 0 {
        return Ok(());
    }
    Err(Failure::step(anyhow::anyhow!(
        "{} of {} damaged inputs showed a fault; they are in `{}`",
        totals.faults,
        totals.inputs,
        keep.join("mutations").display()
    )))
}
