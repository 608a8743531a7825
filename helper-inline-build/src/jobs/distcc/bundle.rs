//! A job with all that it reads as one file, and what it made as one file.
//!
//! Both are tar archives whose bytes depend on nothing else. Not here: sending them, or
//! judging a job that came (`server`).

use super::super::Job;
use super::super::place::create_parents;
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The first entry of a job's archive.
const DESCRIPTION: &str = "job.json";
/// Of the description.
const FORMAT: u32 = 1;

/// A job as it is sent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    format: u32,
    /// The command line, with the compiler's name on the machine that sent it.
    pub(super) args: Vec<String>,
    /// What that compiler says of itself.
    pub(super) version: String,
    /// The directories, from the outside in, that the command runs in.
    pub(super) outer: Vec<String>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
}

impl Sent {
    pub(super) fn job(&self) -> Job {
        let paths = |names: &[String]| names.iter().map(PathBuf::from).collect();
        Job {
            args: self.args.clone(),
            inputs: paths(&self.inputs),
            outputs: paths(&self.outputs),
        }
    }
}

/// Packs a job. Its paths begin at `dir`.
pub(super) fn pack(job: &Job, version: &str, outer: &[OsString], dir: &Path) -> Result<Vec<u8>> {
    let sent = Sent {
        format: FORMAT,
        args: job.args.clone(),
        version: version.to_owned(),
        outer: outer
            .iter()
            .map(|name| text(name.as_ref()))
            .collect::<Result<_>>()?,
        inputs: job
            .inputs
            .iter()
            .map(|path| text(path))
            .collect::<Result<_>>()?,
        outputs: job
            .outputs
            .iter()
            .map(|path| text(path))
            .collect::<Result<_>>()?,
    };
    let description = serde_json::to_vec(&sent).expect("a job is plain data");
    let mut archive = tar::Builder::new(Vec::new());
    add(&mut archive, DESCRIPTION, &description);
    for (index, input) in job.inputs.iter().enumerate() {
        add(
            &mut archive,
            &index.to_string(),
            &files::read(&dir.join(input))?,
        );
    }
    Ok(archive.into_inner().expect("writing to memory"))
}

fn text(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::InvalidPath {
            path: path.to_owned(),
            reason: "a job that is sent to another machine has paths in UTF-8".into(),
        })
}

/// Unpacks a job's inputs. `prepare` says from the description where its paths begin.
pub(super) fn unpack(
    archive: &Path,
    prepare: impl FnOnce(&Sent) -> Result<PathBuf>,
) -> Result<(Sent, PathBuf)> {
    let malformed = |detail: String| Error::Malformed {
        path: archive.to_owned(),
        expected: "job that was sent",
        detail,
    };
    let mut entries = read(archive)?.into_iter();
    let description = entries.next().filter(|(name, _)| name == DESCRIPTION);
    let (_, description) = description.ok_or_else(|| malformed("no description".into()))?;
    let sent: Sent =
        serde_json::from_slice(&description).map_err(|error| malformed(error.to_string()))?;
    if sent.format != FORMAT {
        return Err(malformed(format!(
            "format {}, and this program takes {FORMAT}: have the same version on both machines",
            sent.format
        )));
    }
    let dir = prepare(&sent)?;
    place(entries, &sent.inputs, &dir, &malformed)?;
    Ok((sent, dir))
}

/// Packs what a job made.
pub(super) fn pack_outputs(job: &Job, dir: &Path) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (index, output) in job.outputs.iter().enumerate() {
        add(
            &mut archive,
            &index.to_string(),
            &files::read(&dir.join(output))?,
        );
    }
    Ok(archive.into_inner().expect("writing to memory"))
}

/// Unpacks what a job made elsewhere.
pub(super) fn unpack_outputs(job: &Job, archive: &Path, dir: &Path) -> Result<()> {
    let malformed = |detail: String| Error::Malformed {
        path: archive.to_owned(),
        expected: "result of a job that was sent",
        detail,
    };
    place(read(archive)?.into_iter(), &job.outputs, dir, &malformed)
}

fn add(archive: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) {
    // Its time is 1970, its owner nobody in particular.
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, name, content)
        .expect("short names, written to memory");
}

/// All entries of an archive.
fn read(path: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let content = files::read(path)?;
    let mut archive = tar::Archive::new(&content[..]);
    let mut entries = Vec::new();
    let failed = |error| files::io("read", path)(error);
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(failed)?;
        entries.push((name, content));
    }
    Ok(entries)
}

/// Writes entries, which are called by their number, to these paths.
fn place<P: AsRef<Path>>(
    entries: impl ExactSizeIterator<Item = (String, Vec<u8>)>,
    paths: &[P],
    dir: &Path,
    malformed: &dyn Fn(String) -> Error,
) -> Result<()> {
    if entries.len() != paths.len() {
        let detail = format!("{} files, not {}", entries.len(), paths.len());
        return Err(malformed(detail));
    }
    for (index, ((name, content), path)) in entries.zip(paths).enumerate() {
        if name != index.to_string() {
            return Err(malformed(format!("`{name}` where `{index}` was to be")));
        }
        let path = dir.join(path);
        create_parents(&path)?;
        files::write(&path, &content)?;
    }
    Ok(())
}
