//! This program's own file, for others to run, and what tells its builds apart.
//!
//! Cargo may replace the file while the program runs: a workspace's tasks are built
//! again by what they call. Others have to run the same build, as they speak to it.
//! Not here: running it ourselves, which needs no file (`link::child`).

use crate::{Result, command, files, inputs};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// What tells this build of the program from another. Its version does not: what it made
/// is of no use to one that was built of other sources, or of another dependency.
pub(crate) fn content() -> &'static str {
    static CONTENT: LazyLock<String> = LazyLock::new(|| inputs::of_program(&running()));
    &CONTENT
}

/// The file that is running, also where another one is at its path by now.
fn running() -> PathBuf {
    let running = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
    match running.exists() {
        true => running,
        false => std::env::current_exe().unwrap_or(running),
    }
}

/// The file, or a copy in a directory of ours where it was replaced.
pub(crate) fn file(copies: &Path) -> Result<PathBuf> {
    let running = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
    let file = std::env::current_exe().map_err(files::io("find", &running))?;
    // The kernel adds ` (deleted)` to the path then.
    if file.exists() {
        return Ok(file);
    }
    copy(&running, copies)
}

fn copy(running: &Path, dir: &Path) -> Result<PathBuf> {
    files::create_dir_all(dir)?;
    let copy = dir.join("helper-inline-program");
    let beside = tempfile::tempdir_in(dir).map_err(files::io("write", dir))?;
    let new = beside.path().join("program");
    // Not by this process: a child that another thread forks meanwhile would hold the copy
    // open for writing until it is another program, and what is so cannot be run.
    let mut cp = Command::new("cp");
    cp.arg(running).arg(&new);
    command::run("copying this program", &mut cp)?;
    std::fs::rename(&new, &copy).map_err(files::io("write", &copy))?;
    Ok(copy)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const COPIES: &str = "HELPER_INLINE_TEST_OF_OWN_PROGRAM";

    /// Says where its own file is, with that file removed by then.
    #[test]
    fn a_file_that_was_replaced_is_copied() {
        if let Some(copies) = std::env::var_os(COPIES) {
            std::fs::remove_file(std::env::current_exe().unwrap()).unwrap();
            let file = file(Path::new(&copies)).unwrap();
            let runs = Command::new(file).arg("--list").env_remove(COPIES).output();
            assert!(runs.unwrap().status.success());
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("program");
        let running = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
        std::fs::rename(copy(&running, dir.path()).unwrap(), &program).unwrap();
        let copies = dir.path().join("copies");
        let name = "own_program::tests::a_file_that_was_replaced_is_copied";
        let output = Command::new(&program)
            .args(["--exact", name])
            .env(COPIES, &copies)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let left: Vec<_> = std::fs::read_dir(&copies).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_file_that_is_there_is_not_copied() {
        let dir = tempfile::tempdir().unwrap();
        let file = file(&dir.path().join("copies")).unwrap();
        assert_eq!(file, std::env::current_exe().unwrap());
        assert!(!dir.path().join("copies").exists());
    }
}
