//! The files that one module's `dist` leaves, and putting them in place.
//!
//! They are made beside, in a directory of their own, and renamed when all of
//! them are whole; until then those of before stay. Not here: making them.

use super::stamp::Stamp;
use crate::prove::Report;
use crate::{Result, files};
use std::path::{Path, PathBuf};

/// Where a module's outputs go.
pub(super) struct Outputs {
    dir: PathBuf,
    /// The `.ko` or `.o`.
    pub module: PathBuf,
    /// The `report.json` beside it.
    pub report: PathBuf,
    stamp: PathBuf,
}

impl Outputs {
    pub(super) fn in_dir(dir: PathBuf, name: &str, extension: &str) -> Result<Outputs> {
        files::create_dir_all(&dir)?;
        Ok(Outputs {
            module: dir.join(format!("{name}.{extension}")),
            report: dir.join("report.json"),
            stamp: dir.join(format!(".{name}.stamp")),
            dir,
        })
    }

    /// The report of what is there, when it was made of the same inputs.
    pub(super) fn unchanged(&self, stamp: &Stamp) -> Option<Report> {
        if !stamp.matches(&self.stamp) || !self.module.is_file() {
            return None;
        }
        serde_json::from_slice(&files::read(&self.report).ok()?).ok()
    }

    /// A directory on the same file system, gone when it is dropped.
    pub(super) fn work_dir(&self) -> Result<tempfile::TempDir> {
        tempfile::Builder::new()
            .prefix(".partial-")
            .tempdir_in(&self.dir)
            .map_err(files::io("write", &self.dir))
    }

    /// Puts a report in place, and the module, unless it is not to be had.
    pub(super) fn replace(
        &self,
        work: &Path,
        module: Option<&Path>,
        report: &Report,
        stamp: &Stamp,
    ) -> Result<()> {
        // All is written before anything is put in its place: a full disk leaves
        // no module without its report.
        let new_report = work.join("report.json");
        let new_stamp = work.join("stamp");
        files::write(&new_report, report.to_json().as_bytes())?;
        stamp.write(&new_stamp)?;
        for new in [Some(new_report.as_path()), Some(&new_stamp), module] {
            new.map_or(Ok(()), files::sync)?;
        }
        // Without its stamp nothing is taken for unchanged, should this be cut
        // short; and no module stays beside a report that is not its own.
        remove(&self.stamp)?;
        remove(&self.module)?;
        rename(&new_report, &self.report)?;
        if let Some(module) = module {
            rename(module, &self.module)?;
            rename(&new_stamp, &self.stamp)?;
        }
        Ok(())
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(files::io("write", to))
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(files::io("remove", path)(e)),
        _ => Ok(()),
    }
}
