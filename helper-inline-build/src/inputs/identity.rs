//! Whether a file is untouched since it was looked at.
//!
//! By device, inode, size and the time of its last change as the file system notes it,
//! which no program sets back: not `cp -a`, `tar`, `touch` or `dpkg`. What has the same
//! identity has the same content; what has another is read. Not here: reading.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// The identity of a file with some content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Identity(pub(super) String);

impl Identity {
    /// That of a file, links followed.
    pub(crate) fn of(path: &Path) -> Identity {
        match path.metadata() {
            Ok(metadata) => of(&metadata),
            Err(_) => Identity::unknown(),
        }
    }

    /// That of nothing.
    pub(crate) fn unknown() -> Identity {
        Identity("-".into())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Returns true if that file is this one, untouched.
    #[cfg(feature = "dist")]
    pub(crate) fn is_of(&self, path: &Path) -> bool {
        *self != Identity::unknown() && Identity::of(path) == *self
    }

    /// Returns true if the file was changed after a time.
    pub(super) fn is_newer_than(&self, time: SystemTime) -> bool {
        self.changed().is_some_and(|changed| changed > time)
    }

    /// Itself, if the file was last changed well before a time. Clocks of file systems
    /// are coarse: another change within the same tick would not show.
    pub(super) fn if_settled(self, time: SystemTime) -> Identity {
        const TICK: Duration = Duration::from_secs(2);
        match self.changed() {
            Some(changed) if changed + TICK < time => self,
            _ => Identity::unknown(),
        }
    }

    fn changed(&self) -> Option<SystemTime> {
        let nanoseconds = u64::from_str_radix(self.0.split('.').next_back()?, 16).ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds))
    }
}

#[cfg(unix)]
fn of(metadata: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    let changed = metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec();
    Identity(format!(
        "{:x}.{:x}.{:x}.{changed:x}",
        metadata.dev(),
        metadata.ino(),
        metadata.size()
    ))
}

/// Elsewhere every file is read.
#[cfg(not(unix))]
fn of(_metadata: &std::fs::Metadata) -> Identity {
    Identity::unknown()
}
