//! `--emit-ninja`: the jobs of a thin link as a graph for ninja, and for what reads its
//! files.
//!
//! The graph is that of the module as it is: another crate, another exported symbol or
//! another need of `core` is in it once `dist` has written it anew. Not here: running it.

use super::ThinLink;
use super::layout::{UnitFiles, dyndep, module};
use crate::jobs::Job;
use crate::link::job::HelperOutcome;
use crate::link::thin::{CheckJob, Request};
use crate::{Result, files};
use std::fmt::Write as _;
use std::path::Path;

impl ThinLink<'_> {
    /// Writes the graph of what was run, to its end: an object that is held against what
    /// became of the helpers.
    pub(super) fn write_ninja(&self, path: &Path, helpers: &[HelperOutcome]) -> Result<()> {
        let object = module(&self.job.name);
        let inlined = helpers.iter().filter(|helper| helper.remaining.is_empty());
        let job = CheckJob {
            object: object.clone(),
            inlined: inlined.map(|helper| helper.name.clone()).collect(),
        };
        let check = UnitFiles::new("check");
        let check_job = self.child_job(&check, &Request::Check(job), vec![object], Vec::new())?;
        let jobs = self.runner.recorded.take();
        let dir = std::path::absolute(&self.runner.dir);
        let dir = dir.map_err(files::io("read", &self.runner.dir))?;
        let mut text = format!(
            "# The jobs of the thin link of `{}`, written by dist --emit-ninja.\n\
             # ninja -C {} -f {}\n\
             ninja_required_version = 1.10\n\n\
             rule job\n  command = $job\n  restat = 1\n\n",
            self.job.name,
            dir.display(),
            path.display(),
        );
        for job in jobs.iter().chain([&check_job]) {
            edge(&mut text, job);
        }
        writeln!(text, "default {}", word(&check.facts())).expect("a String takes all");
        files::write(path, text.as_bytes())
    }
}

/// Writes one job.
fn edge(text: &mut String, job: &Job) {
    let outputs: String = job.outputs.iter().map(|path| word(path) + " ").collect();
    let is_back_end = job
        .args
        .iter()
        .any(|arg| arg.starts_with("-fthinlto-index="));
    // What else a back end reads is known once the thin link has run.
    let inputs = match is_back_end {
        true => &job.inputs[..super::backend::OWN],
        false => &job.inputs[..],
    };
    let inputs: String = inputs
        .iter()
        .map(|path| format!(" {}", word(path)))
        .collect();
    let order = match is_back_end {
        true => format!(" || {}", word(&dyndep())),
        false => String::new(),
    };
    let command = job.command_line().replace('$', "$$");
    write!(
        text,
        "build {outputs}: job{inputs}{order}\n  job = {command}\n"
    )
    .expect("a String takes all");
    if is_back_end {
        writeln!(text, "  dyndep = {}", word(&dyndep())).expect("a String takes all");
    }
    text.push('\n');
}

/// A path as ninja reads it.
fn word(path: &Path) -> String {
    let mut word = String::new();
    for c in path.to_string_lossy().chars() {
        if "$ :".contains(c) {
            word.push('$');
        }
        word.push(c);
    }
    word
}
