//! Where the files of a thin link are, relative to its directory.
//!
//! All jobs run in that directory and name their files by these paths, so that neither
//! what they make nor what they are known by depends on where it is. Not here: what the
//! files hold.

use crate::link::thin::REST;
use std::path::{Path, PathBuf};

/// The files of one unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnitFiles {
    /// The unit's name.
    pub name: String,
    /// Its bitcode, prepared.
    pub bitcode: PathBuf,
}

/// The directory of prepared units.
const UNITS: &str = "units";

/// The directory of objects.
const OBJECTS: &str = "objects";

/// All directories.
pub(super) const DIRS: [&str; 4] = [UNITS, FRESH, INDEX, OBJECTS];

/// The directory of index files; below it are the units' own paths.
const INDEX: &str = "index/";

/// The same as the thin link writes them, before they are put in place.
pub(super) const FRESH: &str = "fresh/";

impl UnitFiles {
    pub(super) fn new(name: &str) -> UnitFiles {
        UnitFiles {
            name: name.to_owned(),
            bitcode: Path::new(UNITS).join(format!("{name}.bc")),
        }
    }

    /// What is asked of the child that prepares it.
    pub(super) fn request(&self) -> PathBuf {
        Path::new(UNITS).join(format!("{}.request.json", self.name))
    }

    /// What that child answers.
    pub(super) fn facts(&self) -> PathBuf {
        Path::new(UNITS).join(format!("{}.facts.json", self.name))
    }

    /// What the thin link decided for it.
    pub(super) fn index(&self) -> PathBuf {
        Path::new(INDEX).join(with_suffix(&self.bitcode, ".thinlto.bc"))
    }

    /// The units that it imports from, one a line.
    pub(super) fn imports(&self) -> PathBuf {
        Path::new(INDEX).join(with_suffix(&self.bitcode, ".imports"))
    }

    /// The index as the thin link wrote it.
    pub(super) fn fresh_index(&self) -> PathBuf {
        Path::new(FRESH).join(with_suffix(&self.bitcode, ".thinlto.bc"))
    }

    /// The imports as the thin link wrote them.
    pub(super) fn fresh_imports(&self) -> PathBuf {
        Path::new(FRESH).join(with_suffix(&self.bitcode, ".imports"))
    }

    /// Its object.
    pub(super) fn object(&self) -> PathBuf {
        Path::new(OBJECTS).join(format!("{}.o", self.name))
    }

    /// Its bitcode as the optimizer left it, when that has to be looked into.
    pub(super) fn optimized(&self) -> PathBuf {
        Path::new(OBJECTS).join(format!("{}.optimized.bc", self.name))
    }
}

/// The imports of all units in the form that ninja reads.
pub(super) fn dyndep() -> PathBuf {
    Path::new(INDEX).join("imports.dd")
}

/// The module's object.
pub(super) fn module(name: &str) -> PathBuf {
    PathBuf::from(format!("{name}.o"))
}

/// The helpers' declarations.
pub(super) fn interface() -> PathBuf {
    Path::new(UNITS).join("interface.bc")
}

/// A unit of helpers: what is imported from, and what is compiled at the end.
pub(super) fn helper_unit(tag: &str) -> (UnitFiles, PathBuf) {
    let whole = Path::new(UNITS).join(format!("{tag}.whole.bc"));
    (UnitFiles::new(tag), whole)
}

/// What is left of the helpers.
pub(super) fn rest() -> UnitFiles {
    UnitFiles::new(REST)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
