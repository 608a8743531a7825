//! The calls that were inlined, as a tracer finds them: their addresses in the packaged
//! file, and where each parameter is.
//!
//! A part of `report.json`. Not here: reading it from DWARF.

use serde::{Deserialize, Serialize};

/// The inlined calls of a module or program that has debug sections.
///
/// They are those that left code: of a call whose outcome was known LLVM may leave no
/// instruction, and there is no place then to trace it. One in a function that was itself
/// inlined, or copied, is there once for each copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitesReport {
    /// How many calls can be traced with their parameters.
    pub totals: SiteTotals,
    /// Each inlined call, by section and address.
    pub calls: Vec<InlinedCall>,
}

/// Calls by what a tracer can recover of their parameters. A call without parameters is
/// fully recoverable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTotals {
    /// Every parameter is known.
    pub fully: u64,
    /// Some are.
    pub partly: u64,
    /// None is.
    pub not: u64,
}

/// One call of a helper that was inlined. LLVM may copy it or cut it in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinedCall {
    /// The helper's C symbol.
    pub helper: String,
    /// The function that it was inlined into, demangled: the innermost one of the source.
    pub caller: String,
    /// Where the call is in the source, `file:line:column`.
    pub location: Option<String>,
    /// Where its code is, the entry first; more than one piece when LLVM split it.
    pub ranges: Vec<CodeRange>,
    /// Why no probe is placed at its entry, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<Refusal>,
    /// What can be recovered of its parameters at the entry.
    pub recoverable: Recoverable,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
}

/// A piece of code in the packaged file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRange {
    /// The function symbol that it is in, as the file has it.
    pub symbol: String,
    /// Bytes from that symbol to its beginning.
    pub offset: u64,
    /// Its section.
    pub section: String,
    /// Its address: in the section for a module or object, virtual for a program.
    pub address: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Where it is in the file, in bytes, when that is a program: what a uprobe is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file_offset: Option<u64>,
}

/// Why no probe is placed at an instruction: the kernel needs that one itself, has no room
/// for it, or dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// It is the branch of a static key.
    JumpLabel,
    /// It is a static call.
    StaticCall,
    /// It is what reports a bug or a warning.
    Bug,
    /// It is padding of 15 bytes, beside which a kernel on x86_64 has no room for its
    /// breakpoint.
    Padding,
    /// The kernel cannot step over it: for a uprobe on x86_64 when it has the prefix `lock`
    /// or a segment's; on AArch64 an exclusive load or store, one about the mask of
    /// interrupts, and some others.
    Unsteppable,
    /// It is in the last function of a module's code, past whose end a kernel on x86_64
    /// reads, and dies, when it replaces a probe in it by a jump.
    EndOfCode,
}

/// How much of a call's parameters a tracer can recover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recoverable {
    /// All.
    Fully,
    /// Some.
    Partly,
    /// None.
    Not,
}

/// One parameter at a call's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in C.
    pub name: String,
    /// How a probe reads it: `u32`, `s64`, or `x64` for a pointer or a structure. None
    /// when a probe knows no such type: what is larger than a register, or floating.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub value_type: Option<String>,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

/// Where a parameter is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", content = "what", rename_all = "lowercase")]
pub enum Place {
    /// It is what this register holds, or that and a number: `rdi`, `rbx+16`.
    Register(String),
    /// In memory, at this address relative to a register: `rsp+24`.
    Stack(String),
    /// It is this number.
    Constant(String),
    /// Nowhere that DWARF tells of at the call's entry, or nowhere that a probe can read:
    /// in pieces, in a vector register, only known when the function began.
    Lost,
}

impl Refusal {
    /// The reason in words.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::JumpLabel => "the kernel patches the branch there, of a static key",
            Refusal::StaticCall => "the kernel patches the static call there",
            Refusal::Bug => "the instruction there reports a bug or a warning",
            Refusal::Padding => {
                "15 bytes of padding begin there, which leave the kernel no room for a breakpoint"
            }
            Refusal::Unsteppable => {
                "the instruction there, such as an atomic one, is none that the kernel steps over"
            }
            Refusal::EndOfCode => {
                "a kernel that optimizes probes reads past the end of the module's code there"
            }
        }
    }
}

impl Recoverable {
    /// How much of some parameters is known.
    #[must_use]
    pub fn of(parameters: &[Parameter]) -> Recoverable {
        let lost = parameters.iter().filter(|p| p.place == Place::Lost).count();
        match lost {
            0 => Recoverable::Fully,
            _ if lost < parameters.len() => Recoverable::Partly,
            _ => Recoverable::Not,
        }
    }
}
