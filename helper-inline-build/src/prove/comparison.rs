//! What inlining did to a module's code: its sizes and calls beside those of its
//! out-of-line twin.
//!
//! A part of `report.json`. Not here: reading the twins (`compare`), and their assembly,
//! which only the page shows (`html`).

use serde::{Deserialize, Serialize};

/// A module beside its out-of-line twin (`dist --compare`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonReport {
    /// Whether the code that is described is the module's, byte for byte. It is not where
    /// the module was linked as many units (`--lto thin`), for the twins are always one.
    pub same_code: bool,
    /// Size of all code out of line, in bytes.
    pub text_bytes_before: u64,
    /// Size of all code inlined, in bytes.
    pub text_bytes_after: u64,
    /// Each function that one of them has, by symbol.
    pub functions: Vec<FunctionChange>,
    /// Each call in the source, by helper, caller and place.
    pub calls: Vec<ComparedCall>,
}

/// A function out of line and inlined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionChange {
    /// Its symbol; a helper's is told as in C.
    pub symbol: String,
    /// Its name, demangled.
    pub name: String,
    /// Its size out of line, in bytes; none when it is not there.
    pub before: Option<u64>,
    /// Its size inlined, in bytes; none when it is not there.
    pub after: Option<u64>,
    /// How many of the bytes inlined are a helper's.
    pub helper_bytes: u64,
}

/// A call in the source, out of line and inlined. Where the function around it was
/// inlined into several, it is in the code several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedCall {
    /// The helper's C symbol.
    pub helper: String,
    /// The function that calls it, demangled: the innermost one of the source.
    pub caller: String,
    /// Where the call is, `file:line:column`.
    pub location: Option<String>,
    /// Call instructions out of line.
    pub called: u64,
    /// Call instructions that are left when inlined.
    pub left: u64,
    /// The functions that have the helper's code in its place, by symbol.
    pub inlined_into: Vec<String>,
    /// The size of that code, in bytes; 0 when it was computed, is not used, or became
    /// one with other instructions.
    pub bytes: u64,
}
