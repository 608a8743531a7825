//! Whether the LLVM that links can read every input, decided for all of them
//! before it reads the first.
//!
//! Not here: what a file says of its producer (`identify`).

use super::identify::{Producer, identify};
use super::inputs::show;
use super::job::{Failure, Job};
use crate::{Version, files};
use std::path::{Path, PathBuf};

/// Refuses a job with an input that was produced by an LLVM newer than the one
/// that links.
pub(super) fn check(job: &Job, reader: Version) -> Result<(), Failure> {
    let helpers = newest(job.helpers.iter().map(|helper| helper.bitcode.as_path()))?;
    let crates = newest(job.crates.iter().map(|krate| krate.bitcode.as_path()))?;
    for (side, other) in [(&helpers, &crates), (&crates, &helpers)] {
        if let Some((path, producer)) = side {
            let beside = other
                .as_ref()
                .map(|(path, producer)| format!("{} (`{}`)", producer.name, show(path)));
            check_one(path, producer, reader, beside)?;
        }
    }
    Ok(())
}

/// The same for one input; `beside` is another one with its producer.
pub(super) fn check_one(
    path: &Path,
    producer: &Producer,
    reader: Version,
    beside: Option<String>,
) -> Result<(), Failure> {
    if producer.version.major <= reader.major {
        return Ok(());
    }
    Err(Failure::ProducerTooNew {
        path: path.to_owned(),
        producer: producer.name.clone(),
        beside,
        reader: reader.to_string(),
    })
}

/// The file with the newest producer.
fn newest<'a>(
    files: impl Iterator<Item = &'a Path>,
) -> Result<Option<(PathBuf, Producer)>, Failure> {
    let mut newest: Option<(PathBuf, Producer)> = None;
    for path in files {
        let unreadable = |error: crate::Error| Failure::Link {
            input: show(path),
            reason: error.to_string(),
        };
        let bytes = files::read(path).map_err(unreadable)?;
        let producer = identify(&bytes).map_err(|detail| Failure::Malformed {
            path: path.to_owned(),
            detail,
        })?;
        let newer = |(_, other): &(PathBuf, Producer)| producer.version > other.version;
        if newest.as_ref().is_none_or(newer) {
            newest = Some((path.to_owned(), producer));
        }
    }
    Ok(newest)
}
