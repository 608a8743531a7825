//! How rustc linked a program, as it was noted, and doing it again with other objects.
//!
//! Not here: noting it (`note`), which of the inputs are replaced (`rest`).

use super::rest::{Part, Rest};
use crate::{Error, Result, command, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The file with a note, in the directory of what was copied for it.
pub(super) const NOTE: &str = "link.json";

/// The files of a program that rustc made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Made {
    /// The crate's name.
    pub(super) name: String,
    /// What its files' names have before their first dot.
    pub(super) stem: String,
    pub(super) bitcode: PathBuf,
    pub(super) program: PathBuf,
}

/// A program's link.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) made: Made,
    pub(super) linker: PathBuf,
    /// With what was copied in place of what is gone.
    pub(super) arguments: Vec<String>,
    /// The linker's working directory.
    pub(super) dir: PathBuf,
    pub(super) variables: BTreeMap<String, String>,
}

impl Line {
    /// The note of the link that made an executable. Cargo names it without the
    /// number that it has beside others of its name.
    pub(super) fn of(notes: &Path, executable: &Path) -> Result<Line> {
        let mut lines = Vec::new();
        for home in entries(notes).unwrap_or_default() {
            let note = home.join(NOTE);
            let Ok(text) = files::read(&note) else {
                continue;
            };
            let line = serde_json::from_slice(&text).map_err(|error| Error::Malformed {
                path: note,
                expected: "note of a link",
                detail: error.to_string(),
            })?;
            lines.push(line);
        }
        let by = |is_same: fn(&Path, &Path) -> bool| {
            let mut lines = lines.iter();
            lines.position(|line: &Line| is_same(&line.made.program, executable))
        };
        match by(is_same_file).or_else(|| by(is_copy)) {
            Some(index) => Ok(lines.swap_remove(index)),
            None => Err(Error::Malformed {
                path: executable.to_owned(),
                expected: "program of this build",
                detail: "how it was linked was not noted".into(),
            }),
        }
    }

    /// Links the same with these objects in the place of those of the crates.
    pub(super) fn final_link(
        &self,
        objects: &[PathBuf],
        rest: &Rest,
        work: &Path,
        output: &Path,
    ) -> Result<()> {
        let mut linker = Command::new(&self.linker);
        linker.current_dir(&self.dir).envs(&self.variables);
        for (index, part) in rest.parts.iter().enumerate() {
            match part {
                Part::Objects => {
                    linker.args(objects);
                    for (name, symbol) in &rest.by_name {
                        linker.arg(format!("-Wl,--defsym={name}={symbol}"));
                    }
                }
                Part::Argument(text) => {
                    linker.arg(text);
                }
                Part::Native { name, members } => {
                    let dir = work.join(format!("native{index}"));
                    files::create_dir_all(&dir)?;
                    let archive = dir.join(name);
                    crate::archive::write(&archive, members.iter().cloned())?;
                    linker.arg(archive);
                }
                Part::Output => {
                    linker.arg(output);
                }
            }
        }
        let what = format!("linking `{}`", self.made.name);
        command::run(&what, &mut linker).map(drop)
    }
}

/// Whether two paths are of one file, as cargo makes hard links.
#[cfg(unix)]
fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| path.metadata().map(|m| (m.dev(), m.ino())).ok();
    id(a).is_some_and(|a| id(b) == Some(a))
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}

/// Whether two files say the same, as cargo copies where there are no hard links.
fn is_copy(a: &Path, b: &Path) -> bool {
    let length = |path: &Path| path.metadata().map(|metadata| metadata.len()).ok();
    length(a).is_some_and(|a| length(b) == Some(a))
        && matches!((files::read(a), files::read(b)), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(files::io("read", dir))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
