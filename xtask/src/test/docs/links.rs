//! Every link of every Markdown file: the file that it names is there, and so is the
//! heading. Of links to other sites only the form is looked at, for a test has no network.
//!
//! Not here: links between items in documentation comments, which rustdoc checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use super::none;

mod page;

use page::Page;

/// Checks the repository at `root`.
pub fn check(root: &Path) -> Result<()> {
    let pages = read(root)?;
    let problems = problems(root, &pages);
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    none("links that lead nowhere", &problems)?;
    println!(
        "{links} links in {} Markdown files lead somewhere",
        pages.len()
    );
    Ok(())
}

/// Every Markdown file below a directory, by its path from there.
fn read(root: &Path) -> Result<BTreeMap<PathBuf, Page>> {
    let ours = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name == "target" || name.starts_with('.'))
    };
    let mut pages = BTreeMap::new();
    for entry in WalkDir::new(root).into_iter().filter_entry(ours) {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            pages.insert(path.strip_prefix(root)?.to_owned(), Page::read(&text));
        }
    }
    Ok(pages)
}

fn problems(root: &Path, pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, page) in pages {
        for link in &page.links {
            if let Some(problem) = problem(root, pages, path, &link.target) {
                let place = format!("{}:{}", path.display(), link.line);
                problems.push(format!("{place}: `{}` {problem}", link.target));
            }
        }
    }
    problems
}

/// What is wrong with a link of a page, if anything.
fn problem(
    root: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    page: &Path,
    target: &str,
) -> Option<String> {
    if let Some((scheme, rest)) = target.split_once(':') {
        return external(scheme, rest);
    }
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let named = match file {
        "" => page.to_owned(),
        _ => match from_root(page, file) {
            Some(path) => path,
            None => return Some("leads out of the repository".into()),
        },
    };
    if !root.join(&named).exists() {
        return Some("names no file that is there".into());
    }
    let anchor = anchor?;
    match pages.get(&named) {
        Some(page) if page.anchors.contains(anchor) => None,
        Some(_) => Some("names no heading of that page".into()),
        // A line of a source file is another one soon.
        None => Some("has an anchor in what is no Markdown".into()),
    }
}

/// A page's relative link as a path from the root.
fn from_root(page: &Path, file: &str) -> Option<PathBuf> {
    let mut path = page.parent()?.to_owned();
    for component in Path::new(file).components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    Some(path)
}

/// What is wrong with the form of a link to another site.
fn external(scheme: &str, rest: &str) -> Option<String> {
    let host = rest.strip_prefix("//").unwrap_or_default();
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if scheme != "https" {
        Some("is no https address".into())
    } else if !host.contains('.') || !host.chars().all(plain) || rest.contains(char::is_whitespace)
    {
        Some("is no well-formed address".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "docs/other.md",
            "# One heading\n\n## Its `code`, and *more*\n",
        );
        write("src/lib.rs", "");
        // What lies in a target directory is nobody's page.
        write("target/made.md", "[gone](gone.md)");
        write(
            "docs/page.md",
            "# Page\n\
             [good](other.md#its-code-and-more) [own](#page) [up](../src/lib.rs)\n\
             [missing](missing.md)\n\
             [heading](other.md#two)\n\
             [out](../../etc/passwd) [line](../src/lib.rs#L1)\n\
             ![picture](none.svg)\n\
             <img src=\"none.png\">\n\
             [plain](http://example.org) [good](https://example.org/a?b#c) [odd](https://here)\n\n\
             ```\n[not a link](nowhere)\n```\n",
        );
        let pages = read(dir.path()).unwrap();
        expect_test::expect![[r#"
            docs/page.md:3: `missing.md` names no file that is there
            docs/page.md:4: `other.md#two` names no heading of that page
            docs/page.md:5: `../../etc/passwd` leads out of the repository
            docs/page.md:5: `../src/lib.rs#L1` has an anchor in what is no Markdown
            docs/page.md:6: `none.svg` names no file that is there
            docs/page.md:7: `none.png` names no file that is there
            docs/page.md:8: `http://example.org` is no https address
            docs/page.md:8: `https://here` is no well-formed address"#]]
        .assert_eq(&problems(dir.path(), &pages).join("\n"));
    }
}
