//! What a job's outputs depend on, as one digest.
//!
//! Not here: what is kept under it (`cache`).

use super::Batch;
use crate::{Error, Result, asked, files, inputs, own_program};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Digests the jobs of one batch. Each file and each program is looked at once.
pub(super) struct Keys<'a> {
    batch: &'a Batch,
    contents: HashMap<PathBuf, [u8; 32]>,
    programs: HashMap<String, String>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(batch: &'a Batch) -> Keys<'a> {
        Keys {
            batch,
            contents: HashMap::new(),
            programs: HashMap::new(),
        }
    }

    /// The key of the job of that index.
    pub(super) fn of(&mut self, index: usize) -> Result<String> {
        let job = &self.batch.jobs[index];
        let mut digest = Sha256::new();
        // With its length, so that no two lists are alike.
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(own_program::content().as_bytes());
        add(self.program(&job.args[0])?.as_bytes());
        add(&job.args.len().to_le_bytes());
        for word in &job.args {
            add(self.lasting(word).as_bytes());
        }
        add(&job.inputs.len().to_le_bytes());
        for input in &job.inputs {
            add(self.lasting(&input.to_string_lossy()).as_bytes());
            add(&self.content(input)?);
        }
        for output in &job.outputs {
            add(self.lasting(&output.to_string_lossy()).as_bytes());
        }
        Ok(format!("{:x}", digest.finalize()))
    }

    /// A word without the part that means nothing.
    fn lasting(&self, word: &str) -> String {
        match &self.batch.passing {
            Some(passing) => word.replace(passing.as_str(), ""),
            None => word.to_owned(),
        }
    }

    fn content(&mut self, input: &Path) -> Result<[u8; 32]> {
        if let Some(known) = self.contents.get(input) {
            return Ok(*known);
        }
        let digest: [u8; 32] = Sha256::digest(files::read(&self.batch.dir.join(input))?).into();
        self.contents.insert(input.to_owned(), digest);
        Ok(digest)
    }

    fn program(&mut self, name: &str) -> Result<String> {
        if let Some(known) = self.programs.get(name) {
            return Ok(known.clone());
        }
        let identity = identity(name, &self.batch.dir)?;
        self.programs.insert(name.to_owned(), identity.clone());
        Ok(identity)
    }
}

/// A program's file, its content, and what it says of itself: most of a compiler is in
/// libraries.
fn identity(name: &str, dir: &Path) -> Result<String> {
    let found = find(name, dir)?;
    // Past links, for what a package replaces is behind them.
    let path = found.canonicalize().map_err(files::io("read", &found))?;
    Ok(format!(
        "{} {} {}",
        path.display(),
        inputs::of_program(&path),
        asked::once(&found, VERSION).map_or_else(|_| String::new(), said)
    ))
}

const VERSION: &[&str] = &["--version"];

/// What `--version` prints now; a server of jobs outlives compilers. Nothing for a
/// program that does not know it.
pub(super) fn version(program: &Path) -> String {
    let output = asked::command(program, VERSION).output();
    output.map_or_else(|_| String::new(), said)
}

fn said(output: Output) -> String {
    match output.status.success() {
        true => String::from_utf8_lossy(&output.stdout).into_owned(),
        false => String::new(),
    }
}

/// The file that a command's first word names: a path from `dir`, or a name on PATH.
pub(crate) fn find(name: &str, dir: &Path) -> Result<PathBuf> {
    let found = if name.contains('/') {
        Some(dir.join(name))
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|part| dir.join(part).join(name))
            .find(|path| path.is_file())
    };
    found
        .filter(|path| path.is_file())
        .ok_or_else(|| Error::InputNotFound {
            what: "a job's program",
            path: name.into(),
        })
}
