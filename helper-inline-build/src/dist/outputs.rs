//! The files that one module's `dist` leaves, and putting them in place.
//!
//! They are made beside, in a directory of their own, and renamed when all of
//! them are whole; until then those of before stay. Not here: making them.

use super::stamp::Stamp;
use crate::prove::{Listings, Report, html};
use crate::{Result, command, files};
use std::path::{Path, PathBuf};

/// Where a module's outputs go.
pub(super) struct Outputs {
    dir: PathBuf,
    /// The `.ko`, `.o` or executable.
    pub module: PathBuf,
    /// What else is called by this name: a `.ko` if it is built in, else the `.o`;
    /// one report is of one of them.
    other: PathBuf,
    /// Its report beside it.
    pub report: PathBuf,
    /// The same as a page.
    pub page: PathBuf,
    /// Second copies of both.
    default_report: Option<PathBuf>,
    default_page: Option<PathBuf>,
    stamp: PathBuf,
}

/// The name that a report has where everybody looks for it.
const REPORT: &str = "report.json";
/// The same for the page.
const PAGE: &str = "report.html";

/// How a module's report is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reports {
    /// `report.json`: there is no other module.
    Alone,
    /// `<module>.report.json`
    Own,
    /// `<module>.report.json`, and `report.json` says the same.
    OwnAndDefault,
}

/// A report as it is written: for machines, and for people.
pub(super) struct Documents {
    report: String,
    page: String,
}

impl Documents {
    pub(super) fn of(report: &Report, listings: Option<&Listings>) -> Documents {
        Documents {
            report: report.to_json(),
            page: html::page(report, listings),
        }
    }
}

impl Outputs {
    /// `extension` is none for an executable.
    pub(super) fn in_dir(
        dir: PathBuf,
        name: &str,
        extension: Option<&str>,
        reports: Reports,
    ) -> Result<Outputs> {
        files::create_dir_all(&dir)?;
        let own = |file: &str| match reports {
            Reports::Alone => dir.join(file),
            Reports::Own | Reports::OwnAndDefault => dir.join(format!("{name}.{file}")),
        };
        let default = |file: &str| (reports == Reports::OwnAndDefault).then(|| dir.join(file));
        let other = match extension {
            Some("o") => "ko",
            _ => "o",
        };
        let file = match extension {
            Some(extension) => format!("{name}.{extension}"),
            None => name.to_owned(),
        };
        Ok(Outputs {
            other: dir.join(format!("{name}.{other}")),
            module: dir.join(file),
            report: own(REPORT),
            page: own(PAGE),
            default_report: default(REPORT),
            default_page: default(PAGE),
            stamp: dir.join(format!(".{name}.stamp")),
            dir,
        })
    }

    /// The report of what is there, when it was made of the same inputs.
    ///
    /// Another module's report may have become `report.json` since; that is put
    /// right.
    pub(super) fn unchanged(&self, stamp: &Stamp) -> Result<Option<Report>> {
        if !stamp.matches(&self.stamp) || !self.module.is_file() {
            return Ok(None);
        }
        let Ok(text) = files::read(&self.report) else {
            return Ok(None);
        };
        let Ok(report) = serde_json::from_slice(&text) else {
            return Ok(None);
        };
        // The page of a report that is whole is of the same run, if it is there at all.
        let Ok(page) = files::read(&self.page) else {
            return Ok(None);
        };
        let defaults = [(&self.default_report, &text), (&self.default_page, &page)];
        for (default, content) in defaults {
            if let Some(default) = default {
                files::write_if_changed(default, content)?;
            }
        }
        Ok(Some(report))
    }

    /// A directory on the same file system for what is made on the way. Where commands are
    /// shown it stays, for they name files in it.
    pub(super) fn work_dir(&self) -> Result<tempfile::TempDir> {
        let shown = command::are_shown().then(|| format!(".shown-{}", self.name()));
        files::work_dir(&self.dir, ".partial-", shown.as_deref())
    }

    /// What the module's file is called.
    fn name(&self) -> std::borrow::Cow<'_, str> {
        self.module
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
    }

    /// Puts a report and its page in place, and the module, unless it is not to be had.
    pub(super) fn replace(
        &self,
        work: &Path,
        module: Option<&Path>,
        documents: &Documents,
        stamp: &Stamp,
    ) -> Result<()> {
        // All is written before anything is put in its place: a full disk leaves
        // no module without its report.
        let new_stamp = work.join("stamp");
        stamp.write(&new_stamp)?;
        let mut new_reports = Vec::new();
        for (path, text) in [
            (Some(&self.report), &documents.report),
            (self.default_report.as_ref(), &documents.report),
            (Some(&self.page), &documents.page),
            (self.default_page.as_ref(), &documents.page),
        ] {
            let Some(path) = path else { continue };
            let new = work.join(path.file_name().unwrap_or_default());
            files::write(&new, text.as_bytes())?;
            files::sync(&new)?;
            new_reports.push((new, path));
        }
        for new in [Some(new_stamp.as_path()), module] {
            new.map_or(Ok(()), files::sync)?;
        }
        // Without its stamp nothing is taken for unchanged, should this be cut
        // short; and no module stays beside a report that is not its own.
        remove(&self.stamp)?;
        remove(&self.module)?;
        remove(&self.other)?;
        for (new, path) in new_reports {
            rename(&new, path)?;
        }
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
