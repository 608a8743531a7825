//! The helpers of a C source that has no manifest: all names with the prefix.
//!
//! Not here: which of them the source defines, which the link engine sees.

use std::collections::BTreeSet;

/// The names in a source that begin with the prefix.
pub fn helper_names(source: &str, prefix: &str) -> BTreeSet<String> {
    let words = source.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with(prefix))
        .map(str::to_owned)
        .collect()
}
