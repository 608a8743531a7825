//! Noting how rustc links a program, while it does.
//!
//! rustc removes its own objects once it has linked, so they are copied. Not here:
//! what is done with a note (`line`).

use super::line::{Line, Made, NOTE, entries};
use crate::{Result, files};
use std::path::Path;

/// An object of rustc's own with what the program is to export. It lies in the
/// directory of all files that are there for this link only.
const SYMBOLS: &str = "symbols.o";

/// Variables that linkers and compiler drivers read. All else of the environment is
/// that of `dist`, or rustc's and of no use to them.
const VARIABLES: &[&str] = &[
    "PATH",
    "LC_ALL",
    "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
    "LIBRARY_PATH",
    "LD_RUN_PATH",
    "LDEMULATION",
];

/// Notes a link that was done, and keeps copies of what will be gone.
pub(super) fn note(notes: &Path, linker: &Path, made: &Made, arguments: Vec<String>) -> Result<()> {
    files::create_dir_all(notes)?;
    let beside = tempfile::tempdir_in(notes).map_err(files::io("write", notes))?;
    let home = notes.join(&made.stem);
    let arguments = keep(expand(arguments)?, made, beside.path(), &home)?;
    let set = |name: &&str| Some(((*name).to_owned(), std::env::var(name).ok()?));
    let line = Line {
        made: made.clone(),
        linker: linker.to_owned(),
        arguments,
        dir: std::env::current_dir().map_err(files::io("find", Path::new(".")))?,
        variables: VARIABLES.iter().filter_map(set).collect(),
    };
    let text = serde_json::to_vec_pretty(&line).expect("a note is plain data");
    files::write(&beside.path().join(NOTE), &text)?;
    if home.exists() {
        std::fs::remove_dir_all(&home).map_err(files::io("remove", &home))?;
    }
    std::fs::rename(beside.keep(), &home).map_err(files::io("write", &home))
}

/// Copies what will be gone to a directory, which is to become `home`; returns the
/// arguments that name the copies.
fn keep(arguments: Vec<String>, made: &Made, to: &Path, home: &Path) -> Result<Vec<String>> {
    let out_dir = made.program.parent();
    let prefix = format!("{}.", made.stem);
    let gone = arguments
        .iter()
        .map(Path::new)
        .find(|path| path.file_name().is_some_and(|name| name == SYMBOLS))
        .and_then(Path::parent);
    for path in gone.map(entries).transpose()?.into_iter().flatten() {
        if path.is_file() {
            copy(&path, to)?;
        }
    }
    let kept = arguments.iter().map(|argument| {
        let path = Path::new(argument);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.parent() == out_dir && name.starts_with(&prefix) && name.ends_with(".o") {
            copy(path, to)?;
            return Ok(home.join(&*name).display().to_string());
        }
        // It may be a part of an option: a version script is.
        Ok(match gone {
            Some(gone) => argument.replace(&*gone.to_string_lossy(), &home.display().to_string()),
            None => argument.clone(),
        })
    });
    kept.collect()
}

fn copy(file: &Path, to: &Path) -> Result<()> {
    let copied = std::fs::copy(file, to.join(file.file_name().unwrap_or_default()));
    copied.map(drop).map_err(files::io("copy", file))
}

/// Replaces `@file` by the arguments in that file, which rustc writes when they are
/// too many: one a line, with backslashes before spaces and backslashes.
fn expand(arguments: Vec<String>) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('@').map(Path::new) {
            Some(file) if file.is_file() => {
                let text = files::read_to_string(file)?;
                all.extend(text.lines().map(unescape));
            }
            _ => all.push(argument),
        }
    }
    Ok(all)
}

fn unescape(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_in_a_file_are_read_as_rustc_wrote_them() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("linker-arguments");
        std::fs::write(&file, "-o\n/a\\ b/c\\\\d\n").unwrap();
        let given = vec!["-m64".into(), format!("@{}", file.display()), "@no".into()];
        assert_eq!(
            expand(given).unwrap(),
            ["-m64", "-o", "/a b/c\\d", "@no"].map(str::to_owned)
        );
    }

    #[test]
    fn what_rustc_removes_is_kept_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let deps = dir.path().join("deps");
        let gone = deps.join("rustcX");
        std::fs::create_dir_all(&gone).unwrap();
        let own = deps.join("app-1.app-cgu.0.rcgu.o");
        let other = deps.join("libapp-1.rlib");
        for file in [&own, &other, &gone.join("symbols.o"), &gone.join("list")] {
            std::fs::write(file, "x").unwrap();
        }
        let made = Made {
            name: "app".into(),
            stem: "app-1".into(),
            bitcode: deps.join("app-1.bc"),
            program: deps.join("app-1"),
        };
        let arguments = vec![
            gone.join("symbols.o").display().to_string(),
            own.display().to_string(),
            other.display().to_string(),
            format!("-Wl,--dynamic-list={}", gone.join("list").display()),
        ];
        let notes = dir.path().join("notes");
        std::fs::write(&made.program, "program").unwrap();
        note(&notes, Path::new("cc"), &made, arguments).unwrap();
        std::fs::remove_dir_all(&gone).unwrap();
        // A copy of the program is it too; another of its length is not.
        let copy = dir.path().join("app");
        std::fs::copy(&made.program, &copy).unwrap();
        let line = Line::of(&notes, &copy).unwrap();
        let home = notes.join("app-1");
        assert_eq!(
            line.arguments,
            [
                home.join("symbols.o").display().to_string(),
                home.join("app-1.app-cgu.0.rcgu.o").display().to_string(),
                other.display().to_string(),
                format!("-Wl,--dynamic-list={}", home.join("list").display()),
            ]
        );
        for file in ["symbols.o", "app-1.app-cgu.0.rcgu.o", "list"] {
            assert!(home.join(file).is_file(), "{file}");
        }
        std::fs::write(&copy, "pro---m").unwrap();
        let error = Line::of(&notes, &copy).unwrap_err().to_string();
        assert!(error.contains("was not noted"), "{error}");
    }
}
