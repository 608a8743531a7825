//! Files that are whole or absent: write beside, then rename.
//!
//! Not here: what is in them.

use crate::{Error, Result};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Reads a whole file. Not a device or a pipe, which may have no end.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let is_file = |metadata: std::fs::Metadata| metadata.is_file();
    match path.metadata().map(is_file) {
        Ok(false) => Err(std::io::Error::other("it is not a regular file")),
        _ => std::fs::read(path),
    }
    .map_err(io("read", path))
}

/// Reads a whole text file.
pub(crate) fn read_to_string(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(io("read", path))
}

/// Whether a file is an ELF file. Of the files that are called like a shared
/// library some are linker scripts.
pub(crate) fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut magic))
        .is_ok()
        && magic == *b"\x7fELF"
}

/// Makes a directory and its parents.
pub(crate) fn create_dir_all(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(io("create directory", path))
}

/// Writes a file so that a reader sees the old content or all of the new.
///
/// On any failure, a full disk included, the old content stays and nothing is
/// left beside it.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new()
        .prefix(".partial-")
        .tempfile_in(dir)
        .map_err(io("write", path))?;
    // Not through `beside` itself, which adds its own path to an error's text.
    let mut file = beside.as_file();
    file.write_all(content).map_err(io("write", path))?;
    // tempfile's files are private to their owner; these are ordinary outputs.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(beside.path(), mode).map_err(io("write", path))?;
    }
    beside
        .persist(path)
        .map_err(|e| io("write", path)(e.error))?;
    Ok(())
}

/// Has the system put a file's content on the disk, which is where some file
/// systems first find that it does not fit.
#[cfg(feature = "dist")]
pub(crate) fn sync(path: &Path) -> Result<()> {
    std::fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(io("write", path))
}

/// A directory in another one, gone when it is dropped. With a name for it, it has that
/// and stays, until the next of that name is made.
#[cfg(feature = "dist")]
pub(crate) fn work_dir(
    parent: &Path,
    prefix: &str,
    stays_as: Option<&str>,
) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    match stays_as {
        Some(name) => {
            let earlier = parent.join(name);
            if earlier.exists() {
                std::fs::remove_dir_all(&earlier).map_err(io("remove", &earlier))?;
            }
            builder.prefix(name).rand_bytes(0).disable_cleanup(true);
        }
        None => {
            builder.prefix(prefix);
        }
    }
    builder.tempdir_in(parent).map_err(io("write", parent))
}

/// Writes a file unless it already has this content, which keeps its time
/// stamp: tools that compare times then see no change.
pub(crate) fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    write(path, content)
}

/// What to add to the words of a tool that failed in a directory: whether the
/// disk is full, which shells and linkers tell as some other error.
pub(crate) fn full_disk_note(dir: &Path) -> Option<String> {
    const ROOM: usize = 1 << 20;
    let error = tempfile::tempfile_in(dir)
        .and_then(|mut probe| probe.write_all(&vec![0; ROOM]))
        .err()?;
    let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].contains(&error.kind());
    let dir = dir.display();
    full.then(|| format!("`{dir}` has no room for another MiB: {error}"))
}

/// Makes an [`Error::Io`] of a system error.
pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = PathBuf::from(path);
    move |error| Error::Io {
        action,
        path,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_file_keeps_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_if_changed(&path, b"one").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
        write_if_changed(&path, b"one").unwrap();
        assert_eq!(path.metadata().unwrap().modified().unwrap(), old);
        write_if_changed(&path, b"two").unwrap();
        assert_ne!(path.metadata().unwrap().modified().unwrap(), old);
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
    }

    #[test]
    #[cfg(unix)]
    fn what_may_have_no_end_is_not_read() {
        for path in ["/dev/zero", "/"] {
            let error = read(Path::new(path)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("cannot read `{path}`: it is not a regular file")
            );
        }
        let error = read(Path::new("/no/such")).unwrap_err().to_string();
        assert!(error.contains("No such file"), "{error}");
    }

    #[test]
    fn a_failed_write_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        // A directory in the file's place makes the rename fail.
        let path = dir.path().join("a");
        std::fs::create_dir_all(path.join("b")).unwrap();
        let error = write(&path, b"x").unwrap_err();
        assert!(error.to_string().contains("cannot write"), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
