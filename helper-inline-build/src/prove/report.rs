//! `report.json`: what became of each helper in one module.
//!
//! Its published form is `schema/report.schema.json`. Not here: how it looks on
//! a terminal (`table`).

use crate::link::job::{Harmonized, HelperOutcome, RemainingCall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the report's form.
pub const SCHEMA: u32 = 1;

/// One module's report.
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
}

/// The kernel that a module was built for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelReport {
    /// `uname -r` of it.
    pub release: String,
    /// Its build directory.
    pub dir: String,
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
    /// The LLVM that linked.
    pub link_llvm: String,
}

/// What became of a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelperState {
    /// Every call is inlined, and no symbol of it is left.
    Inlined,
    /// Something keeps it out of line; `remaining` says what.
    Outlined,
    /// Out of line, and allowed to be.
    Exempt,
    /// Nothing calls it.
    Unused,
}

/// One helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperReport {
    /// Its C symbol.
    pub name: String,
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
}

impl HelperReport {
    /// A helper's report from the link engine's account.
    #[must_use]
    pub fn new(outcome: HelperOutcome) -> HelperReport {
        let state = if !outcome.remaining.is_empty() {
            HelperState::Outlined
        } else if outcome.call_sites == 0 {
            HelperState::Unused
        } else {
            HelperState::Inlined
        };
        HelperReport {
            name: outcome.name,
            state,
            call_sites: outcome.call_sites,
            inlined: outcome.inlined,
            remaining: outcome.remaining,
        }
    }
}

impl Summary {
    /// The totals of some helpers.
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
