//! `report.json`: what became of each helper in one module.
//!
//! Its published form is `schema/report.schema.json`. Not here: how it looks on
//! a terminal (`table`).

use super::comparison::ComparisonReport;
use super::site::SitesReport;
use crate::link::job::{Cause, Harmonized, HelperOutcome, RemainingCall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the report's form.
pub const SCHEMA: u32 = 1;

/// One module's report.
///
/// ```no_run
/// use helper_inline_build::prove::{Report, explain};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = std::fs::read_to_string("target/dist/x86_64-unknown-none/report.json")?;
/// let report: Report = serde_json::from_str(&text)?;
/// for helper in report.outlined() {
///     for call in &helper.remaining {
///         println!("{} {call}: {}", helper.name, explain(call.cause).cure);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The module's name.
    pub module: String,
    /// The Rust target triple.
    pub target: String,
    /// The kernel that it was built for, if any.
    pub kernel: Option<KernelReport>,
    /// What built it.
    pub toolchain: Toolchain,
    /// Every helper, sorted by name.
    pub helpers: Vec<HelperReport>,
    /// Totals.
    pub summary: Summary,
    /// What the object says of itself.
    pub object: ObjectReport,
    /// What was made equal between C and Rust.
    pub harmonized: Vec<Harmonized>,
    /// Time of each step, in milliseconds.
    pub timings_ms: BTreeMap<String, u64>,
    /// How the module's units were compiled, when it was linked as many (`--lto thin`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thin: Option<ThinReport>,
    /// The inlined calls in the packaged file, when its debug sections were kept
    /// (`--debug`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sites: Option<SitesReport>,
    /// Its code beside that of its out-of-line twin (`--compare`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comparison: Option<ComparisonReport>,
}

/// The units of a module that was linked as many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThinReport {
    /// The job that compiled each.
    pub back_ends: Vec<BackEndReport>,
}

/// The job that compiled one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackEndReport {
    /// The unit: a crate as cargo calls its files, or `core`.
    pub unit: String,
    /// The units that it imports from, helpers' too.
    pub imports: Vec<String>,
    /// Whether the job ran, for its unit, index, an import or a flag had changed.
    pub ran: bool,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// The kernel that a module was built for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelReport {
    /// `uname -r` of it.
    pub release: String,
    /// Its build directory.
    pub dir: String,
    /// Whether it is an object for the kernel's image instead of a module.
    #[serde(default)]
    pub built_in: bool,
}

/// The compilers and the LLVM that linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// First line of `rustc -vV`.
    pub rustc: String,
    /// LLVM of that rustc.
    pub rustc_llvm: String,
    /// Version of the clang that compiled the helpers.
    pub clang: String,
    /// The LLVM that linked; of a thin link, that of the clang which compiled its units.
    pub link_llvm: String,
}

/// What became of a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelperState {
    /// Every call is inlined. No symbol of it is left, unless its address is
    /// used, as `remaining` then says.
    Inlined,
    /// A call of it stayed; `remaining` says why.
    Outlined,
    /// Out of line, and allowed to be.
    Exempt,
    /// Nothing calls it.
    Unused,
}

/// One helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperReport {
    /// Its name in C; of one that wraps something of a header, its symbol.
    pub name: String,
    /// The crate that it belongs to, where another's helper has the same name.
    #[serde(rename = "crate", skip_serializing_if = "Option::is_none", default)]
    pub package: Option<String>,
    /// What became of it.
    pub state: HelperState,
    /// Calls before inlining.
    pub call_sites: u64,
    /// Of these, how many were inlined.
    pub inlined: u64,
    /// What is left, and why.
    pub remaining: Vec<RemainingCall>,
}

/// Totals over the helpers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Helpers that the sources define.
    pub helpers: u64,
    /// Helpers that something uses.
    pub used: u64,
    /// Calls before inlining.
    pub call_sites: u64,
    /// Calls that were inlined.
    pub inlined: u64,
    /// Calls that were not.
    pub outlined: u64,
}

/// What the object says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectReport {
    /// Size of its code, in bytes.
    pub text_bytes: u64,
    /// Size of the packaged file (`.ko`), in bytes.
    pub file_bytes: u64,
    /// Symbols that it needs from elsewhere.
    pub undefined: Vec<String>,
    /// Calls of helpers, by relocation.
    pub helper_calls: BTreeMap<String, u64>,
    /// What a module takes from its kernel; empty without one.
    #[serde(default)]
    pub imports: Vec<ImportReport>,
    /// What a module says of itself, as `key=value`: its licence, its parameters
    /// (`parmtype`, `parm`) and so on. What modpost adds is not here.
    #[serde(default)]
    pub modinfo: Vec<String>,
    /// Its functions before it is packaged, the largest first.
    #[serde(default)]
    pub functions: Vec<FunctionReport>,
}

/// A function of the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionReport {
    /// Its symbol; a helper's is told as in C.
    pub symbol: String,
    /// Its name, demangled.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A symbol that a module takes from its kernel, as `Module.symvers` has it. Code
/// of the kernel image also takes what is not there; its checksum is 0 then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Its name.
    pub symbol: String,
    /// The checksum of its type, `0x…`, as `CONFIG_MODVERSIONS` compares it.
    pub crc: String,
    /// Who exports it: `vmlinux`, or a module's path in the kernel tree.
    pub module: String,
    /// Whether only modules under the GPL get it.
    pub gpl_only: bool,
    /// The namespace that the module imports for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
}

/// One word for a helper.
pub(crate) fn label(name: &str, package: Option<&str>) -> String {
    match package {
        Some(package) => format!("{name} ({package})"),
        None => name.to_owned(),
    }
}

impl HelperReport {
    /// Its name, and its crate where another's helper has the same.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.name, self.package.as_deref())
    }

    /// What became of one of which something is left, in words.
    #[must_use]
    pub fn fate(&self) -> &'static str {
        match self.state {
            HelperState::Inlined => "is inlined and kept once, for its address",
            HelperState::Exempt => "may stay out of line, and did",
            HelperState::Outlined | HelperState::Unused => "stayed out of line",
        }
    }

    /// A helper's report from the link engine's account.
    #[must_use]
    pub fn new(outcome: HelperOutcome) -> HelperReport {
        // A use of its address keeps a copy of it; no call goes there.
        let calls_stay = outcome
            .remaining
            .iter()
            .any(|call| call.cause != Cause::AddressTaken);
        let state = if calls_stay && outcome.exempt {
            HelperState::Exempt
        } else if calls_stay {
            HelperState::Outlined
        } else if outcome.call_sites == 0 && outcome.remaining.is_empty() {
            HelperState::Unused
        } else {
            HelperState::Inlined
        };
        HelperReport {
            name: outcome.name,
            package: None,
            state,
            call_sites: outcome.call_sites,
            inlined: outcome.inlined,
            remaining: outcome.remaining,
        }
    }
}

impl Summary {
    /// The totals of some helpers.
    ///
    /// ```
    /// use helper_inline_build::link::job::HelperOutcome;
    /// use helper_inline_build::prove::{HelperReport, HelperState, Summary};
    ///
    /// let helper = HelperReport::new(HelperOutcome {
    ///     name: "rust_helper_atomic_inc".into(),
    ///     call_sites: 3,
    ///     inlined: 3,
    ///     remaining: vec![],
    ///     exempt: false,
    /// });
    /// assert_eq!(helper.state, HelperState::Inlined);
    /// assert_eq!(Summary::of(&[helper]).inlined, 3);
    /// ```
    #[must_use]
    pub fn of(helpers: &[HelperReport]) -> Summary {
        let sum = |value: fn(&HelperReport) -> u64| helpers.iter().map(value).sum();
        let call_sites = sum(|h| h.call_sites);
        let inlined = sum(|h| h.inlined);
        Summary {
            helpers: helpers.len() as u64,
            used: helpers
                .iter()
                .filter(|h| h.state != HelperState::Unused)
                .count() as u64,
            call_sites,
            inlined,
            outlined: call_sites - inlined,
        }
    }
}

impl Report {
    /// The helpers that are out of line without leave.
    pub fn outlined(&self) -> impl Iterator<Item = &HelperReport> {
        self.helpers
            .iter()
            .filter(|helper| helper.state == HelperState::Outlined)
    }

    /// The report as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a report is plain data");
        text.push('\n');
        text
    }
}

#[cfg(test)]
pub(super) mod example;
#[cfg(test)]
mod tests;
