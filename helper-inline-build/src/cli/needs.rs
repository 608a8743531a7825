//! What this project's commands need on the machine: one table, probed here and
//! in the files below, shown by `doctor`, mended by `--bootstrap`.

mod clang;
mod host;
mod probe;
mod render;
mod rust;
mod toolchain;

use std::fmt;
use std::path::Path;

pub use clang::packages as llvm_packages;
pub use host::Host;
pub use probe::program;
pub use render::table;
pub use rust::target;
pub use toolchain::{Named, Rust, Toolchain};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;

/// What one wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `dist`: build a module.
    Dist,
    /// `boot`: try it in a virtual machine.
    Boot,
    /// Everything that the workspace's own tests do.
    Test,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dist => "dist",
            Self::Boot => "boot",
            Self::Test => "test",
        })
    }
}

/// Needed to build a module, and so to test.
const BUILDING: &[Purpose] = &[Purpose::Dist, Purpose::Test];
/// Needed to run one in a virtual machine, and so to test.
const BOOTING: &[Purpose] = &[Purpose::Boot, Purpose::Test];

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What it is.
    pub name: String,
    /// What it is needed for.
    pub purposes: &'static [Purpose],
    /// Whether it is there.
    pub state: State,
}

/// Whether a need is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is: which version, where.
    Found(String),
    /// It is not: why, and what mends it.
    Missing(String, Mend),
}

/// What mends a missing need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Debian packages.
    Apt(Vec<String>),
    /// A part of the Rust toolchain.
    RustTarget(String),
    /// A whole toolchain, with a target beside the machine's own.
    RustToolchain(&'static str, &'static str),
    /// Nothing yet: `dist` sees to it, or says so, when it comes to it.
    OnDemand(String),
    /// Nothing that a program should do unasked.
    ByHand(String),
}

impl Mend {
    /// Packages of Debian.
    pub fn apt(packages: &[&str]) -> Self {
        Self::Apt(packages.iter().map(|&package| package.to_owned()).collect())
    }
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apt(packages) => write!(
                f,
                "apt-get install --no-install-recommends {}",
                packages.join(" ")
            ),
            Self::RustTarget(target) => write!(f, "rustup target add {target}"),
            Self::RustToolchain(name, target) => write!(
                f,
                "rustup toolchain install {name} --profile minimal --target {target}"
            ),
            Self::OnDemand(command) | Self::ByHand(command) => f.write_str(command),
        }
    }
}

impl Need {
    /// A row.
    pub fn new(name: &str, purposes: &'static [Purpose], state: State) -> Self {
        Self {
            name: name.to_owned(),
            purposes,
            state,
        }
    }

    /// Why it is missing and what mends it, when it is missing.
    pub fn missing(&self) -> Option<(&str, &Mend)> {
        match &self.state {
            State::Found(_) => None,
            State::Missing(why, mend) => Some((why, mend)),
        }
    }

    /// Whether it is needed for that.
    pub fn serves(&self, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
    }
}

/// Probes every need of the workspace at `root`, on this machine.
pub fn all(root: &Path) -> Vec<Need> {
    probe::all(root, &Host::real(), &toolchain::Toolchain::find())
}

/// Those alone that something needs: a build does not wait for what is a test's.
fn all_for(root: &Path, purpose: Purpose) -> Vec<Need> {
    match purpose {
        Purpose::Test => all(root),
        Purpose::Dist | Purpose::Boot => {
            let toolchain = toolchain::Toolchain::find_compilers();
            probe::untested(root, &Host::real(), &toolchain)
        }
    }
}

/// An error that names everything missing for a purpose and how to mend it.
/// Kernels are left out: `dist` fetches them itself.
pub fn require(root: &Path, purpose: Purpose) -> Outcome {
    missing_for(&all_for(root, purpose), purpose)
}

/// The same for some Rust targets alone.
pub fn require_for(root: &Path, purpose: Purpose, targets: &[String]) -> Outcome {
    let mut needs = all_for(root, purpose);
    needs.retain(|need| match need.missing() {
        Some((_, Mend::RustTarget(target))) => targets.contains(target),
        _ => true,
    });
    missing_for(&needs, purpose)
}

fn missing_for(needs: &[Need], purpose: Purpose) -> Outcome {
    let missing: Vec<String> = needs
        .iter()
        .filter(|need| need.serves(purpose))
        .filter_map(|need| match need.missing()? {
            (_, Mend::OnDemand(_)) => None,
            (why, mend) => Some(format!("{}: {why}; mend it with: {mend}", need.name)),
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::need(format_args!(
        "missing for {purpose}:\n  {}\nor let `{} {purpose} --bootstrap` install it",
        missing.join("\n  "),
        front::name()
    )))
}

#[cfg(test)]
mod tests;
