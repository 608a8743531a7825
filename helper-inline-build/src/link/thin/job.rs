//! What is asked of the children that prepare units, and of those that come after the
//! back ends.
//!
//! Plain data, as JSON. All paths may be relative to the directory that the child runs
//! in. Not here: what is answered (`facts`).

use crate::link::ByName;
use crate::link::below::WrappedCall;
use crate::link::job::HelperInput;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What all jobs of one module share.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Target {
    /// The libLLVM to use.
    pub llvm: PathBuf,
    /// What tells this libLLVM from another at the same place: it is not an input that
    /// is read each time.
    pub llvm_file: String,
    /// Whether it is for a kernel, whose C build then decides how all code is generated.
    pub kernel: bool,
    /// Whether helpers are inlined, or kept out of line for comparison.
    pub inline: bool,
    /// Whether debug information is kept.
    pub debug: bool,
}

/// All helpers of a module, to be made units.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HelpersJob {
    /// What all jobs share.
    pub target: Target,
    /// The helpers, as the build scripts left them.
    pub helpers: Vec<HelperInput>,
    /// Where what each becomes goes.
    pub units: Vec<HelperUnit>,
    /// Where their declarations go, which is all that crates are prepared with.
    pub interface: PathBuf,
}

/// The two shapes of a unit of helpers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HelperUnit {
    /// What names of the unit's own are told apart by.
    pub tag: String,
    /// What the thin link imports from.
    pub thin: PathBuf,
    /// What is compiled of what is left.
    pub whole: PathBuf,
}

/// One crate, to be made a unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CrateJob {
    /// What all jobs share.
    pub target: Target,
    /// What the unit is called, and its calls of helpers are numbered by.
    pub unit: String,
    /// The crate's bitcode.
    pub bitcode: PathBuf,
    /// The helpers' declarations.
    pub interface: PathBuf,
    /// Prefixes of helpers' symbols.
    pub prefixes: Vec<String>,
    /// The helpers that have another symbol than their C name.
    #[serde(default)]
    pub by_name: ByName,
    /// What stays visible beside unmangled names, if the crate defines it.
    pub keep: Vec<String>,
    /// Where the unit goes.
    pub output: PathBuf,
}

/// What is needed of `core` and `alloc`, to be made a unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LibrariesJob {
    /// What all jobs share.
    pub target: Target,
    /// The archives, each after those that need it.
    pub libraries: Vec<PathBuf>,
    /// What of them is needed.
    pub needed: BTreeSet<Needed>,
    /// The helpers' declarations.
    pub interface: PathBuf,
    /// Where the unit goes.
    pub output: PathBuf,
}

/// A symbol that a library is to define.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Needed {
    /// Its name.
    pub name: String,
    /// Whether it is a function.
    pub is_function: bool,
}

/// The helpers that are still needed when all units are compiled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RestJob {
    /// What all jobs share.
    pub target: Target,
    /// The module's name.
    pub name: String,
    /// The units of helpers.
    pub units: Vec<PathBuf>,
    /// The objects of all other units; what they need is compiled.
    pub objects: Vec<PathBuf>,
    /// The helpers' symbols.
    pub helpers: BTreeSet<String>,
    /// The calls in wrappers, by their marks.
    pub wrapped: BTreeMap<String, WrappedCall>,
    /// What the final linker may take other definitions of.
    pub replaceable: BTreeSet<String>,
    /// What is compiled and stays visible whether the objects need it or not.
    pub keep: Vec<String>,
    /// Whether code has to be position-independent.
    pub pic: bool,
    /// Where the object goes.
    pub object: PathBuf,
}

/// Optimized units, to be searched for calls that stayed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SurveyJob {
    /// What all jobs share.
    pub target: Target,
    /// The units' optimized bitcode.
    pub bitcode: Vec<PathBuf>,
    /// The helpers' symbols.
    pub helpers: BTreeSet<String>,
    /// The calls in wrappers, by their marks.
    pub wrapped: BTreeMap<String, WrappedCall>,
}

/// What a thin link wrote, to be put in place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleJob {
    /// The units that back ends compile.
    pub units: Vec<SettleUnit>,
    /// Where the imports go in the form that ninja reads (`dyndep`).
    pub dyndep: PathBuf,
}

/// The files of one unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleUnit {
    /// The index as the thin link wrote it.
    pub fresh_index: PathBuf,
    /// The imports as the thin link wrote them.
    pub fresh_imports: PathBuf,
    /// The index that the back end reads.
    pub index: PathBuf,
    /// The imports that go with it.
    pub imports: PathBuf,
    /// The object that the back end makes.
    pub object: PathBuf,
}

/// A module's object, to be held against what it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckJob {
    /// The object.
    pub object: PathBuf,
    /// The helpers that it is not to have.
    pub inlined: BTreeSet<String>,
}
