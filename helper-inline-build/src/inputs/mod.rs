//! What one build script's helpers were made of, each input by its content.
//!
//! Written by `build` beside the manifest once everything is compiled, and compared by
//! `dist` with what is there now, so that no time stamp decides. Its file is also what
//! makes cargo run the build script again: cargo is told to watch it, and `dist` removes
//! it. Not here: which inputs there are (`build::record`).

#[cfg(feature = "dist")]
mod compare;
mod digest;
mod identity;
#[cfg(feature = "dist")]
mod memo;
#[cfg(any(feature = "dist", feature = "wrapper"))]
mod program;
mod text;

#[cfg(feature = "dist")]
pub(crate) use compare::Recorded;
use digest::{of_bytes, of_file};
use identity::Identity;
#[cfg(feature = "dist")]
pub(crate) use memo::Memo;
#[cfg(any(feature = "dist", feature = "wrapper"))]
pub(crate) use program::of_program;

use crate::clang::effective;
use crate::{Result, files};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The name of the list of inputs in `OUT_DIR`.
pub(crate) const FILE_NAME: &str = "helper-inline-inputs";

/// Something that helpers were made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Input {
    /// A file's content.
    File {
        path: PathBuf,
        digest: String,
        identity: Identity,
    },
    /// A large file that installations replace, such as a compiler: its content too, of
    /// which no build script takes a digest.
    Tool { path: PathBuf, identity: Identity },
    /// That nothing is at a path. A header there would be included in another's place.
    Absent { path: PathBuf },
    /// The names of the C sources in a directory.
    Sources { path: PathBuf, digest: String },
    /// What a clang makes of flags on this machine.
    Arguments { asked: Asked, digest: String },
}

/// What a clang is asked for its effective arguments with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Asked {
    clang: PathBuf,
    flags: Vec<String>,
    is_kernel: bool,
}

impl Asked {
    /// A digest of its answer.
    fn answer(&self) -> String {
        match effective::arguments(&self.clang, &self.flags, self.is_kernel) {
            Ok(arguments) => of_bytes(arguments.as_bytes()),
            Err(_) => "unanswered".to_owned(),
        }
    }
}

impl Input {
    /// A file that is there, or that none is. `started` is when reading began: what has
    /// changed since may have been read as it was before, and so is no longer what was
    /// read.
    pub(crate) fn file(path: &Path, started: SystemTime) -> Input {
        let path = path.to_owned();
        let identity = Identity::of(&path);
        if !path.exists() {
            return Input::Absent { path };
        }
        // In this order: what is read is of this identity or of a later one.
        let digest = content(&path);
        match identity.is_newer_than(started) {
            true => Input::File {
                path,
                digest: MEANWHILE.to_owned(),
                identity: Identity::unknown(),
            },
            false => Input::File {
                path,
                digest,
                identity: identity.if_settled(started),
            },
        }
    }

    /// A large file that is there, or that none is.
    pub(crate) fn tool(path: &Path, started: SystemTime) -> Input {
        let identity = Identity::of(path).if_settled(started);
        match identity == Identity::unknown() {
            true => Input::file(path, started),
            false => Input::Tool {
                path: path.to_owned(),
                identity,
            },
        }
    }

    /// The C sources in a directory.
    pub(crate) fn sources(path: &Path) -> Input {
        Input::Sources {
            path: path.to_owned(),
            digest: names(path),
        }
    }

    /// What a clang makes of a unit's flags.
    pub(crate) fn arguments(clang: &Path, flags: &[String], is_kernel: bool) -> Input {
        let asked = Asked {
            clang: clang.to_owned(),
            flags: effective::deciding(flags),
            is_kernel,
        };
        let digest = asked.answer();
        Input::Arguments { asked, digest }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Input::Arguments { asked, .. } => &asked.clang,
            Input::File { path, .. }
            | Input::Tool { path, .. }
            | Input::Absent { path }
            | Input::Sources { path, .. } => path,
        }
    }
}

/// In the place of a digest: a file that changed while it was used.
const MEANWHILE: &str = "changed-meanwhile";

/// A digest of what is at a path.
fn content(path: &Path) -> String {
    of_file(path).unwrap_or_else(|error| format!("unreadable:{:?}", error.kind()))
}

/// A digest of the names of all C sources below a directory.
fn names(dir: &Path) -> String {
    let entries = walkdir::WalkDir::new(dir).sort_by_file_name();
    let names: Vec<u8> = entries
        .into_iter()
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "c"))
        .flat_map(|entry| [entry.path().as_os_str().as_encoded_bytes(), b"\0"].concat())
        .collect();
    of_bytes(&names)
}

/// All inputs of one build script's helpers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// The kernel build directory, if they were compiled for a kernel.
    kernel: Option<PathBuf>,
    inputs: BTreeSet<Input>,
}

impl Inputs {
    pub(crate) fn new(kernel: Option<&Path>) -> Inputs {
        Inputs {
            kernel: kernel.map(Path::to_owned),
            inputs: BTreeSet::new(),
        }
    }

    pub(crate) fn add(&mut self, input: Input) {
        self.inputs.insert(input);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter()
    }

    /// Writes the list into a build script's directory, with a time long past: cargo
    /// compares it with that at which the build script began.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        const PAST: Duration = Duration::from_secs(1_000_000_000);
        let path = dir.join(FILE_NAME);
        files::write(&path, text::of(self).as_bytes())?;
        std::fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH + PAST))
            .map_err(files::io("write", &path))
    }
}

#[cfg(all(test, feature = "dist"))]
mod tests;
