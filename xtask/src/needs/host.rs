//! The machine as the probes see it: PATH, variables, directories of libraries,
//! and the output of programs. Made by hand in tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;

/// Where to look.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// Directories of programs.
    pub path: Vec<PathBuf>,
    /// What programs may be told by.
    pub variables: BTreeMap<String, OsString>,
    /// Directories of shared libraries.
    pub libraries: Vec<PathBuf>,
    /// Where Debian puts its LLVMs: `llvm-22/lib` and so on.
    pub llvm_roots: Vec<PathBuf>,
}

impl Host {
    /// This machine.
    pub fn real() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect();
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
            path: command::search_path(),
            variables,
            libraries,
            llvm_roots: vec!["/usr/lib".into(), "/usr/local".into()],
        }
    }

    /// A program's path.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        command::find_in(&self.path, name)
    }

    /// A variable that is set to something.
    pub fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// What a program prints.
    pub fn output(&self, program: &Path, arguments: &[&str]) -> Option<String> {
        command::output(Command::new(program).args(arguments)).ok()
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

    /// Debian's directory of libraries of one LLVM.
    pub fn llvm_libraries(&self, major: u32) -> Vec<PathBuf> {
        self.llvm_roots
            .iter()
            .map(|root| root.join(format!("llvm-{major}/lib")))
            .collect()
    }
}
