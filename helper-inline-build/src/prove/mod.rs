//! Proof: what the object itself says of the helpers, and the report.
//!
//! Not here: counting calls in bitcode (`link::count`).

#[cfg(feature = "dist")]
pub(crate) mod compare;
mod comparison;
mod dwarf;
#[cfg(any(feature = "dist", feature = "wrapper"))]
pub(crate) mod equal_symbols;
mod explain;
#[cfg(feature = "dist")]
pub mod html;
#[cfg(feature = "dist")]
mod listing;
#[cfg(feature = "dist")]
pub(crate) mod names;
mod object;
mod probes;
mod report;
mod site;
mod table;

pub use comparison::{ComparedCall, ComparisonReport, FunctionChange};
pub use dwarf::read_sites;
pub use explain::{Explanation, explain};
#[cfg(feature = "dist")]
pub use listing::{Line, Listing, Listings, Part, Side, SourceLine};
pub use object::{Bodies, ObjectFacts, check, check_with, read_object};
pub use probes::{Tracer, probes};
pub use report::{
    BackEndReport, FunctionReport, HelperReport, HelperState, ImportReport, KernelReport,
    ObjectReport, Report, SCHEMA, Summary, ThinReport, Toolchain,
};
pub use site::{
    CodeRange, InlinedCall, Parameter, Place, Recoverable, Refusal, SiteTotals, SitesReport,
};
pub use table::render;
