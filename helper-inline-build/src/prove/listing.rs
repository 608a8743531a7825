//! The assembly of calls, out of line and inlined, as the page shows it side by side.
//!
//! Not a part of `report.json`, for its size. Not here: finding out (`compare`), or how it
//! looks (`html`).

use std::collections::BTreeMap;

/// The assembly of a module's calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listings {
    /// Some calls: at least one of each helper, as far as there is room.
    pub calls: Vec<Listing>,
    /// How many calls there are.
    pub total: usize,
    /// Each helper's own code, which runs at each call out of line.
    pub helpers: BTreeMap<String, Side>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The helper's C symbol.
    pub helper: String,
    /// The function that calls it, demangled.
    pub caller: String,
    /// Where the call is, `file:line:column`.
    pub location: Option<String>,
    /// The source around it; empty when the file was not to be read.
    pub source: Vec<SourceLine>,
    /// Out of line; none when the call is nowhere in that code.
    pub before: Option<Side>,
    /// Inlined; none when no instruction is marked as the helper's.
    pub after: Option<Side>,
}

/// A line of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: u32,
    /// What it says.
    pub text: String,
    /// Whether the call is in it.
    pub is_call: bool,
}

/// Instructions of one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The function's symbol.
    pub symbol: String,
    /// Its name, demangled.
    pub function: String,
    /// How many other functions have the same.
    pub others: usize,
    /// Size of all the instructions meant, in bytes, shown or not.
    pub bytes: u64,
    /// The instructions, in their order.
    pub lines: Vec<Line>,
    /// How many more there are.
    pub left_out: usize,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Bytes from the function's beginning.
    pub offset: u64,
    /// What the disassembler calls it, with names instead of addresses.
    pub text: String,
    /// What it is of.
    pub part: Part,
    /// Whether other code lies between it and the one before.
    pub after_gap: bool,
}

/// What an instruction is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The caller's line: mostly the arguments and the result.
    Caller,
    /// The call.
    Call,
    /// The helper's body.
    Helper,
}
