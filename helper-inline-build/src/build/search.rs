//! Where a header that does not exist would be found before one that does.
//!
//! The rule is C's: directories in their order, the includer's own first where the name
//! is in quotes. Not here: which headers were read.

use super::rerun::plain;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// The directories in which a compiler looks for headers, in its order.
pub(super) struct SearchPath {
    dirs: Vec<PathBuf>,
    /// How many of them, at the front, are those of the sources.
    own: usize,
}

/// Flags that name a directory, in the order in which a compiler looks there.
const FLAGS: [&[&str]; 4] = [
    &["-iquote"],
    &["-I", "--include-directory=", "--include-directory"],
    &["-isystem"],
    &["-idirafter"],
];

impl SearchPath {
    /// By a compiler's arguments, its working directory and the sources it compiles.
    pub(super) fn new(arguments: &[String], directory: &Path, sources: &[PathBuf]) -> SearchPath {
        let mut dirs: Vec<PathBuf> = Vec::new();
        let mut add = |dir: PathBuf| {
            if !dirs.contains(&dir) {
                dirs.push(dir);
            }
            dirs.len()
        };
        let mut own = 0;
        for source in sources {
            own = add(plain(source.parent().unwrap_or(directory)));
        }
        for kind in FLAGS {
            for dir in of_kind(arguments, kind) {
                add(plain(&directory.join(dir)));
            }
        }
        SearchPath { dirs, own }
    }

    /// Paths where nothing is, and where something would be read in the place of one of
    /// these headers. Of a directory that is not there, it alone.
    pub(super) fn shadows(&self, headers: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut exists = Existing::default();
        let mut found = BTreeSet::new();
        for header in headers {
            let header = plain(header);
            for (index, dir) in self.dirs.iter().enumerate().skip(self.own) {
                let Ok(name) = header.strip_prefix(dir) else {
                    continue;
                };
                for earlier in &self.dirs[..index] {
                    found.extend(exists.first_missing(earlier, name));
                }
            }
        }
        found
    }
}

/// The directories that flags of one kind name.
fn of_kind<'a>(arguments: &'a [String], names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let mut arguments = arguments.iter();
    std::iter::from_fn(move || {
        loop {
            let argument = arguments.next()?;
            for name in names {
                match argument.strip_prefix(name) {
                    Some("") => return Some(arguments.next()?.as_str()),
                    Some(dir) => return Some(dir.trim_start_matches('=')),
                    None => {}
                }
            }
        }
    })
}

/// What is known to be there, asked once.
#[derive(Default)]
struct Existing(HashMap<PathBuf, bool>);

impl Existing {
    fn has(&mut self, path: &Path) -> bool {
        if let Some(known) = self.0.get(path) {
            return *known;
        }
        let exists = path.exists();
        self.0.insert(path.to_owned(), exists);
        exists
    }

    /// The first on the way to `name` in `dir` that is not there, if one is not.
    fn first_missing(&mut self, dir: &Path, name: &Path) -> Option<PathBuf> {
        let mut path = dir.to_owned();
        if !self.has(&path) {
            return Some(path);
        }
        for part in name.components() {
            path.push(part);
            if !self.has(&path) {
                return Some(path);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_header_is_shadowed_from_every_directory_before_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for file in ["src/a.c", "one/b.h", "two/sys/t.h", "three/u.h"] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let arguments = ["-isystem", "three", "-Ione", "-I", "./two", "-Igone", "-O2"];
        let arguments = arguments.map(str::to_owned);
        let search = SearchPath::new(&arguments, root, &[root.join("src/a.c")]);
        let headers = ["one/b.h", "two/sys/t.h", "three/u.h", "src/a.c"];
        let headers = headers.map(|file| root.join(file));
        let shadows = search.shadows(&headers.into());
        let names: Vec<String> = shadows
            .iter()
            .map(|path| path.strip_prefix(root).unwrap().display().to_string())
            .collect();
        assert_eq!(
            names,
            [
                "gone", "one/sys", "one/u.h", "src/b.h", "src/sys", "src/u.h", "two/u.h"
            ]
        );
    }
}
