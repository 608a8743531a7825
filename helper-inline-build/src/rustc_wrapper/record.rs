//! What became of the helpers in one crate, kept beside its artifact.
//!
//! `cargo helper-inline report` reads these. Not here: finding them.

use super::unit::Unit;
use crate::link::job::HelperOutcome;
use crate::prove::HelperReport;
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What a record's file name has behind the crate's own.
pub const SUFFIX: &str = ".helper-inline.json";

/// The form's version.
const VERSION: u32 = 1;

/// One crate's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The form's version, 1.
    pub version: u32,
    /// The crate.
    pub name: String,
    /// What it was compiled as: `lib`, `bin`, `test` and so on.
    pub kinds: Vec<String>,
    /// The Rust target triple, when one was named.
    pub target: Option<String>,
    /// Every helper that it calls, sorted by name.
    pub helpers: Vec<HelperReport>,
    /// Crates whose helpers are not inlined at all, and why.
    pub withheld: Vec<Withheld>,
    /// Code-generation units that could not be done.
    pub failed: Vec<FailedUnit>,
    /// Why nothing was tried, if so.
    pub left: Option<Left>,
}

/// A crate whose helpers are not inlined anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// The crate that they belong to.
    pub package: String,
    /// Why.
    pub reason: String,
}

/// A code-generation unit that stayed as rustc made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedUnit {
    /// Its object's name.
    pub unit: String,
    /// Why.
    pub reason: String,
}

/// Why nothing was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// The library is only read by rustc's LTO, after which the program is done.
    ForLto,
    /// `-Clinker-plugin-lto` has the linker compile the program, out of our sight.
    ForLinker,
}

impl Record {
    pub(super) fn new(name: &str, kinds: Vec<String>, target: Option<String>) -> Record {
        Record {
            version: VERSION,
            name: name.to_owned(),
            kinds,
            target,
            helpers: Vec::new(),
            withheld: Vec::new(),
            failed: Vec::new(),
            left: None,
        }
    }

    /// Adds what came of the units.
    pub(super) fn add(&mut self, units: Vec<Unit>) {
        let mut sums: BTreeMap<String, HelperOutcome> = BTreeMap::new();
        for unit in units {
            if let Some(reason) = unit.failure {
                let unit = unit.name;
                self.failed.push(FailedUnit { unit, reason });
            }
            for helper in unit.helpers {
                match sums.get_mut(&helper.name) {
                    None => drop(sums.insert(helper.name.clone(), helper)),
                    Some(sum) => {
                        sum.call_sites += helper.call_sites;
                        sum.inlined += helper.inlined;
                        sum.remaining.extend(helper.remaining);
                    }
                }
            }
        }
        self.helpers = sums.into_values().map(HelperReport::new).collect();
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Malformed`] when it is none of this version.
    ///
    /// ```no_run
    /// use helper_inline_build::rustc_wrapper::Record;
    /// use std::path::Path;
    ///
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// let record = Record::read(Path::new("target/debug/deps/app-0123.helper-inline.json"))?;
    /// println!("{} calls {} helpers", record.name, record.helpers.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(path: &Path) -> Result<Record> {
        let malformed = |detail: String| Error::Malformed {
            path: path.to_owned(),
            expected: "record of inlined helpers",
            detail,
        };
        let record: Record =
            serde_json::from_slice(&files::read(path)?).map_err(|e| malformed(e.to_string()))?;
        match record.version {
            VERSION => Ok(record),
            other => Err(malformed(format!("it has version {other}"))),
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self).expect("a record is plain data");
        text.push('\n');
        files::write(path, text.as_bytes())
    }
}
