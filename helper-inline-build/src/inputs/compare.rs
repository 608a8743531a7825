//! Comparing a recorded list of inputs with what is there now.
//!
//! Not here: what follows from a change (`dist::inputs`).

use super::text::{END, HEAD};
use super::{FILE_NAME, Identity, Input, Memo, content, names};
use crate::{Error, Result, files};
use std::path::{Path, PathBuf};

impl Input {
    /// Returns true if it is what it was.
    fn holds(&self, memo: &Memo) -> bool {
        match self {
            Input::File {
                path,
                digest,
                identity,
            } => identity.is_of(path) || content(path) == *digest,
            Input::Tool { path, identity } => identity.is_of(path) || memo.is_same(path, identity),
            Input::Absent { path } => !path.exists(),
            Input::Sources { path, digest } => names(path) == *digest,
            Input::Arguments { asked, digest } => asked.answer() == *digest,
        }
    }
}

/// The list in a build script's directory.
pub(crate) struct Recorded {
    path: PathBuf,
    text: String,
}

impl Recorded {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Io`] where there is none, as with another version of the library.
    pub(crate) fn read(dir: &Path) -> Result<Recorded> {
        let path = dir.join(FILE_NAME);
        let text = files::read_to_string(&path)?;
        let recorded = Recorded { path, text };
        match recorded.lines() {
            Some(_) => Ok(recorded),
            None => Err(recorded.malformed()),
        }
    }

    /// Returns true if it is of helpers for this kernel, or for none.
    pub(crate) fn is_for(&self, kernel: Option<&Path>) -> bool {
        let named = self.lines().map(|(named, _)| named);
        named == Some(kernel.map_or("-".into(), Path::to_string_lossy).as_ref())
    }

    /// The inputs, in a form that differs when they do, and not by where or when they were
    /// recorded.
    pub(crate) fn contents(&self) -> String {
        let mut contents = String::new();
        for line in self.inputs() {
            match line.split_once(' ') {
                Some(("file", rest)) => {
                    let mut fields = rest.splitn(3, ' ');
                    contents += fields.next().unwrap_or_default();
                    contents += fields.nth(1).unwrap_or_default();
                }
                // Compilers are known by what they made.
                Some(("tool" | "arguments", _)) => {}
                _ => contents += line,
            }
            contents.push('\n');
        }
        contents
    }

    /// The first input that is no longer what it was.
    pub(crate) fn changed(&self, memo: &Memo) -> Result<Option<PathBuf>> {
        for line in self.inputs() {
            let input = parse(line).ok_or_else(|| self.malformed())?;
            if !input.holds(memo) {
                return Ok(Some(input.path().to_owned()));
            }
        }
        Ok(None)
    }

    /// The compilers.
    pub(crate) fn tools(&self) -> impl Iterator<Item = PathBuf> {
        self.inputs().filter_map(|line| match parse(line)? {
            Input::Tool { path, .. } => Some(path),
            _ => None,
        })
    }

    /// Removes it, which has cargo run the build script again.
    pub(crate) fn forget(self) -> Result<()> {
        std::fs::remove_file(&self.path).map_err(files::io("remove", &self.path))
    }

    fn inputs(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines().map_or("", |(_, lines)| lines);
        lines.split_terminator('\n')
    }

    /// The kernel, and the lines of inputs, if the list is whole.
    fn lines(&self) -> Option<(&str, &str)> {
        let rest = self.text.strip_prefix(HEAD)?.strip_prefix('\n')?;
        let (kernel, lines) = rest.strip_suffix(END)?.split_once('\n')?;
        (lines.is_empty() || lines.ends_with('\n')).then_some((kernel, lines))
    }

    fn malformed(&self) -> Error {
        Error::Malformed {
            path: self.path.clone(),
            expected: "list of a build script's inputs",
            detail: "use one version of helper-inline-build throughout".into(),
        }
    }
}

fn parse(line: &str) -> Option<Input> {
    let (kind, rest) = line.split_once(' ')?;
    let input = match kind {
        "file" => {
            let (digest, rest) = rest.split_once(' ')?;
            let (identity, path) = rest.split_once(' ')?;
            Input::File {
                path: Path::new(path).into(),
                digest: digest.to_owned(),
                identity: Identity(identity.to_owned()),
            }
        }
        "tool" => {
            let (identity, path) = rest.split_once(' ')?;
            Input::Tool {
                path: Path::new(path).into(),
                identity: Identity(identity.to_owned()),
            }
        }
        "absent" => Input::Absent {
            path: Path::new(rest).into(),
        },
        "sources" => {
            let (digest, path) = rest.split_once(' ')?;
            Input::Sources {
                path: Path::new(path).into(),
                digest: digest.to_owned(),
            }
        }
        "arguments" => {
            let (digest, asked) = rest.split_once(' ')?;
            Input::Arguments {
                asked: serde_json::from_str(asked).ok()?,
                digest: digest.to_owned(),
            }
        }
        _ => return None,
    };
    Some(input)
}
