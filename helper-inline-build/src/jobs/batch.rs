//! What a job is, and what makes a batch of them sound.
//!
//! Not here: running them.

use crate::{Error, Result, command};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One command with the files that it reads and makes. Relative paths begin at the
/// batch's directory.
///
/// ```
/// use helper_inline_build::jobs::Job;
///
/// let job = Job {
///     args: ["cp", "a file", "copy"].map(String::from).to_vec(),
///     inputs: vec!["a file".into()],
///     outputs: vec!["copy".into()],
/// };
/// assert_eq!(job.command_line(), "cp 'a file' copy");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program and its arguments.
    pub args: Vec<String>,
    /// Every file that it reads, but for the program and what belongs to that.
    pub inputs: Vec<PathBuf>,
    /// Every file that it makes.
    pub outputs: Vec<PathBuf>,
}

impl Job {
    /// The command line, quoted for a POSIX shell.
    #[must_use]
    pub fn command_line(&self) -> String {
        let words: Vec<String> = self.args.iter().map(|word| command::quote(word)).collect();
        words.join(" ")
    }

    /// The error of this job in that directory.
    pub(super) fn error(&self, dir: &Path, how: impl Into<String>, output: String) -> Error {
        Error::Job {
            how: how.into(),
            command: self.command_line(),
            dir: dir.to_owned(),
            output,
        }
    }
}

/// Jobs that need nothing of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// Where relative paths begin.
    pub dir: PathBuf,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// A part of file names that differs each time and means nothing, for example the
    /// process id that a linker puts into them. The cache looks past it.
    pub passing: Option<String>,
    /// What all of it is for, as a distributor may show it.
    pub product: PathBuf,
}

impl Batch {
    /// A batch of jobs with relative paths from `dir`.
    pub fn new(dir: impl Into<PathBuf>, jobs: Vec<Job>) -> Batch {
        Batch {
            dir: dir.into(),
            jobs,
            passing: None,
            product: "jobs".into(),
        }
    }

    /// Refuses what could not be run in any order, or would destroy what it reads.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |job: &Job, what: String| Error::Usage {
            message: format!("{what}, in the job `{}`", job.command_line()),
        };
        let mut makers = BTreeMap::new();
        for (index, job) in self.jobs.iter().enumerate() {
            if job.args.first().is_none_or(String::is_empty) {
                return Err(wrong(job, "no program is named".into()));
            }
            if job.outputs.is_empty() {
                return Err(wrong(job, "no output is declared".into()));
            }
            for output in &job.outputs {
                if output.file_name().is_none() {
                    return Err(wrong(job, format!("`{}` is no file", output.display())));
                }
                if makers.insert(output, index).is_some() {
                    let output = output.display();
                    return Err(wrong(
                        job,
                        format!("`{output}` is declared an output twice"),
                    ));
                }
            }
        }
        for job in &self.jobs {
            if let Some(input) = job.inputs.iter().find(|input| makers.contains_key(input)) {
                let input = input.display();
                return Err(wrong(job, format!("`{input}` is an input and an output")));
            }
        }
        Ok(())
    }
}
