//! What the caller of `dist` asks for, and how it hears of progress.

use crate::Policy;
use crate::jobs::Distributor;
use crate::kernel::SigningKey;
use std::fmt;
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

/// A step of one module or program that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step<'a> {
    /// The Rust target.
    pub target: &'a str,
    /// The kernel's release, if it is for one.
    pub kernel: Option<&'a str>,
    /// The module.
    pub module: &'a str,
    /// Which of those that are asked for it is, from 1.
    pub number: usize,
    /// How many those are.
    pub of: usize,
    /// What begins.
    pub name: &'a str,
    /// How much it is about, in words, where that is known.
    pub extent: Option<String>,
}

/// As one line: `[2/14] 6.1.0-56-amd64: prove (sample_kmod)`.
impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of > 1 {
            write!(f, "[{}/{}] ", self.number, self.of)?;
        }
        let place = self.kernel.unwrap_or(self.target);
        write!(f, "{place}: {} ({}", self.name, self.module)?;
        if let Some(extent) = &self.extent {
            write!(f, ": {extent}")?;
        }
        write!(f, ")")
    }
}

/// Hears what `dist` is doing.
///
/// ```
/// use helper_inline_build::dist::{Progress, Step};
///
/// struct Lines;
///
/// impl Progress for Lines {
///     fn step(&self, step: &Step<'_>) {
///         println!("{step}");
///     }
/// }
/// ```
pub trait Progress {
    /// A step begins.
    fn step(&self, step: &Step<'_>);

    /// Of the step that began last, so many jobs are done of so many that must be. A step
    /// may have several such batches, or none.
    fn jobs(&self, done: usize, of: usize) {
        let _ = (done, of);
    }

    /// Whether the user asked to stop. It is asked between steps.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Hears nothing.
pub struct NoProgress;

impl Progress for NoProgress {
    fn step(&self, _step: &Step<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_line() {
        let step = Step {
            target: "x86_64-unknown-none",
            kernel: Some("6.1.0-56-amd64"),
            module: "disk",
            number: 2,
            of: 14,
            name: "link, inline and lower",
            extent: Some("6 crates, 74 helpers".into()),
        };
        assert_eq!(
            step.to_string(),
            "[2/14] 6.1.0-56-amd64: link, inline and lower (disk: 6 crates, 74 helpers)"
        );
        let alone = Step {
            kernel: None,
            of: 1,
            name: "prove",
            extent: None,
            ..step
        };
        assert_eq!(alone.to_string(), "x86_64-unknown-none: prove (disk)");
    }
}
