//! That ARCHITECTURE.md has every room of the house, no other, and the arrows that the
//! sources draw.
//!
//! Read from the page's tables: a path in the first column, in the last one (of the
//! library's rooms) what it uses. Not here: what a room is for, which only people can
//! say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use super::none;

const PAGE: &str = "ARCHITECTURE.md";

/// Directories whose every file and directory is to be named.
const FURNISHED: [&str; 2] = ["helper-inline-build/src", "xtask/src"];

/// What is the house itself, or everyone's.
const EVERYONES: [&str; 4] = ["lib", "main", "error", "Error"];

/// Checks the repository at `root`.
pub fn check(root: &Path) -> Result<()> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let rooms = rooms(&page);
    let mut problems: Vec<String> = rooms
        .keys()
        .filter(|path| !root.join(path).exists())
        .map(|path| format!("{PAGE} names `{path}`, which is not there"))
        .collect();
    for path in there(root)? {
        if !rooms.contains_key(&path) {
            problems.push(format!("{PAGE} does not name `{path}`"));
        }
    }
    let library = FURNISHED[0];
    let mut arrows = 0;
    for (path, told) in rooms.iter().filter(|(path, _)| path.starts_with(library)) {
        let drawn = arrows_from(root, path)?;
        arrows += drawn.len();
        for room in drawn.symmetric_difference(told) {
            problems.push(match told.contains(room) {
                true => format!("`{path}` does not use `{room}`, as {PAGE} says"),
                false => format!("`{path}` uses `{room}`, and {PAGE} does not say so"),
            });
        }
    }
    none("the rooms are others than the page says", &problems)?;
    println!(
        "{} rooms and {arrows} arrows are as {PAGE} says",
        rooms.len()
    );
    Ok(())
}

/// Each path of a table's first column, with the names in its last column.
fn rooms(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let spans = |cell: &str| -> Vec<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let path = spans(cells.first()?).into_iter().next()?;
        let uses = spans(cells.last()?).into_iter().collect();
        Some((path, uses))
    })
    .collect()
}

/// What the page has to name: packages, and what is in the furnished directories.
fn there(root: &Path) -> Result<BTreeSet<String>> {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            paths.insert(format!("{}/", entry.file_name().to_string_lossy()));
        }
    }
    for directory in FURNISHED {
        for entry in fs::read_dir(root.join(directory))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".rs").unwrap_or(&name);
            if EVERYONES.contains(&stem) {
                continue;
            }
            // `x.rs` and `x/` are one room.
            let is_dir = entry.path().is_dir();
            if !is_dir && root.join(directory).join(stem).is_dir() {
                continue;
            }
            let end = if is_dir { "/" } else { "" };
            paths.insert(format!("{directory}/{name}{end}"));
        }
    }
    Ok(paths)
}

/// Which rooms of the library one uses, by what its sources write after `crate::`.
/// What is only there for tests may use what it likes.
fn arrows_from(root: &Path, room: &str) -> Result<BTreeSet<String>> {
    let library = FURNISHED[0];
    let own = room.trim_start_matches(library).trim_matches('/');
    let own = own.trim_end_matches(".rs");
    let beside = root.join(library).join(format!("{own}.rs"));
    let mut used = BTreeSet::new();
    let files = WalkDir::new(root.join(room)).into_iter();
    let files = files.chain(WalkDir::new(beside).into_iter().filter(|e| e.is_ok()));
    for entry in files {
        let path = entry?.into_path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let is_test = path
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if !is_source || is_test {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: String = lines.collect::<Vec<_>>().join("\n");
        let code = code
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        used.extend(named_after_crate(code));
    }
    let home = root.join(library);
    let library_root = fs::read_to_string(home.join("lib.rs"))?;
    let exported = exported(&library_root);
    let rooms = |name: String| exported.get(&name).cloned().unwrap_or(name);
    let mut used: BTreeSet<String> = used.into_iter().map(rooms).collect();
    used.retain(|name| {
        let is_room = home.join(name).is_dir() || home.join(format!("{name}.rs")).is_file();
        is_room && name != own && !EVERYONES.contains(&name.as_str())
    });
    Ok(used)
}

/// From which room each name comes that the library has at its root.
fn exported(library_root: &str) -> BTreeMap<String, String> {
    let mut exported = BTreeMap::new();
    let lines = library_root.lines();
    for line in lines.filter_map(|line| line.strip_prefix("pub use ")) {
        let Some((room, names)) = line.trim_end_matches(';').split_once("::") else {
            continue;
        };
        for name in names.trim_matches(['{', '}']).split(", ") {
            exported.insert(name.to_owned(), room.to_owned());
        }
    }
    exported
}

/// The first names of paths that begin with `crate`.
fn named_after_crate(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            // Of `{a::{b, c}, d}` those at the outer level.
            Some(list) => {
                let mut depth = 0;
                let mut outer = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        _ if depth == 0 => outer.push(c),
                        _ => {}
                    }
                }
                names.extend(outer.split(',').map(|name| first_name(name.trim())));
            }
            None => {
                names.insert(first_name(rest));
            }
        }
    }
    names
}

fn first_name(path: &str) -> String {
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    path[..end.unwrap_or(path.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_are_read_from_use_lines() {
        let code = "use crate::{Error, files, kernel::{self, KernelDir}};\nuse crate::link::job;";
        let names: Vec<String> = named_after_crate(code).into_iter().collect();
        assert_eq!(names, ["Error", "files", "kernel", "link"]);
    }

    #[test]
    fn names_at_the_root_are_their_rooms() {
        let rooms =
            exported("mod clang;\npub use clang::Clang;\npub use rustc::{Rustc, Version};\n");
        assert_eq!(rooms["Version"], "rustc");
        assert_eq!(rooms["Clang"], "clang");
    }

    #[test]
    fn rooms_are_read_from_tables() {
        let page = "| room | for | uses |\n|---|---|---|\n| `a/b/` | c `d` | `e`, `f` |\n";
        let rooms = rooms(page);
        let uses = rooms["a/b/"].iter().map(String::as_str);
        assert_eq!(uses.collect::<Vec<_>>(), ["e", "f"]);
    }
}
