//! The report of one module, put together from what each step found.
//!
//! Not here: what it looks like (`prove`).

use super::Module;
use super::cargo::Collected;
use crate::Result;
use crate::kernel::KernelDir;
use crate::link::c_names::CNames;
use crate::link::job::{HelperOutcome, Job, Outcome};
use crate::prove::{
    HelperReport, KernelReport, ObjectFacts, ObjectReport, Report, SCHEMA, SitesReport, Summary,
    Toolchain, read_sites,
};
use std::collections::BTreeMap;
use std::path::Path;

/// What the probes of inlined calls meet on a kernel that traces functions: it takes them
/// by name in such alone as it can trace, and those of a module made here it cannot.
pub(super) fn probes_note(kernel: &KernelDir) -> Option<String> {
    let option = "CONFIG_KPROBE_EVENTS_ON_NOTRACE";
    let refuses = kernel.is_set("CONFIG_DYNAMIC_FTRACE") && !kernel.is_set(option);
    refuses.then(|| {
        format!(
            "this kernel refuses probes on the module's inlined calls from ftrace, perf and \
             bpftrace: it has function tracing and not {option}"
        )
    })
}

impl Module<'_> {
    pub(super) fn report(
        &self,
        collected: &Collected,
        outcome: Outcome,
        facts: ObjectFacts,
        file_bytes: u64,
        mut timings_ms: BTreeMap<String, u64>,
    ) -> Report {
        for (step, time) in outcome.timings_ms {
            timings_ms.insert(format!("link child: {step}"), time);
        }
        let helpers: Vec<HelperReport> =
            outcome.helpers.into_iter().map(HelperReport::new).collect();
        Report {
            schema: SCHEMA,
            module: self.package.module.clone(),
            target: self.target.to_owned(),
            kernel: self.kernel.map(|kernel| KernelReport {
                release: kernel.release().to_owned(),
                dir: kernel.path().display().to_string(),
                built_in: self.options.built_in,
            }),
            toolchain: Toolchain {
                rustc: self.tools.rustc.version.clone(),
                rustc_llvm: self.tools.rustc.llvm.to_string(),
                clang: collected.clang_version(),
                link_llvm: outcome.llvm,
            },
            summary: Summary::of(&helpers),
            helpers,
            object: ObjectReport {
                text_bytes: facts.text_bytes,
                file_bytes,
                undefined: facts.undefined,
                helper_calls: facts.helper_calls,
                imports: Vec::new(),
                modinfo: Vec::new(),
                functions: facts.functions,
            },
            harmonized: outcome.harmonized,
            timings_ms,
            thin: None,
            sites: None,
            comparison: None,
        }
    }

    /// The inlined calls in a packaged file, when its debug sections were kept.
    pub(super) fn sites(
        &self,
        made: &Path,
        helpers: &[HelperOutcome],
        job: &Job,
    ) -> Result<Option<SitesReport>> {
        if !self.options.debug {
            return Ok(None);
        }
        let symbols = helpers.iter().map(|helper| helper.name.as_str());
        // Debug sections have the C name where no other helper has it.
        let names = CNames::of(&job.helpers);
        let names = symbols.chain(names.alone().map(|(_, name)| name)).collect();
        read_sites(made, &names, self.kernel.is_some()).map(Some)
    }
}
