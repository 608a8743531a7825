//! The inlined calls of the first sample, made with debug sections: what the report says
//! of them holds in the file, and the guest's kernel takes each probe, one of which shows
//! parameters that the guest knows.
//!
//! Not here: what the guest does there (`guest`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::dist::Dist;
use helper_inline_build::prove::{CodeRange, InlinedCall, Recoverable, Refusal, SitesReport};
use helper_inline_build::{Clang, Rustc};

use super::both;
use super::disassembly::{self, Function};
use crate::boot::{self, WorkName};
use crate::dist;
use crate::failure::Outcome;
use crate::kernels::{self, Arch, Kernel};

/// The sample's package.
const PACKAGE: &str = "sample-kmod";

/// Of so many calls in a hundred, at least, all parameters are to be known. They are in
/// most; what LLVM loses is not ours to say.
const FULLY: u64 = 50;

/// The most bytes that an instruction of x86_64 may have.
const LONGEST: u64 = 15;

/// Makes the sample so for each architecture's first kernel and for the one that is built
/// here, which takes probes in it, checks it, and boots that.
pub fn check(root: &Path) -> Outcome {
    let directory = kernels::directory(root);
    let kernels = kernels::fetch(&directory, kernels::DEFAULT_RELEASE, &Arch::ALL)?;
    make(root, kernels)?;
    let kernel = kernels::build_default(&directory)?;
    let build_dir = kernel.build_dir.clone();
    let made = make(root, vec![kernel])?;
    let args = boot::Args {
        work: vec![WorkName::Probes],
        kernel: vec![build_dir],
        ko: made.first().map(|module| module.module.clone()),
        ..boot::Args::default()
    };
    boot::boot(root, &args)
}

/// Makes the sample for some kernels, and checks it.
fn make(root: &Path, kernels: Vec<Kernel>) -> Outcome<Vec<Dist>> {
    let args = dist::Args {
        package: Some(PACKAGE.into()),
        kernel: kernels.into_iter().map(|k| k.build_dir).collect(),
        debug: true,
        out: Some(root.join("target/dist-debug")),
        ..both()
    };
    let made = dist::make(&args)?;
    for module in &made {
        let path = module.module.display();
        let sites = check_file(module).with_context(|| format!("checking {path}"))?;
        let totals = sites.totals;
        println!(
            "{path}: {} inlined calls; parameters known: all of {}, some of {}, none of {}",
            sites.calls.len(),
            totals.fully,
            totals.partly,
            totals.not
        );
    }
    Ok(made)
}

/// Holds a module's report against its file.
fn check_file(module: &Dist) -> Result<&SitesReport> {
    let sites = module.report.sites.as_ref();
    let sites = sites.context("the report has no inlined calls")?;
    let objdump = Clang::find(Rustc::from_env()?.llvm)?.tool("llvm-objdump");
    let functions = disassembly::read(&objdump, &module.module)?;
    let code = Code::of(&functions);
    for call in &sites.calls {
        for range in &call.ranges {
            code.check(range)
                .with_context(|| format!("{} in {}", call.helper, call.caller))?;
        }
        code.check_room(call)?;
    }
    let count = |what| sites.calls.iter().filter(|c| c.recoverable == what).count() as u64;
    let totals = sites.totals;
    ensure!(
        totals.fully == count(Recoverable::Fully)
            && totals.partly == count(Recoverable::Partly)
            && totals.not == count(Recoverable::Not),
        "the totals are {totals:?}"
    );
    let all = sites.calls.len() as u64;
    ensure!(
        totals.fully * 100 >= all * FULLY && all > 0,
        "of {all} calls only {} have all their parameters",
        totals.fully
    );
    check_helpers(module, sites)?;
    Ok(sites)
}

/// A call is in the source once, however often its code was copied.
fn check_helpers(module: &Dist, sites: &SitesReport) -> Result<()> {
    let mut places: BTreeMap<&str, BTreeSet<&Option<String>>> = BTreeMap::new();
    for call in &sites.calls {
        let places = places.entry(&call.helper).or_default();
        places.insert(&call.location);
    }
    for (helper, places) in &places {
        let report = module.report.helpers.iter().find(|h| h.name == *helper);
        let inlined = report.map_or(0, |report| report.inlined);
        ensure!(
            places.len() as u64 <= inlined,
            "{helper} was inlined {inlined} times, and is at {places:?}"
        );
    }
    Ok(())
}

/// Where instructions begin, by section, and where functions end.
struct Code<'a> {
    functions: BTreeMap<(&'a str, u64), &'a Function>,
    boundaries: BTreeSet<(&'a str, u64)>,
}

impl<'a> Code<'a> {
    fn of(functions: &'a [Function]) -> Self {
        let key = |f: &'a Function| (f.section.as_str(), f.address);
        let boundaries = functions.iter().flat_map(|f| {
            let addresses = f.instructions.iter().map(|i| i.address);
            addresses.map(|address| (f.section.as_str(), address))
        });
        Self {
            functions: functions.iter().map(|f| (key(f), f)).collect(),
            boundaries: boundaries.collect(),
        }
    }

    /// That a range is in its function, and begins where an instruction does.
    fn check(&self, range: &CodeRange) -> Result<()> {
        let section = range.section.as_str();
        let start = range.address.checked_sub(range.offset);
        let start = start.context("the offset is larger than the address")?;
        let function = self.functions.get(&(section, start));
        let function =
            function.with_context(|| format!("no function begins where {range:?} says"))?;
        let last = function.instructions.last().map_or(0, |i| i.address);
        let end = range.address + range.bytes;
        ensure!(
            range.bytes > 0 && range.address <= last,
            "{range:?} is not in {}",
            function.name
        );
        ensure!(
            self.boundaries.contains(&(section, range.address)),
            "{range:?} begins inside an instruction"
        );
        ensure!(
            end > last || self.boundaries.contains(&(section, end)),
            "{range:?} ends inside an instruction"
        );
        Ok(())
    }

    /// That padding is told of where the entry's instruction leaves a kernel no room for
    /// its breakpoint, and nowhere else.
    fn check_room(&self, call: &InlinedCall) -> Result<()> {
        let entry = &call.ranges[0];
        let section = entry.section.as_str();
        let mut after = self.boundaries.range((section, entry.address + 1)..);
        let next = after.next().filter(|(of, _)| *of == section);
        let bytes = next.map(|(_, next)| next - entry.address);
        ensure!(
            (bytes == Some(LONGEST)) == (call.refused == Some(Refusal::Padding)),
            "{} in {} begins with {bytes:?} bytes, and the report says {:?}",
            call.helper,
            call.caller,
            call.refused
        );
        Ok(())
    }
}
