//! A batch as the JSON that lld 22 hands to a distributor of ThinLTO's back ends
//! (LLVM's docs/DTLTO.rst): what all commands begin with, then what is each one's.
//!
//! Not here: starting distributors (`distribute`), or being one.

use super::{Batch, Job};
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How lld names the file: `<output>.<its process id>.dist-file.json`.
const SUFFIX: &str = ".dist-file.json";

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object with `common` and `jobs`")]
struct File {
    common: Common,
    jobs: Vec<Own>,
}

#[derive(Serialize, Deserialize)]
struct Common {
    linker_output: PathBuf,
    /// The compiler first.
    args: Vec<String>,
    inputs: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Own {
    args: Vec<String>,
    /// The unit and its index first.
    inputs: Vec<PathBuf>,
    /// The object first.
    outputs: Vec<PathBuf>,
}

/// Reads a batch that lld describes. Its paths begin at the current directory, as
/// lld's own.
///
/// # Errors
/// [`Error::Malformed`] with the place in the file, [`Error::Io`] when there is none.
///
/// ```no_run
/// use helper_inline_build::jobs::{Jobserver, Options, read_dtlto, run};
/// use std::path::Path;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let batch = read_dtlto(Path::new("program.dist-file.json"))?;
/// let jobserver = Jobserver::from_env()?;
/// run(&batch, &Options::new(&jobserver))?;
/// # Ok(())
/// # }
/// ```
pub fn read(path: &Path) -> Result<Batch> {
    let malformed = |detail: String| Error::Malformed {
        path: path.to_owned(),
        expected: "description of ThinLTO jobs (lld's --thinlto-distributor)",
        detail,
    };
    let file: File =
        serde_json::from_slice(&files::read(path)?).map_err(|e| malformed(e.to_string()))?;
    if file.common.args.is_empty() {
        return Err(malformed("`common.args` does not name the compiler".into()));
    }
    let jobs = file.jobs.into_iter().map(|own| Job {
        args: [file.common.args.clone(), own.args].concat(),
        inputs: [own.inputs, file.common.inputs.clone()].concat(),
        outputs: own.outputs,
    });
    let mut batch = Batch::new(".", jobs.collect());
    batch
        .check()
        .map_err(|error| malformed(error.to_string()))?;
    batch.passing = process_id(path).map(|id| format!(".{id}."));
    batch.product = file.common.linker_output;
    Ok(batch)
}

/// lld puts it into the names of all temporary files.
fn process_id(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    let id = name.rsplit('.').next()?;
    id.bytes().all(|byte| byte.is_ascii_digit()).then_some(id)
}

/// What [`write`] names the file.
pub(super) fn name(batch: &Batch) -> String {
    let product = batch.product.file_name().unwrap_or_default();
    let id = std::process::id();
    format!("{}.{id}{SUFFIX}", product.to_string_lossy())
}

/// The text that describes jobs of a batch.
pub(super) fn write(batch: &Batch, jobs: &[&Job]) -> Result<String> {
    let first = jobs.first().map_or(&[][..], |job| &job.args);
    let alike = |job: &&Job| {
        let same = first.iter().zip(&job.args).take_while(|(a, b)| a == b);
        same.count()
    };
    let alike = jobs.iter().map(alike).min().unwrap_or(0);
    if alike == 0 {
        return Err(Error::Usage {
            message: "a distributor takes jobs of one program, and these are of several".into(),
        });
    }
    let file = File {
        common: Common {
            linker_output: batch.product.clone(),
            args: first[..alike].to_vec(),
            inputs: Vec::new(),
        },
        jobs: jobs
            .iter()
            .map(|job| Own {
                args: job.args[alike..].to_vec(),
                inputs: job.inputs.clone(),
                outputs: job.outputs.clone(),
            })
            .collect(),
    };
    serde_json::to_string_pretty(&file).map_err(|error| Error::Usage {
        message: format!("a distributor takes paths in UTF-8 alone: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn read_text(name: &str, text: &str) -> Result<Batch> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    const GOOD: &str = r#"{
        "common": {"linker_output": "a.out", "args": ["clang", "-c"], "inputs": ["my.prof"]},
        "jobs": [{"args": ["a.o", "-o", "b.o"], "inputs": ["a.o", "a.bc"], "outputs": ["b.o"]}]
    }"#;

    #[test]
    fn what_is_common_belongs_to_each_job() {
        let batch = read_text("a.out.77.dist-file.json", GOOD).unwrap();
        assert_eq!(batch.passing.as_deref(), Some(".77."));
        assert_eq!(batch.product, Path::new("a.out"));
        let [job] = &batch.jobs[..] else { panic!() };
        assert_eq!(job.command_line(), "clang -c a.o -o b.o");
        // The bitcode and its index stay first.
        assert_eq!(job.inputs, ["a.o", "a.bc", "my.prof"].map(PathBuf::from));
        assert_eq!(read_text("jobs.json", GOOD).unwrap().passing, None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut batch = read_text("jobs.json", GOOD).unwrap();
        let mut second = batch.jobs[0].clone();
        second.args[2] = "c.o".into();
        second.outputs = vec!["d.o".into()];
        batch.jobs.push(second);
        let jobs: Vec<&Job> = batch.jobs.iter().collect();
        let text = write(&batch, &jobs).unwrap();
        assert!(text.contains(r#""linker_output": "a.out""#), "{text}");
        assert_eq!(read_text("jobs.json", &text).unwrap(), batch);
        batch.jobs[1].args[0] = "gcc".into();
        let jobs: Vec<&Job> = batch.jobs.iter().collect();
        write(&batch, &jobs).unwrap_err();
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |text: &str| {
            let error = read_text("j.json", text).unwrap_err();
            assert_eq!(error.exit_code(), 3);
            let text = error.to_string();
            let (_, detail) = text.split_once("distributor): ").expect(&text);
            detail.to_owned()
        };
        let without = |part: &str, instead: &str| {
            assert!(GOOD.contains(part));
            refused(&GOOD.replace(part, instead))
        };
        let found = [
            refused(""),
            refused("[]"),
            refused(&GOOD[..GOOD.len() - 9]),
            without("common", "Common"),
            without(r#"["clang", "-c"]"#, "[]"),
            without(r#"["clang", "-c"]"#, r#"["clang", 7]"#),
            without(r#""inputs": ["a.o", "a.bc"], "#, ""),
            without(r#""outputs": ["b.o"]"#, r#""outputs": []"#),
            without(r#""outputs": ["b.o"]"#, r#""outputs": ["a.o"]"#),
            without(r#""outputs": ["b.o"]"#, r#""outputs": "b.o""#),
        ];
        expect![[r#"
            EOF while parsing a value at line 1 column 0
            invalid length 0, expected an object with `common` and `jobs` at line 1 column 2
            EOF while parsing a list at line 3 column 92
            missing field `common` at line 4 column 5
            `common.args` does not name the compiler
            invalid type: integer `7`, expected a string at line 2 column 64
            missing field `inputs` at line 3 column 67
            no output is declared, in the job `clang -c a.o -o b.o`
            `a.o` is an input and an output, in the job `clang -c a.o -o b.o`
            invalid type: string "b.o", expected a sequence at line 3 column 91"#]]
        .assert_eq(&found.join("\n"));
        let error = read(Path::new("/no/such")).unwrap_err().to_string();
        assert!(error.contains("cannot read `/no/such`"), "{error}");
    }
}
