//! Whose commands these are: what the user types, where the workspace is, and what its
//! own tests need beside.
//!
//! Said once, first thing in `main`. Not here: the commands.

use super::needs::{Host, Need, Toolchain};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A program with these commands.
#[derive(Debug)]
pub struct Front {
    /// What is typed before a command's name: `cargo xtask`.
    pub name: &'static str,
    /// The root of the workspace, in whose target directory everything goes; that of the
    /// workspace where the program is started if it is not given.
    pub root: Option<PathBuf>,
    /// What the workspace's own tests need on the machine, for `doctor` and
    /// `--bootstrap`.
    pub needs_of_tests: fn(&Host, &Toolchain) -> Vec<Need>,
}

static FRONT: OnceLock<Front> = OnceLock::new();

impl Front {
    /// The commands of a cargo subcommand, for the workspace that it is started in.
    #[must_use]
    pub fn subcommand() -> Front {
        Front {
            name: "cargo helper-inline",
            root: None,
            needs_of_tests: |_, _| Vec::new(),
        }
    }

    /// The commands of a workspace's own task program.
    #[must_use]
    pub fn xtask() -> Front {
        Front {
            name: "cargo xtask",
            ..Front::subcommand()
        }
    }

    /// Makes it the one of this process. The first one counts.
    pub fn set(self) {
        let _ = FRONT.set(self);
    }
}

fn front() -> &'static Front {
    FRONT.get_or_init(Front::subcommand)
}

/// What is typed before a command's name.
pub fn name() -> &'static str {
    front().name
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    let found = || FOUND.get_or_init(|| workspace_of(Path::new("."))).clone();
    front().root.clone().unwrap_or_else(found)
}

/// Where cargo, and so dist, puts what is made of the workspace.
pub fn target_dir() -> PathBuf {
    let mut metadata = cargo_metadata::MetadataCommand::new();
    metadata
        .cargo_path(crate::cargo_messages::program())
        .current_dir(root())
        .no_deps();
    let target_dir = metadata.exec().map(|metadata| metadata.target_directory);
    target_dir.map_or_else(|_| root().join("target"), PathBuf::from)
}

pub(super) fn needs_of_tests(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    (front().needs_of_tests)(host, toolchain)
}

/// The root of the cargo workspace that a directory is in, or the directory itself:
/// where there is none, cargo says so when it comes to it.
fn workspace_of(dir: &Path) -> PathBuf {
    let mut locate = Command::new(crate::cargo_messages::program());
    locate
        .current_dir(dir)
        .args(["locate-project", "--workspace", "--message-format", "plain"]);
    let output = locate
        .output()
        .ok()
        .filter(|output| output.status.success());
    let manifest = output.and_then(|output| String::from_utf8(output.stdout).ok());
    let root = manifest.and_then(|path| Some(Path::new(path.trim()).parent()?.to_owned()));
    root.unwrap_or_else(|| dir.canonicalize().unwrap_or_else(|_| dir.to_owned()))
}
