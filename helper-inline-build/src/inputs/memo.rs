//! Digests of large files that seldom change, such as compilers and libraries, kept from
//! one run to the next.
//!
//! By identity: a file that is untouched is not read again. A memo that is damaged is
//! as none. Not here: the inputs of helpers, which have their digests beside them.

use super::{Identity, of_file};
use crate::{Result, files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The first line of the file.
const HEAD: &str = "helper-inline-digests 1";

/// More files than any machine has that matter here: what is over is of machines gone by.
const MOST: usize = 2000;

/// A file and its identity.
type Key = (PathBuf, Identity);

/// Known digests, and the file that keeps them.
pub(crate) struct Memo {
    file: PathBuf,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    digests: BTreeMap<Key, String>,
    /// What this run asked for.
    used: BTreeSet<Key>,
    has_new: bool,
}

impl Memo {
    /// Reads what is kept in a file.
    pub(crate) fn open(file: PathBuf) -> Memo {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let digests = parse(&text).unwrap_or_default();
        let known = Known {
            digests,
            ..Known::default()
        };
        Memo {
            file,
            known: Mutex::new(known),
        }
    }

    /// The digest of a file as it is now, or why there is none.
    pub(crate) fn digest(&self, path: &Path) -> String {
        let identity = Identity::of(path);
        if let Some(known) = self.of(path, &identity) {
            return known;
        }
        let started = SystemTime::now();
        let digest = match of_file(path) {
            Ok(digest) => digest,
            Err(error) => return format!("unreadable:{:?}", error.kind()),
        };
        let identity = identity.if_settled(started);
        if identity.is_of(path) {
            let key = (path.to_owned(), identity);
            self.with(|known| {
                known.used.insert(key.clone());
                known.digests.insert(key, digest.clone());
                known.has_new = true;
            });
        }
        digest
    }

    /// Takes the digests of several files at once.
    pub(crate) fn digest_all(&self, paths: &[PathBuf]) {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            while let Some(path) =
                paths.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
            {
                self.digest(path);
            }
        };
        let unknown = paths.iter().any(|p| self.of(p, &Identity::of(p)).is_none());
        let threads = match unknown {
            true => std::thread::available_parallelism().map_or(1, usize::from),
            false => 0,
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }

    /// Returns true if a file that had an identity has another and the same content.
    pub(crate) fn is_same(&self, path: &Path, earlier: &Identity) -> bool {
        let before = self.of(path, earlier);
        before.is_some_and(|before| before == self.digest(path))
    }

    fn of(&self, path: &Path, identity: &Identity) -> Option<String> {
        let key = (path.to_owned(), identity.clone());
        self.with(|known| {
            let digest = known.digests.get(&key).cloned()?;
            known.used.insert(key);
            Some(digest)
        })
    }

    /// Keeps what is known.
    pub(crate) fn write(&self) -> Result<()> {
        self.with(|known| {
            if !known.has_new {
                return Ok(());
            }
            if known.digests.len() > MOST {
                known.digests.retain(|key, _| known.used.contains(key));
            }
            let mut text = format!("{HEAD}\n");
            for ((path, identity), digest) in &known.digests {
                if let Some(path) = path.to_str().filter(|path| !path.contains('\n')) {
                    text += &format!("{digest} {} {path}\n", identity.text());
                }
            }
            text += &super::of_bytes(text.as_bytes());
            if let Some(dir) = self.file.parent() {
                files::create_dir_all(dir)?;
            }
            files::write(&self.file, text.as_bytes())
        })
    }

    fn with<T>(&self, action: impl FnOnce(&mut Known) -> T) -> T {
        action(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The digests of a file that is whole: its last line is the digest of the others.
fn parse(text: &str) -> Option<BTreeMap<Key, String>> {
    let end = text.rfind('\n')? + 1;
    if super::of_bytes(&text.as_bytes()[..end]) != text[end..] {
        return None;
    }
    let lines = text[..end].strip_prefix(HEAD)?.strip_prefix('\n')?.lines();
    lines
        .map(|line| {
            let (digest, rest) = line.split_once(' ')?;
            let (identity, path) = rest.split_once(' ')?;
            let key = (PathBuf::from(path), Identity(identity.to_owned()));
            Some((key, digest.to_owned()))
        })
        .collect()
}
