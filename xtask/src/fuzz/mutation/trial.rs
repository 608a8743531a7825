//! One damaged input, taken the way that `dist` takes it once cargo is done: read
//! the manifest, link in a child, prove. Job files go to the child itself.
//!
//! Not here: the command around it (`whole`), what is damaged how (`mutation`).

use super::originals::{Originals, PREFIX, write};
use crate::command;
use anyhow::{Context as _, Result};
use helper_inline_build::Error;
use helper_inline_build::link::child;
use helper_inline_build::link::job::{CrateInput, HelperInput, Job, OptLevel};
use helper_inline_build::manifest::Manifest;
use helper_inline_build::prove;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The longest that a link may take; a whole one takes milliseconds.
pub const LIMIT: Duration = Duration::from_secs(20);

/// How a trial ended, by a short name; or what is wrong with how it ended.
pub type Ending = Result<&'static str, String>;

/// Files to link, some of them damaged.
pub struct Files {
    pub manifest: PathBuf,
    pub more: PathBuf,
    pub module: PathBuf,
    pub library: PathBuf,
    pub kernel: bool,
}

impl Files {
    /// Links and proves them, with the object in `out`.
    pub fn link(&self, originals: &Originals, out: &Path) -> Result<Ending> {
        let object = out.join("m.o");
        let linked = catch_unwind(AssertUnwindSafe(|| self.try_link(originals, &object)));
        let left = left(out)?;
        Ok(match linked {
            Err(_) => Err("the parent panicked".into()),
            Ok(Ok(proven)) if left == ["m.o"] => Ok(match proven {
                Ok(()) => "linked",
                // `dist` works in a directory that it then removes.
                Err(_) => "linked, refused by the proof",
            }),
            Ok(Ok(_)) => Err(format!("linked, and left {left:?}")),
            Ok(Err(error)) if !left.is_empty() => {
                Err(format!("refused, yet left {left:?}: {error}"))
            }
            Ok(Err(error)) => name(&error),
        })
    }

    /// An error before there is an object, or what the proof says of it.
    fn try_link(&self, originals: &Originals, object: &Path) -> Result<Result<(), Error>, Error> {
        let manifest = Manifest::read(&self.manifest)?;
        let helpers = HelperInput::of(&manifest).ok_or_else(|| Error::Malformed {
            path: self.manifest.clone(),
            expected: "hand-off manifest",
            detail: "it names no bitcode".into(),
        })?;
        let mut job = originals.job(helpers, object);
        job.helpers[1].bitcode = self.more.clone();
        job.crates[0].bitcode = self.module.clone();
        job.libraries = vec![self.library.clone()];
        job.kernel = self.kernel;
        let outcome = child::run_within(&job, LIMIT)?;
        let facts = prove::read_object(object, &outcome.symbols());
        Ok(facts.and_then(|facts| prove::check(&facts, &outcome.helpers)))
    }
}

impl Originals {
    /// The first helpers, with their bitcode in some place.
    pub fn helpers(&self, bitcode: &Path) -> HelperInput {
        HelperInput::of(&self.manifest(bitcode)).expect("the manifest names bitcode")
    }

    /// The job of linking them, with some first helpers.
    pub fn job(&self, helpers: HelperInput, object: &Path) -> Job {
        let more = HelperInput {
            package: "more".into(),
            prefix: PREFIX.into(),
            helpers: [format!("{PREFIX}more")].into(),
            c_names: std::collections::BTreeMap::new(),
            bitcode: self.more.clone(),
            exempt: Vec::new(),
            wrapped: Vec::new(),
        };
        Job {
            llvm: self.llvm.clone(),
            name: "m".into(),
            helpers: vec![helpers, more],
            crates: vec![CrateInput {
                name: "module".into(),
                bitcode: self.module.clone(),
            }],
            libraries: vec![self.library.clone()],
            keep: Vec::new(),
            kernel: false,
            inline: true,
            debug: false,
            object: object.to_owned(),
        }
    }

    /// What the parent asks the child for, a link or one crate's part, with paths that are relative to a trial's
    /// directory, where `in` is that of the originals: no damage makes one of them a
    /// path elsewhere.
    pub fn relative_requests(&self) -> [serde_json::Value; 3] {
        let relative = |path: &Path| Path::new("in").join(path.file_name().unwrap_or_default());
        let helpers = self.helpers(&relative(&self.helpers));
        let mut job = self.job(helpers, Path::new("out/m.o"));
        job.llvm = relative(&self.llvm);
        job.helpers[1].bitcode = relative(&self.more);
        job.crates[0].bitcode = relative(&self.module);
        job.libraries = vec![relative(&self.library)];
        let mut prepare = self.prepare_job(&relative(&self.helpers), Path::new("out"));
        prepare.llvm.clone_from(&job.llvm);
        let mut unit = self.unit_job(
            &relative(&self.prepared),
            &job.crates[0].bitcode,
            OptLevel::Os,
            Path::new("out"),
        );
        unit.job.llvm.clone_from(&job.llvm);
        [
            serde_json::json!({ "link": job }),
            serde_json::json!({ "prepare": prepare }),
            serde_json::json!({ "unit": unit }),
        ]
    }
}

/// Hands a job file to the child, in a directory with `in` and `out`.
pub fn hand_over(job: &[u8], dir: &Path) -> Result<Ending> {
    let file = dir.join("job.json");
    let errors = dir.join("child.log");
    write(&file, job)?;
    write(&errors, b"")?;
    let before = everything(dir)?;
    let mut child = Command::new(child::program());
    child
        .arg(child::ARGUMENT)
        .current_dir(dir)
        .stdin(std::fs::File::open(&file).context("cannot read a job")?)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&errors).context("cannot write a log")?);
    let status = command::wait(&mut command::spawn(&mut child)?, Some(LIMIT))?;
    let said = std::fs::read(&errors).context("cannot read a log")?;
    write(&errors, b"")?;
    let changed = everything(dir)? != before;
    Ok(match status {
        None => Err("the child does not end".into()),
        Some(_) if panicked(&said) => Err("the child panicked".into()),
        // Where the object goes is the job's to say.
        Some(status) if status.success() && changed => Ok("linked"),
        Some(status) if status.success() => Err("linked, and wrote nothing".into()),
        Some(_) if changed => Err("refused, yet it wrote something".into()),
        Some(status) if status.code() == Some(2) => Ok("no job"),
        Some(status) if status.code() == Some(1) => Ok("refused"),
        Some(_) => Ok("LLVM died"),
    })
}

/// The files below a directory, with what is in them.
fn everything(dir: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for name in left(dir)? {
        let path = dir.join(name);
        if path.is_dir() {
            found.extend(everything(&path)?);
        } else if !path.is_symlink() {
            let content = std::fs::read(&path).context("cannot read a file")?;
            found.insert(path, content);
        }
    }
    Ok(found)
}

/// What a typed error counts as; a panic of the child's is a fault.
pub fn name(error: &Error) -> Ending {
    Ok(match error {
        Error::Malformed { .. } => "malformed",
        Error::ProducerTooNew { .. } => "producer too new",
        Error::Link { .. } => "cannot be linked",
        Error::UndefinedHelpers { .. } => "undefined helpers",
        Error::LlvmDied { stderr, .. } if panicked(stderr.as_bytes()) => {
            return Err(format!("the child panicked: {stderr}"));
        }
        Error::LlvmDied { .. } => "LLVM died",
        Error::LinkTimeout { .. } => "LLVM did not end",
        Error::Io { .. } => "cannot be read",
        other => return Err(format!("an odd error: {other}")),
    })
}

/// Whether Rust code says of itself that it panicked.
pub fn panicked(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains("panicked at")
}

/// The names in a directory.
pub fn left(dir: &Path) -> Result<Vec<String>> {
    let entries = dir
        .read_dir()
        .with_context(|| format!("cannot read `{}`", dir.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.context("cannot read a directory")?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{Files, Originals, panicked};
    use std::path::PathBuf;

    #[test]
    fn a_refusal_that_leaves_something_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let originals = Originals {
            target: "t",
            llvm: PathBuf::new(),
            dir: PathBuf::new(),
            helpers: PathBuf::new(),
            more: PathBuf::new(),
            module: PathBuf::new(),
            prepared: PathBuf::new(),
            library: PathBuf::new(),
            core: PathBuf::new(),
        };
        let files = Files {
            manifest: path("helper-inline.json"),
            more: PathBuf::new(),
            module: PathBuf::new(),
            library: PathBuf::new(),
            kernel: false,
        };
        let out = path("out");
        std::fs::create_dir(&out).unwrap();
        let ending = files.link(&originals, &out).unwrap();
        assert_eq!(ending, Ok("cannot be read"));
        std::fs::write(out.join(".partial-1"), "").unwrap();
        let fault = files.link(&originals, &out).unwrap().unwrap_err();
        assert!(fault.contains("yet left [\".partial-1\"]"), "{fault}");
    }

    #[test]
    fn a_panic_is_known_by_its_words() {
        assert!(panicked(b"thread 'main' panicked at src/a.rs:1:2:\nno"));
        assert!(!panicked(b"LLVM ERROR: no"));
    }
}
