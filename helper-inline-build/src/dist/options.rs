//! What the caller of `dist` asks for, and how it hears of progress.

use crate::Policy;
use crate::jobs::Distributor;
use crate::kernel::SigningKey;
use std::path::PathBuf;

/// What to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory whose cargo workspace is built.
    pub workspace: PathBuf,
    /// Rust target triples.
    pub targets: Vec<String>,
    /// Kernel build directories; each serves the targets of its architecture.
    pub kernels: Vec<PathBuf>,
    /// The package that is the module; all that declare
    /// `[package.metadata.helper-inline]` when not given.
    pub package: Option<String>,
    /// Cargo's profile.
    pub profile: String,
    /// What a helper that stays out of line means.
    pub inline: Policy,
    /// Whether a module is linked as one unit or as many.
    pub lto: Lto,
    /// Whether the module gets debug sections, which then name inlined helpers
    /// as well. Without it there are none, whatever the profile says.
    pub debug: bool,
    /// Whether the report sets the code beside that of its out-of-line twin, which is
    /// linked for it: sizes, and the assembly of calls on the page.
    pub compare: bool,
    /// Whether each is an object for the kernel's own image instead of a module.
    pub built_in: bool,
    /// Whether the helpers' declarations are saved in the packages whose build scripts
    /// name a file for them (`Helpers::bindings_without_kernel`).
    pub save_bindings: bool,
    /// What modules are signed with, if they are.
    pub sign: Option<SigningKey>,
    /// Where outputs go instead of `target/dist`.
    pub out: Option<PathBuf>,
    /// Whether cargo says nothing but what is wrong.
    pub quiet: bool,
}

impl Options {
    /// Whether the graph of a thin link's jobs is to be written.
    pub(super) fn wants_graph(&self) -> bool {
        matches!(&self.lto, Lto::Thin(Thin { ninja: Some(_), .. }))
    }
}

/// How crates and helpers become one module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lto {
    /// All of it is one unit, optimized as a whole.
    #[default]
    One,
    /// Each crate is a unit, which imports what it inlines from others (ThinLTO). Units
    /// are compiled beside each other, and again only when they change.
    Thin(Thin),
}

/// How a thin link is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thin {
    /// What runs the back ends elsewhere, if anything does.
    pub distributor: Option<Distributor>,
    /// Where the graph of its jobs goes for ninja, if it is wanted.
    pub ninja: Option<PathBuf>,
}

/// Hears what `dist` is doing.
///
/// ```
/// use helper_inline_build::dist::Progress;
///
/// struct Lines;
///
/// impl Progress for Lines {
///     fn step(&self, target: &str, kernel: Option<&str>, step: &str) {
///         println!("{target} {}: {step}", kernel.unwrap_or("without a kernel"));
///     }
/// }
/// ```
pub trait Progress {
    /// A step begins.
    fn step(&self, target: &str, kernel: Option<&str>, step: &str);

    /// Whether the user asked to stop. It is asked between steps.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Hears nothing.
pub struct NoProgress;

impl Progress for NoProgress {
    fn step(&self, _target: &str, _kernel: Option<&str>, _step: &str) {}
}
