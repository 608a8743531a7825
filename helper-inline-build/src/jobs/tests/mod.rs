//! Batches of shell commands. Here is what their tests share.

mod caching;
mod distributing;
mod running;

use super::*;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn job(script: &str, inputs: &[&str], outputs: &[&str]) -> Job {
    Job {
        args: ["sh", "-c", script].map(String::from).to_vec(),
        inputs: inputs.iter().map(PathBuf::from).collect(),
        outputs: outputs.iter().map(PathBuf::from).collect(),
    }
}

fn pool(count: usize) -> Jobserver {
    Jobserver::new(NonZeroUsize::new(count).unwrap()).unwrap()
}

fn write(dir: &Path, name: &str, content: &str) {
    fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
    fs::write(dir.join(name), content).unwrap();
}

/// Every file below a directory, with its content.
fn files(dir: &Path) -> Vec<(String, String)> {
    let entries = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter();
    let files = entries
        .map(|e| e.unwrap())
        .filter(|e| e.file_type().is_file());
    files
        .map(|e| {
            let name = e.path().strip_prefix(dir).unwrap().display().to_string();
            (name, fs::read_to_string(e.path()).unwrap())
        })
        .collect()
}

fn names(dir: &Path) -> Vec<String> {
    files(dir).into_iter().map(|(name, _)| name).collect()
}
