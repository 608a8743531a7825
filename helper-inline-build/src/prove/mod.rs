//! Proof: what the object itself says of the helpers, and the report.
//!
//! Not here: counting calls in bitcode (`link::count`).

mod object;
mod report;
mod site;
mod table;

pub use object::{ObjectFacts, check, read_object};
pub use report::{
    BackEndReport, HelperReport, HelperState, ImportReport, KernelReport, ObjectReport, Report,
    SCHEMA, Summary, ThinReport, Toolchain,
};
pub use site::{CodeRange, InlinedCall, Parameter, Place, Recoverable, SiteTotals, SitesReport};
pub use table::render;
