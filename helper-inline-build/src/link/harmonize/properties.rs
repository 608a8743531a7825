//! What a module has as a whole: its data layout, its triple, its linkage.
//!
//! Not here: module flags (`flags`), or doing the internalizing.

use super::table::{DATA_LAYOUT, LINKAGE, TRIPLE};
use crate::link::job::Harmonized;

/// Fails unless a module's data layout is that of another input.
pub(in crate::link) fn check_layout(
    own: &str,
    other: &str,
    other_input: &str,
) -> Result<(), String> {
    if own == other {
        return Ok(());
    }
    Err(format!(
        "its {} is `{own}`, that of `{other_input}` is `{other}`: compile both for one target and ABI \
         ({})",
        DATA_LAYOUT.name, DATA_LAYOUT.reason
    ))
}

/// The report's line on triples, when C's and Rust's differ.
pub(in crate::link) fn triple(c: &str, rust: &str) -> Option<Harmonized> {
    (c != rust).then(|| Harmonized {
        attribute: TRIPLE.name.to_owned(),
        action: format!("adopted from C: {c}; Rust has {rust}"),
        functions: 0,
    })
}

/// The report's line on definitions that were made local.
pub(in crate::link) fn linkage(internalized: u64) -> Harmonized {
    Harmonized {
        attribute: LINKAGE.name.to_owned(),
        action: "internalized: nothing outside uses them".to_owned(),
        functions: internalized,
    }
}
