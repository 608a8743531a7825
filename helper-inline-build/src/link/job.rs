//! What the parent asks of the child that links, and what the child answers.
//!
//! Plain data, exchanged as JSON. Not here: how either side gets it done.

use super::probe::Probe;
use crate::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One module to link.
///
/// ```
/// use helper_inline_build::link::job::{CrateInput, HelperInput, Job};
///
/// let job = Job {
///     llvm: "/usr/lib/llvm-22/lib/libLLVM.so".into(),
///     name: "hello".into(),
///     helpers: vec![HelperInput {
///         package: "hello".into(),
///         prefix: "rust_helper_".into(),
///         helpers: ["rust_helper_read".to_owned()].into(),
///         c_names: Default::default(),
///         bitcode: "helpers.bc".into(),
///         exempt: vec![],
///         wrapped: vec![],
///     }],
///     crates: vec![CrateInput { name: "hello".into(), bitcode: "hello.bc".into() }],
///     libraries: vec![],
///     keep: vec![],
///     kernel: true,
///     inline: true,
///     debug: false,
///     object: "hello.o".into(),
/// };
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The libLLVM to link with.
    pub llvm: PathBuf,
    /// The module's name.
    pub name: String,
    /// Bitcode of helpers.
    pub helpers: Vec<HelperInput>,
    /// Bitcode of Rust crates, dependencies and the module's own.
    pub crates: Vec<CrateInput>,
    /// Archives of which only what is needed is linked: `core` and the like.
    pub libraries: Vec<PathBuf>,
    /// Symbols that stay visible beside the unmangled ones of the crates: what else
    /// the object is linked with needs them.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Whether it is for a kernel, whose C build then decides how all code is
    /// generated.
    pub kernel: bool,
    /// Whether helpers are inlined, or kept out of line for comparison.
    pub inline: bool,
    /// Whether the object gets debug sections, of what the inputs have for them.
    pub debug: bool,
    /// Where the object goes; the parent renames it when all is well.
    pub object: PathBuf,
}

/// The bitcode of one crate's helpers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HelperInput {
    /// The crate that they belong to.
    pub package: String,
    /// Prefix of the helpers' C names. What has it and is called and defined nowhere is
    /// taken for a helper that is missing; it makes nothing else a helper.
    pub prefix: String,
    /// Symbols of the helpers. Of these the functions that the bitcode defines count.
    pub helpers: BTreeSet<String>,
    /// The C names of those that have another symbol, for messages.
    #[serde(default)]
    pub c_names: BTreeMap<String, String>,
    /// The bitcode file.
    pub bitcode: PathBuf,
    /// Symbols of helpers that may stay out of line.
    pub exempt: Vec<String>,
    /// Symbols of helpers that only call what they stand for: a header's inline
    /// function, which is then inlined with them.
    #[serde(default)]
    pub wrapped: Vec<String>,
}

impl HelperInput {
    /// What a manifest hands over; `None` when it has no bitcode.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Option<HelperInput> {
        Some(HelperInput {
            package: manifest.package.clone(),
            prefix: manifest.prefix.clone(),
            helpers: manifest.helpers.iter().cloned().collect(),
            c_names: manifest.c_names.clone(),
            bitcode: manifest.bitcode.clone()?,
            exempt: manifest.exempt.clone(),
            wrapped: manifest.wrapped.keys().cloned().collect(),
        })
    }
}

/// The bitcode of one Rust crate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CrateInput {
    /// The crate's name.
    pub name: String,
    /// The bitcode file.
    pub bitcode: PathBuf,
}

/// A crate's helpers to be made ready for being inlined unit by unit.
///
/// Nothing of theirs is local then: each unit gets copies for the optimizer to look
/// into, and the one definition of everything, statics included, is the archive's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrepareJob {
    /// The libLLVM to use.
    pub llvm: PathBuf,
    /// The helpers, as the build script left them.
    pub helper: HelperInput,
    /// What makes names of one program's helpers differ: the same for each build of
    /// one package in one configuration.
    pub tag: String,
    /// Where the bitcode goes.
    pub bitcode: PathBuf,
    /// Where the object with all definitions goes.
    pub object: PathBuf,
}

/// One code-generation unit of a crate, to be lowered again with its helpers
/// inlined.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnitJob {
    /// The unit as the only crate, and helpers that were made ready.
    pub job: Job,
    /// How rustc optimized it.
    pub level: OptLevel,
}

/// rustc's `-C opt-level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptLevel {
    /// `0`: the dev profile's. Helpers are inlined, and nothing else is done.
    O0,
    /// `1`
    O1,
    /// `2`
    O2,
    /// `3`: the release profile's.
    O3,
    /// `s`
    Os,
    /// `z`
    Oz,
}

impl OptLevel {
    /// The level that rustc calls so; `None` when it has none of the name.
    ///
    /// ```
    /// use helper_inline_build::link::job::OptLevel;
    ///
    /// assert_eq!(OptLevel::of("s"), Some(OptLevel::Os));
    /// assert_eq!(OptLevel::of("fast"), None);
    /// ```
    #[must_use]
    pub fn of(rustc: &str) -> Option<OptLevel> {
        Some(match rustc {
            "0" => OptLevel::O0,
            "1" => OptLevel::O1,
            "2" => OptLevel::O2,
            "3" => OptLevel::O3,
            "s" => OptLevel::Os,
            "z" => OptLevel::Oz,
            _ => return None,
        })
    }
}

/// What the child did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The version of the LLVM that linked.
    pub llvm: String,
    /// Every helper that the inputs define, sorted by name.
    pub helpers: Vec<HelperOutcome>,
    /// What was made equal, and how.
    pub harmonized: Vec<Harmonized>,
    /// Symbols that the object exports.
    pub exports: Vec<String>,
    /// Symbols that the module's code names and does not define, sorted. The
    /// optimizer may have dropped some since, and code generation added others.
    pub imports: Vec<Import>,
    /// Time of each step, in milliseconds.
    pub timings_ms: BTreeMap<String, u64>,
}

/// A symbol that comes from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its name.
    pub symbol: String,
    /// Who needs it; of many, the first few.
    pub users: Vec<ImportUser>,
}

/// A helper or a Rust function that needs a symbol from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImportUser {
    /// Whether it is a helper.
    pub helper: bool,
    /// Its name, demangled.
    pub function: String,
    /// Where in it, as `file:line:column`, where line tables say so.
    pub location: Option<String>,
    /// The C functions between it and the symbol, from it on.
    pub through: Vec<String>,
}

impl Outcome {
    /// The symbols of the helpers, which the proof looks for in the object.
    #[must_use]
    pub fn symbols(&self) -> BTreeSet<String> {
        self.helpers.iter().map(|h| h.name.clone()).collect()
    }

    /// These, and the symbols of the functions that helpers stand for and that are still
    /// called.
    #[must_use]
    pub fn proved_symbols(&self) -> BTreeSet<String> {
        let remaining = self.helpers.iter().flat_map(|helper| &helper.remaining);
        let below = remaining.filter_map(|call| call.callee.clone());
        self.symbols().into_iter().chain(below).collect()
    }
}

/// What became of one helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperOutcome {
    /// Its C symbol.
    pub name: String,
    /// Calls before inlining.
    pub call_sites: u64,
    /// Of these, how many are gone.
    pub inlined: u64,
    /// The calls that are left.
    pub remaining: Vec<RemainingCall>,
    /// Whether it may stay out of line.
    pub exempt: bool,
}

/// A call, or another use, that keeps a helper out of line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemainingCall {
    /// The function that holds the call, demangled.
    pub caller: String,
    /// `file:line:column`, where line tables say so.
    pub location: Option<String>,
    /// Why it stayed.
    pub cause: Cause,
    /// The attribute or LLVM's own words, where the cause has one.
    pub attribute: Option<String>,
    /// The symbol that is called, where it is not the helper's own: the helper is gone, and
    /// the function that it stands for is still called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub callee: Option<String>,
}

impl std::fmt::Display for RemainingCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self.location.as_deref().unwrap_or("unknown place");
        write!(f, "in {} at {place}: {}", self.caller, self.cause.name())?;
        match &self.attribute {
            Some(attribute) => write!(f, " ({attribute})"),
            None => Ok(()),
        }
    }
}

/// Why a call stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// The C source says `noinline`, or the helper was compiled at -O0.
    Noinline,
    /// An attribute differs between helper and caller, and inlining would change
    /// meaning or drop a mitigation.
    ConflictingAttribute,
    /// Rust declares the helper with another type than C defines it with.
    TypeMismatch,
    /// The helper's address is used.
    AddressTaken,
    /// LLVM cannot inline such a body; its reason is in `attribute`.
    NotInlinable,
    /// Another definition may take the helper's place when the program is linked or
    /// started.
    Replaceable,
    /// The helper is another name of a function, or uses the address of one.
    Alias,
    /// The helper's assembly names or defines a symbol of its own source.
    AssemblySymbol,
    /// The helper's variables would make the caller's frame too large: a recursive
    /// function's, or one that is large already.
    LargeFrame,
    /// The helper may stay, and LLVM found it better so.
    Exempt,
    /// Inlining was switched off.
    InliningOff,
}

impl Cause {
    /// All of them, as the guide orders them.
    pub const ALL: &'static [Cause] = &[
        Cause::Noinline,
        Cause::ConflictingAttribute,
        Cause::TypeMismatch,
        Cause::AddressTaken,
        Cause::NotInlinable,
        Cause::Replaceable,
        Cause::Alias,
        Cause::AssemblySymbol,
        Cause::LargeFrame,
        Cause::Exempt,
        Cause::InliningOff,
    ];

    /// The cause that reports call so; `None` when none is.
    ///
    /// ```
    /// use helper_inline_build::link::job::Cause;
    ///
    /// assert_eq!(Cause::named("address-taken"), Some(Cause::AddressTaken));
    /// assert_eq!(Cause::named("bad luck"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Cause> {
        Cause::ALL
            .iter()
            .copied()
            .find(|cause| cause.name() == name)
    }

    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::Noinline => "noinline",
            Cause::ConflictingAttribute => "conflicting-attribute",
            Cause::TypeMismatch => "type-mismatch",
            Cause::AddressTaken => "address-taken",
            Cause::NotInlinable => "not-inlinable",
            Cause::Replaceable => "replaceable",
            Cause::Alias => "alias",
            Cause::AssemblySymbol => "assembly-symbol",
            Cause::LargeFrame => "large-frame",
            Cause::Exempt => "exempt",
            Cause::InliningOff => "inlining-off",
        }
    }
}

/// One attribute, flag or property that was made equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harmonized {
    /// Its name.
    pub attribute: String,
    /// What was done, with the value.
    pub action: String,
    /// How many functions, or other definitions, it was done to; 0 when it was
    /// done to the module.
    pub functions: u64,
}

/// What the child reads from its standard input, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Request {
    /// To link a module.
    Link(Job),
    /// To make helpers ready for being inlined unit by unit.
    Prepare(PrepareJob),
    /// To inline helpers into one unit.
    Unit(UnitJob),
    /// To see whether LLVM dies of an input.
    Probe(Probe),
}

impl Request {
    /// The helpers that it is about.
    pub(super) fn helpers(&self) -> &[HelperInput] {
        match self {
            Request::Link(job) => &job.helpers,
            Request::Prepare(job) => std::slice::from_ref(&job.helper),
            Request::Unit(job) => &job.job.helpers,
            Request::Probe(_) => &[],
        }
    }

    /// Where the object goes that is asked for.
    pub(super) fn object(&self) -> Option<&Path> {
        match self {
            Request::Link(job) => Some(&job.object),
            Request::Prepare(job) => Some(&job.object),
            Request::Unit(job) => Some(&job.job.object),
            Request::Probe(_) => None,
        }
    }
}

/// What the child writes to its standard output, one JSON value a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Message {
    /// A step begins; if LLVM ends the process, this was at work.
    Stage(String),
    /// The job is done.
    Done(Outcome),
    /// LLVM did not die of the probed input.
    Survived,
    /// The helpers are ready.
    Prepared,
    /// The job was refused or failed.
    Failed(Failure),
}

/// An error of the child's, as the parent can make it its own again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Failure {
    LlvmUnusable {
        detail: String,
    },
    Malformed {
        path: PathBuf,
        detail: String,
    },
    ProducerTooNew {
        path: PathBuf,
        producer: String,
        beside: Option<String>,
        reader: String,
    },
    Link {
        input: String,
        reason: String,
    },
    UndefinedHelpers {
        names: Vec<String>,
    },
    Write {
        path: PathBuf,
        reason: String,
    },
}
