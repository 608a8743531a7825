//! The back ends: each unit compiled with its index by a clang of its own.
//!
//! Not here: what is left of the helpers, which follows from what these made (`combine`).

use super::ThinLink;
use super::layout::UnitFiles;
use super::prepare::Prepared;
use crate::clang::defaults;
use crate::jobs::Job;
use crate::link::thin::Account;
use crate::{Result, files};
use std::path::PathBuf;

/// What clang is told of LLVM's options: as the whole link has them.
const LLVM_OPTIONS: &[&str] = &["-trap-unreachable", "-funcspec-max-iters=0"];

/// What has LLVM say on each call why it was not inlined.
const REMARKS: &[&str] = &["-mllvm", "-inline-remark-attribute", "-emit-llvm"];

/// How units are compiled.
pub(super) struct Backends {
    /// The command line but for the unit's own files.
    common: Vec<String>,
}

impl ThinLink<'_> {
    /// How the units of a module are compiled.
    pub(super) fn backends(&self, prepared: &Prepared, account: &Account<'_>) -> Backends {
        let facts = &prepared.helper_facts;
        let mut common = vec![
            self.tools.clang.path.display().to_string(),
            format!("--target={}", facts.triple),
            "-O2".to_owned(),
            "-c".to_owned(),
            match account.pic() {
                true => "-fPIC",
                false => "-fno-pic",
            }
            .to_owned(),
            // As the whole link's objects are: without a table for a linker that folds.
            "-fno-addrsig".to_owned(),
            "-Wno-override-module".to_owned(),
            // Nor do files of arguments of this machine, or what else it has, count.
            defaults::NO_FILES.to_owned(),
            // Which the environment says too, so that clang takes it for unused.
            "-Wno-unused-command-line-argument".to_owned(),
        ];
        let fixed = defaults::flags(&facts.triple, self.job.kernel);
        common.extend(fixed.into_iter().map(str::to_owned));
        common.extend(
            facts
                .code_model
                .iter()
                .map(|model| format!("-mcmodel={model}")),
        );
        if self.sections {
            common.extend(["-ffunction-sections".into(), "-fdata-sections".into()]);
        }
        for option in LLVM_OPTIONS {
            common.extend(["-mllvm".into(), (*option).into()]);
        }
        Backends { common }
    }
}

impl Backends {
    /// The job that makes a unit's object.
    pub(super) fn job(&self, link: &ThinLink<'_>, unit: &UnitFiles) -> Result<Job> {
        self.to(link, unit, &[], unit.object())
    }

    /// The same job, but for what the optimizer left instead of an object.
    pub(super) fn optimized(&self, link: &ThinLink<'_>, unit: &UnitFiles) -> Result<Job> {
        self.to(link, unit, REMARKS, unit.optimized())
    }

    fn to(
        &self,
        link: &ThinLink<'_>,
        unit: &UnitFiles,
        more: &[&str],
        output: PathBuf,
    ) -> Result<Job> {
        let mut args = self.common.clone();
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args.extend([
            format!("-fthinlto-index={}", unit.index().display()),
            "-x".into(),
            "ir".into(),
            unit.bitcode.display().to_string(),
            "-o".into(),
            output.display().to_string(),
        ]);
        let mut inputs = vec![unit.bitcode.clone(), unit.index()];
        let imports = files::read_to_string(&link.runner.dir.join(unit.imports()))?;
        inputs.extend(imports.lines().map(PathBuf::from));
        Ok(Job {
            args,
            inputs,
            outputs: vec![output],
        })
    }
}

/// How many inputs come before the units that are imported from: the unit and its index.
pub(super) const OWN: usize = 2;

/// The units that a back end imports from.
pub(super) fn imports_of(job: &Job) -> Vec<String> {
    let imports = job.inputs.iter().skip(OWN);
    let names = imports.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    names.collect()
}
