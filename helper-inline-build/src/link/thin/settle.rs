//! What a thin link decided, put in place where it decided otherwise than before.
//!
//! lld writes every file anew. A build engine that goes by times would compile all units
//! again; and it has to learn which units each imports from. Not here: the thin link.

use super::job::SettleJob;
use super::unit::put;
use crate::files;
use crate::link::inputs::{link_failure, show};
use crate::link::job::Failure;
use std::fmt::Write as _;
use std::path::Path;

/// Does a job.
pub(super) fn run(job: &SettleJob) -> Result<(), Failure> {
    let mut dyndep = "ninja_dyndep_version = 1\n".to_owned();
    for unit in &job.units {
        let index = read(&unit.fresh_index)?;
        put(&unit.index, &index)?;
        let imports = read(&unit.fresh_imports)?;
        put(&unit.imports, &imports)?;
        let imports = String::from_utf8_lossy(&imports);
        let words: String = imports.lines().map(|line| format!(" {line}")).collect();
        let object = unit.object.display();
        writeln!(dyndep, "build {object}: dyndep |{words}").expect("a String takes all");
    }
    put(&job.dyndep, dyndep.as_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read(path).map_err(|error| link_failure(&show(path), error.to_string()))
}
