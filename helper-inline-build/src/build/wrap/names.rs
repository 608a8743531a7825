//! Names of wrappers that no other crate, version or build of one has.
//!
//! Not here: names of helpers written by hand, which are the author's.

use super::scan::place;
use clang::Entity;
use std::path::PathBuf;

/// How wrappers are named.
pub(super) struct Names<'a> {
    pub prefix: &'a str,
    pub tag: &'a str,
    /// The author's own sources, whose functions are helpers, not the headers'.
    pub sources: &'a [PathBuf],
}

impl Names<'_> {
    /// The linker's name of a wrapper.
    pub(super) fn symbol(&self, name: &str) -> String {
        format!("{}{}_{name}", self.prefix, self.tag)
    }

    /// Whether a symbol is a wrapper's.
    pub(super) fn is_wrapper(&self, symbol: &str) -> bool {
        symbol.starts_with(&self.symbol(""))
    }

    /// Whether a function is the author's own and no header's.
    pub(super) fn is_own(&self, name: &str, function: Entity<'_>) -> bool {
        let path = place(function).map(|(path, _)| path);
        name.starts_with(self.prefix) || path.is_some_and(|path| self.sources.contains(&path))
    }
}
