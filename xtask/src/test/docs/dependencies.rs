//! That docs/dependencies.md lists what a build-dependency on the library brings, all of
//! it and nothing else, each with a reason.
//!
//! Not here: licences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::none;
use crate::command;
use crate::test::package::LIBRARY;

const PAGE: &str = "docs/dependencies.md";

/// One target for all machines: others need some crates more.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Checks the workspace at `root`.
pub fn check(root: &Path) -> Result<()> {
    let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let listed = listed(&page);
    let tree = tree(root)?;
    none(
        "docs/dependencies.md is not what cargo says",
        &problems(&listed, &tree),
    )?;
    println!(
        "{} crates of the default features have a reason each",
        tree.len()
    );
    Ok(())
}

fn problems(listed: &BTreeMap<String, String>, tree: &BTreeSet<String>) -> Vec<String> {
    let new = tree.iter().filter(|name| !listed.contains_key(*name));
    let new = new.map(|name| format!("`{name}` is not listed: what is it needed for?"));
    let gone = listed.keys().filter(|name| !tree.contains(*name));
    let gone = gone.map(|name| format!("`{name}` is listed, and is no dependency"));
    let bare = listed.iter().filter(|(_, reason)| reason.is_empty());
    let bare = bare.map(|(name, _)| format!("`{name}` has no reason"));
    new.chain(gone).chain(bare).collect()
}

/// Each crate of the page's table with its reason, the last cell.
fn listed(page: &str) -> BTreeMap<String, String> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let name = row.split('`').nth(1)?;
        let reason = row.trim_end().strip_suffix('|')?.rsplit('|').next()?;
        Some((name.to_owned(), reason.trim().to_owned()))
    })
    .collect()
}

/// The crates that the library's default features need.
fn tree(root: &Path) -> Result<BTreeSet<String>> {
    let mut cargo = command::cargo();
    cargo
        .current_dir(root)
        .args(["tree", "--locked", "--package", LIBRARY])
        .args(["--edges", "normal,build", "--target", TARGET])
        .args(["--prefix", "none", "--format", "{p}"]);
    let text = command::output(&mut cargo)?;
    let names = text.lines().filter_map(|line| line.split(' ').next());
    let mut names: BTreeSet<String> = names.map(str::to_owned).collect();
    names.remove(LIBRARY);
    names.remove("");
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_gone_or_without_reason_is_told() {
        let page = "| crate | by | why |\n|---|---|---|\n| `cc` | us | compiles |\n| `gone` | us | was used |\n| `bare` | cc |  |\n";
        let tree = ["cc", "bare", "new"].map(str::to_owned).into();
        assert_eq!(
            problems(&listed(page), &tree),
            [
                "`new` is not listed: what is it needed for?",
                "`gone` is listed, and is no dependency",
                "`bare` has no reason",
            ]
        );
    }
}
