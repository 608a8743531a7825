//! One rustc with one clang: the bitcode of both, linked in the LLVM that the
//! library chooses, inlined and out of line, run, and held against what is
//! expected; then the same in the older LLVM, which must refuse it.
//!
//! Not here: which pairs there are (`versions`).

use super::rustcs::Found;
use crate::command;
use crate::fuzz::tools::Tools;
use crate::helper_names::helper_names;
use anyhow::{Context as _, Result, bail, ensure};
use helper_inline_build::link::job::{CrateInput, HelperInput, Job, Outcome};
use helper_inline_build::link::{child, find_llvm, find_llvm_for};
use helper_inline_build::{Clang, Error, Rustc, Version, prove};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const PREFIX: &str = "rust_helper_";
const HELPERS: &str = include_str!("helpers.c");
const CALLERS: &str = include_str!("callers.rs");
/// What an ordinary build prints, compared by hand with what the sources mean.
const EXPECTED: &str = include_str!("expected.txt");

/// What became of a pair.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What went wrong, if anything.
    pub wrong: Option<String>,
    /// The version of the LLVM that linked.
    pub link_llvm: String,
    /// How many helpers were inlined at all their calls, of how many.
    pub helpers: usize,
    pub all_helpers: usize,
    /// How many calls were inlined, of how many.
    pub calls: u64,
    pub all_calls: u64,
    /// Whether the inlined and the out-of-line program print what they should.
    pub runs: bool,
    /// What the older LLVM of the pair made of it.
    pub in_older: &'static str,
}

/// The sources of every pair for one target.
pub struct Inputs<'a> {
    tools: &'a Tools,
    dir: PathBuf,
}

/// A rustc's bitcode of the callers, and its `core`.
pub struct Callers {
    bitcode: PathBuf,
    libraries: Vec<PathBuf>,
}

impl<'a> Inputs<'a> {
    pub fn new(tools: &'a Tools, dir: &Path) -> Result<Inputs<'a>> {
        let dir = dir.join(tools.target);
        std::fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
        for (name, text) in [("helpers.c", HELPERS), ("callers.rs", CALLERS)] {
            let path = dir.join(name);
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(Inputs { tools, dir })
    }

    /// Compiles the callers; nothing when this rustc has no `core` for the target.
    pub fn callers(&self, found: &Found) -> Result<Option<Callers>> {
        // Of this machine's own architecture every rustc has the host's.
        let arch = |target: &str| target.split('-').next().map(str::to_owned);
        let target = match arch(&found.rustc.host) == arch(self.tools.target) {
            true => found.rustc.host.as_str(),
            false => self.tools.target,
        };
        let libraries: Vec<PathBuf> = Rustc::target_libraries(&found.sysroot, target)
            .into_iter()
            .filter(|path| path.to_string_lossy().contains("/libcore-"))
            .collect();
        if libraries.is_empty() {
            println!("{}: no `core` for {target}", found.shown());
            return Ok(None);
        }
        let bitcode = self.dir.join("callers.bc");
        command::output(
            Command::new(&found.rustc.program)
                .args(["--edition=2021", "--crate-type=rlib", "--emit=llvm-bc"])
                .args(["-Cpanic=abort", "-Copt-level=2", "-Ccodegen-units=1"])
                .args(["-Crelocation-model=static", "-Cdebuginfo=line-tables-only"])
                .args(["--target", target, "-o"])
                .args([&bitcode, &self.dir.join("callers.rs")]),
        )?;
        Ok(Some(Callers { bitcode, libraries }))
    }

    /// Tries a pair. An error is the machine's; what goes wrong in a pair is in the
    /// verdict.
    pub fn pair(&self, found: &Found, callers: &Callers, clang: &Clang) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        let result = self.try_pair(found, callers, clang, &mut verdict);
        command::check_interrupt()?;
        if let Err(error) = result {
            verdict.wrong = Some(format!("{error:#}"));
        }
        Ok(verdict)
    }

    fn try_pair(
        &self,
        found: &Found,
        callers: &Callers,
        clang: &Clang,
        verdict: &mut Verdict,
    ) -> Result<()> {
        let helpers = self.helpers(clang)?;
        let object = self.dir.join("versions.o");
        // The last pair's is no witness.
        let _ = std::fs::remove_file(&object);
        let llvm = find_llvm_for(&found.rustc, clang)?.path;
        let source = std::fs::read_to_string(self.dir.join("helpers.c"))?;
        let names = helper_names(&source, PREFIX);
        let job = |llvm: PathBuf, inline: bool| Job {
            llvm,
            name: "versions".into(),
            helpers: vec![HelperInput {
                package: "versions".into(),
                prefix: PREFIX.into(),
                helpers: names.clone(),
                c_names: std::collections::BTreeMap::new(),
                bitcode: helpers.clone(),
                exempt: Vec::new(),
                wrapped: Vec::new(),
            }],
            crates: vec![CrateInput {
                name: "callers".into(),
                bitcode: callers.bitcode.clone(),
            }],
            libraries: callers.libraries.clone(),
            keep: Vec::new(),
            kernel: false,
            inline,
            debug: false,
            object: object.clone(),
        };
        verdict.in_older = in_older(&found.rustc, clang, |llvm| job(llvm, true))?;

        let inlined = job(llvm, true);
        let outcome = child::run(&inlined)?;
        verdict.link_llvm = outcome.llvm.clone();
        let newer = found.rustc.llvm.major.max(clang.version.major);
        let linked = Version::find(&outcome.llvm).map(|version| version.major);
        ensure!(linked == Some(newer), "linked in LLVM {}", outcome.llvm);
        verdict.count(&outcome);
        let facts = prove::read_object(&inlined.object, &outcome.symbols())?;
        prove::check(&facts, &outcome.helpers)?;
        let runs = self.run(&inlined.object).context("inlined");

        // The other way too, or a wrong count of calls would go unnoticed.
        let outlined = Job {
            inline: false,
            ..inlined
        };
        let reference = child::run(&outlined)?;
        let calls: u64 = reference.helpers.iter().map(|h| h.call_sites).sum();
        let facts = prove::read_object(&outlined.object, &reference.symbols())?;
        prove::check(&facts, &reference.helpers)?;
        ensure!(
            facts.helpers.len() == reference.helpers.len() && calls == verdict.all_calls,
            "out of line: {} helpers, {calls} calls",
            facts.helpers.len()
        );
        self.run(&outlined.object).context("out of line")?;
        runs?;
        verdict.runs = true;
        stayed(&outcome)
    }

    /// The bitcode of the helpers, made with the flags of the build side.
    fn helpers(&self, clang: &Clang) -> Result<PathBuf> {
        let bitcode = self.dir.join("helpers.bc");
        command::output(
            Command::new(&clang.path)
                .arg(format!("--target={}", self.tools.target))
                .args(["-O2", "-gline-tables-only", "-ffp-contract=off"])
                .args(["-Xclang", "-disable-llvm-passes", "-emit-llvm"])
                .args(["-c", "-o"])
                .args([&bitcode, &self.dir.join("helpers.c")]),
        )?;
        Ok(bitcode)
    }

    /// Links a program of an object, runs it, and compares.
    fn run(&self, object: &Path) -> Result<()> {
        let program = self.dir.join("program");
        command::output(&mut self.tools.linker(&[object], &[], &program))?;
        let printed = command::output(&mut self.tools.runner(&program))?;
        if printed == EXPECTED {
            return Ok(());
        }
        let differs = EXPECTED
            .lines()
            .zip(printed.lines())
            .find(|(expected, printed)| expected != printed);
        match differs {
            Some((expected, printed)) => bail!("prints `{printed}`, should print `{expected}`"),
            None => bail!("prints {} lines", printed.lines().count()),
        }
    }
}

impl Verdict {
    fn count(&mut self, outcome: &Outcome) {
        let used = outcome.helpers.iter().filter(|h| h.call_sites > 0);
        self.all_helpers = outcome.helpers.len();
        self.helpers = used.filter(|h| h.inlined == h.call_sites).count();
        self.all_calls = outcome.helpers.iter().map(|h| h.call_sites).sum();
        self.calls = outcome.helpers.iter().map(|h| h.inlined).sum();
    }
}

/// Fails unless every helper was used and inlined.
fn stayed(outcome: &Outcome) -> Result<()> {
    // A helper may have stayed at several calls.
    let mut stayed = BTreeSet::new();
    for helper in &outcome.helpers {
        if helper.call_sites == 0 {
            stayed.insert(format!("{} is not called", helper.name));
        }
        for call in &helper.remaining {
            let detail = call.attribute.as_deref().unwrap_or("no detail");
            stayed.insert(format!("{}: {} ({detail})", helper.name, call.cause.name()));
        }
    }
    let stayed: Vec<String> = stayed.into_iter().collect();
    ensure!(stayed.is_empty(), "stayed: {}", stayed.join("; "));
    Ok(())
}

/// Links a pair of different LLVMs in the older one, which must refuse it before
/// it reads anything, and say why.
fn in_older(rustc: &Rustc, clang: &Clang, job: impl Fn(PathBuf) -> Job) -> Result<&'static str> {
    let (rustc_major, clang_major) = (rustc.llvm.major, clang.version.major);
    if rustc_major == clang_major {
        return Ok("no other");
    }
    let older = match rustc_major < clang_major {
        true => find_llvm(rustc)?.path,
        false => clang.llvm_library().context("clang's libLLVM not found")?,
    };
    let job = job(older);
    let Err(error) = child::run(&job) else {
        bail!("`{}` is older and linked all the same", job.llvm.display());
    };
    ensure!(!job.object.exists(), "refused, yet an object was left");
    let text = error.to_string();
    let named = [clang.version, rustc.llvm].map(|version| format!("LLVM{version}"));
    ensure!(
        matches!(error, Error::ProducerTooNew { .. }) && named.iter().all(|n| text.contains(n)),
        "refused for another reason than both producers: {text}"
    );
    Ok("refused, both producers named")
}
