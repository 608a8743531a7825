//! The pipe of a pool, as `--jobserver-auth` names it.
//!
//! It is opened anew, by its path or through `/proc/self/fd`, so that its being
//! non-blocking is nobody else's concern and no number of a file descriptor that may
//! mean something else by now is taken over. Not here: counting tokens.

use rustix::fs::OFlags;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Where cargo and make say it, in the order in which cargo looks.
const VARIABLES: [&str; 3] = ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"];

/// A pool's two ends.
#[derive(Debug)]
pub(super) struct Pipe {
    read: File,
    write: File,
}

/// The pool of the environment. None also when it names one that this process was not
/// given, as make does to recipes without a `+`.
pub(super) fn find(variable: impl Fn(&str) -> Option<String>) -> Option<Pipe> {
    // The first that is set decides.
    open(&VARIABLES.into_iter().find_map(variable)?)
}

/// Opens what these flags of make's name.
pub(super) fn open(flags: &str) -> Option<Pipe> {
    // The last counts. What follows `--` are variables.
    let value = flags
        .split_ascii_whitespace()
        .take_while(|word| *word != "--")
        .filter_map(|word| {
            word.strip_prefix("--jobserver-auth=")
                .or_else(|| word.strip_prefix("--jobserver-fds="))
        })
        .last()?;
    if let Some(path) = value.strip_prefix("fifo:") {
        return Pipe::open(Path::new(path), Path::new(path));
    }
    let (read, write) = value.split_once(',')?;
    let path = |number: &str| {
        let number: u32 = number.parse().ok()?;
        Some(PathBuf::from(format!("/proc/self/fd/{number}")))
    };
    Pipe::open(&path(read)?, &path(write)?)
}

impl Pipe {
    fn open(read: &Path, write: &Path) -> Option<Pipe> {
        let identity = |path: &Path| {
            let metadata = path.metadata().ok()?;
            let is_pipe = metadata.file_type().is_fifo();
            is_pipe.then(|| (metadata.dev(), metadata.ino()))
        };
        // Numbers that were closed and given anew do not lead to one pipe.
        if identity(read)? != identity(write)? {
            return None;
        }
        let flags = OFlags::NONBLOCK.bits() as i32;
        Some(Pipe {
            read: File::options()
                .read(true)
                .custom_flags(flags)
                .open(read)
                .ok()?,
            write: File::options().write(true).open(write).ok()?,
        })
    }

    /// A token, when one is there.
    pub(super) fn take(&self) -> Option<u8> {
        let mut byte = [0];
        loop {
            return match (&self.read).read(&mut byte) {
                Ok(1) => Some(byte[0]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                // None is free, or whoever made the pool is gone.
                _ => None,
            };
        }
    }

    /// Gives a token back.
    pub(super) fn give_back(&self, byte: u8) {
        // A pool whose maker is gone needs it no more.
        let _ = (&self.write).write_all(&[byte]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_is_no_pool_is_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let file = format!("--jobserver-auth=fifo:{}", file.path().display());
        for flags in [
            "",
            "-j8",
            "--jobserver-auth=",
            "--jobserver-auth=-2,-2",
            "--jobserver-auth=1",
            "--jobserver-auth=900,901",
            "--jobserver-auth=fifo:/no/such",
            "-- --jobserver-auth=0,0",
            &file,
        ] {
            assert!(open(flags).is_none(), "{flags}");
        }
    }

    #[test]
    fn a_named_pipe_is_drawn_on_and_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pool");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let both = File::options().read(true).write(true).open(&path).unwrap();
        (&both).write_all(b"+-").unwrap();
        let flags = format!(" -j3 --jobserver-auth=fifo:{} -- A=1", path.display());
        let pipe = find(|name| (name == "MAKEFLAGS").then(|| flags.clone())).unwrap();
        assert_eq!(
            (pipe.take(), pipe.take(), pipe.take()),
            (Some(b'+'), Some(b'-'), None)
        );
        pipe.give_back(b'-');
        assert_eq!((pipe.take(), pipe.take()), (Some(b'-'), None));
    }

    #[test]
    fn cargos_word_counts_before_makes() {
        let asked = std::cell::RefCell::new(Vec::new());
        let found = find(|name| {
            asked.borrow_mut().push(name.to_owned());
            (name == "CARGO_MAKEFLAGS").then(|| "-j".to_owned())
        });
        assert!(found.is_none());
        assert_eq!(asked.into_inner(), ["CARGO_MAKEFLAGS"]);
    }
}
