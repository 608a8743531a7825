//! The machine as the probes see it: PATH, directories of libraries and headers. Made by
//! hand in tests.

use std::path::{Path, PathBuf};

use crate::cli::command;

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// Its architecture, as Rust calls it.
    pub arch: String,
    /// Directories of programs.
    pub path: Vec<PathBuf>,
    /// Directories of shared libraries.
    pub libraries: Vec<PathBuf>,
    /// Directories of headers.
    pub headers: Vec<PathBuf>,
    /// Where the libraries for AArch64 are that Debian's cross compiler links.
    pub cross_libraries: Vec<PathBuf>,
}

impl Host {
    /// This machine.
    pub fn real() -> Self {
        let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
        let libraries = ["/usr/lib", "/lib", "/usr/local/lib"]
            .iter()
            .flat_map(|directory| {
                [
                    Path::new(directory).join(&triplet),
                    PathBuf::from(directory),
                ]
            })
            .chain(["/usr/lib64", "/lib64"].map(PathBuf::from))
            .collect();
        Self {
            arch: std::env::consts::ARCH.to_owned(),
            path: command::search_path(),
            libraries,
            headers: vec![
                PathBuf::from("/usr/include"),
                Path::new("/usr/include").join(&triplet),
                PathBuf::from("/usr/local/include"),
            ],
            cross_libraries: vec![PathBuf::from("/usr/aarch64-linux-gnu/lib")],
        }
    }

    /// A program's path.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        command::find_in(&self.path, name)
    }

    /// The first file in `directories` whose name one of `matches` says is right.
    pub fn file_in(directories: &[PathBuf], matches: impl Fn(&str) -> bool) -> Option<PathBuf> {
        directories.iter().find_map(|directory| {
            let mut files: Vec<PathBuf> = directory
                .read_dir()
                .ok()?
                .flatten()
                .filter(|entry| entry.file_name().to_str().is_some_and(&matches))
                // Through links: a dangling one is no library.
                .filter(|entry| entry.path().is_file())
                .map(|entry| entry.path())
                .collect();
            files.sort();
            files.into_iter().next()
        })
    }
}
