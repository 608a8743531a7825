//! Which inputs the helpers were made of: what compilers read, what they would rather
//! have read had it been there, the kernel's own files, and the compilers.
//!
//! Not here: comparing them with what is there later (`inputs`).

use super::compile::Compiled;
use super::env::BuildEnv;
use super::search::SearchPath;
use crate::inputs::{Input, Inputs};
use crate::{Clang, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is known once everything is compiled and declared.
pub(super) struct Record<'a> {
    /// When the build script began to read.
    pub started: SystemTime,
    pub env: &'a BuildEnv,
    /// The files that compilers read.
    pub read: &'a BTreeSet<PathBuf>,
    /// The user's C sources and directories of them.
    pub sources: &'a [PathBuf],
    pub directories: &'a [PathBuf],
    /// The compiler's arguments, and those for its own directories.
    pub arguments: &'a [String],
    pub compiled: &'a Compiled,
    pub kernel: Option<&'a Path>,
    pub clang: Option<&'a Clang>,
}

impl Record<'_> {
    /// Writes the list for `dist`, and tells cargo to watch it and all that is in it.
    pub(super) fn write(&self) -> Result<()> {
        let inputs = self.inputs();
        for input in inputs.iter() {
            // One that is not there would have the script run at every build.
            if !matches!(input, Input::Absent { .. } | Input::Arguments { .. }) {
                println!("cargo::rerun-if-changed={}", input.path().display());
            }
        }
        inputs.write(&self.env.out_dir)?;
        let list = self.env.out_dir.join(crate::inputs::FILE_NAME);
        println!("cargo::rerun-if-changed={}", list.display());
        Ok(())
    }

    fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::new(self.kernel);
        let out_dir = &self.env.out_dir;
        // make names the build script's own files by their real paths.
        let real = out_dir.canonicalize().unwrap_or_else(|_| out_dir.clone());
        let is_own = |path: &Path| path.starts_with(out_dir) || path.starts_with(&real);
        for path in self.read.iter().chain(&self.compiled.kernel_files) {
            if !is_own(path) {
                inputs.add(Input::file(path, self.started));
            }
        }
        for dir in self.directories {
            inputs.add(Input::sources(dir));
        }
        let search = SearchPath::new(self.arguments, &self.compiled.directory, self.sources);
        for path in search.shadows(self.read) {
            if !is_own(&path) {
                inputs.add(Input::Absent { path });
            }
        }
        if let Some(clang) = self.clang {
            let flags = &self.compiled.flags;
            inputs.add(Input::arguments(&clang.path, flags, self.kernel.is_some()));
        }
        for path in self.tools() {
            inputs.add(Input::tool(&path, self.started));
        }
        inputs
    }

    /// The programs and libraries that compiled and declared.
    fn tools(&self) -> Vec<PathBuf> {
        let mut tools = self.clang.map_or_else(Vec::new, Clang::files);
        tools.extend(libclang());
        tools
    }
}

/// The libclang that this process has loaded.
fn libclang() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let mut paths = maps
        .lines()
        .filter_map(|line| Some(&line[line.find('/')?..]));
    let path = paths.find(|path| {
        let name = Path::new(path).file_name().unwrap_or_default();
        name.to_string_lossy().starts_with("libclang")
            && !name.to_string_lossy().starts_with("libclang-cpp")
    })?;
    Some(PathBuf::from(path))
}
