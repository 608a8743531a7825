//! Kbuild's own programs (objtool, modpost, …) of a newer Debian than this one,
//! made to run here: each beside the libraries that it was linked with, behind a
//! script of its own name. Where the packages come from is not its matter.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

/// What a program is called once a script has its name.
const SUFFIX: &str = "elf";

/// Puts a script before each program below `programs`; the script runs it by the
/// loader and with the libraries of `libraries`. Both are in one tree, which can be
/// moved as a whole.
pub fn run_with(programs: &Path, libraries: &Path) -> Result<()> {
    let loader = loader(libraries)?;
    let mut wrapped = 0;
    for entry in WalkDir::new(programs) {
        let entry = entry.with_context(|| format!("reading {}", programs.display()))?;
        let path = entry.path();
        if !entry.file_type().is_file() || !is_program(path)? {
            continue;
        }
        let up = path
            .parent()
            .and_then(|parent| parent.strip_prefix(programs).ok());
        let depth = up.map_or(0, |up| up.components().count());
        wrap(path, &"../".repeat(depth + 1), programs, &loader)?;
        wrapped += 1;
    }
    ensure!(wrapped > 0, "{} holds no program", programs.display());
    Ok(())
}

/// The dynamic loader among the libraries; where it lies, its libraries do.
fn loader(libraries: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(libraries)
        .with_context(|| format!("reading {}", libraries.display()))?
        .flatten();
    let mut paths = entries.map(|entry| entry.path());
    let is_loader = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("ld-linux-")
    };
    paths
        .find(is_loader)
        .with_context(|| format!("{} holds no dynamic loader", libraries.display()))
}

fn is_program(path: &Path) -> Result<bool> {
    let context = || format!("reading {}", path.display());
    let mode = path.metadata().with_context(context)?.permissions().mode();
    if mode & 0o111 == 0 {
        return Ok(false);
    }
    let data = fs::read(path).with_context(context)?;
    Ok(data.starts_with(b"\x7fELF"))
}

fn wrap(program: &Path, up: &str, programs: &Path, loader: &Path) -> Result<()> {
    let root = programs.parent().unwrap_or(programs);
    let loader = loader
        .strip_prefix(root)
        .with_context(|| format!("{} is not in {}", loader.display(), root.display()))?;
    let libraries = loader.parent().unwrap_or(loader).display();
    let loader = loader.display();
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    // A program may look for others by the name that it was called by.
    let script = format!(
        "#!/bin/sh\n\
         here=$(dirname \"$(readlink -f \"$0\")\")\n\
         exec \"$here/{up}{loader}\" --library-path \"$here/{up}{libraries}\" \\\n\
         \t--argv0 \"$0\" \"$here/{name}.{SUFFIX}\" \"$@\"\n"
    );
    let moved = program.with_file_name(format!("{name}.{SUFFIX}"));
    fs::rename(program, &moved)
        .and_then(|()| fs::write(program, script))
        .and_then(|()| fs::set_permissions(program, fs::Permissions::from_mode(0o755)))
        .with_context(|| format!("writing {}", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;
    use std::process::Command;

    /// This machine's own loader and C library stand for those of a package.
    #[test]
    fn programs_run_wherever_the_tree_is_and_other_files_stay() {
        let root = tempfile::tempdir().unwrap();
        let usr = root.path().join("usr/lib");
        let (programs, libraries) = (usr.join("kbuild"), usr.join("libs"));
        fs::create_dir_all(programs.join("scripts/mod")).unwrap();
        fs::create_dir_all(&libraries).unwrap();
        let echo = programs.join("scripts/mod/echo");
        fs::copy("/bin/echo", &echo).unwrap();
        fs::write(programs.join("scripts/text.sh"), "#!/bin/sh\n").unwrap();
        let list = command::output(Command::new("ldd").arg("/bin/echo")).unwrap();
        for path in list.split_whitespace().filter(|word| word.starts_with('/')) {
            let path = Path::new(path);
            fs::copy(path, libraries.join(path.file_name().unwrap())).unwrap();
        }
        run_with(&programs, &libraries).unwrap();

        let moved = root.path().join("elsewhere");
        fs::rename(root.path().join("usr"), &moved).unwrap();
        let mut echo = Command::new(moved.join("lib/kbuild/scripts/mod/echo"));
        echo.args(["a b", "c"]);
        assert_eq!(command::output(&mut echo).unwrap(), "a b c\n");
        let text = fs::read_to_string(moved.join("lib/kbuild/scripts/text.sh")).unwrap();
        assert_eq!(text, "#!/bin/sh\n");
    }

    #[test]
    fn libraries_without_a_loader_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let error = run_with(root.path(), root.path()).unwrap_err();
        assert!(
            format!("{error:#}").contains("no dynamic loader"),
            "{error:#}"
        );
    }
}
