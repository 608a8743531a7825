//! The table of needs as text. Pure: the needs were probed elsewhere.

use std::fmt::Write;

use super::{Need, Purpose, State};

/// One row for each need: whether it is there, what, and what mends it.
pub fn table(needs: &[Need]) -> String {
    let width = needs.iter().map(|need| need.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for need in needs {
        let (word, detail) = match &need.state {
            State::Found(what) => ("found  ", what.clone()),
            State::Missing(why, mend) => (
                "MISSING",
                format!(
                    "{why} (needed by {})\n{:9}mend it with: {mend}",
                    purposes(need.purposes),
                    ""
                ),
            ),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word}  {:width$}  {detail}", need.name);
    }
    text
}

fn purposes(purposes: &[Purpose]) -> String {
    purposes
        .iter()
        .map(Purpose::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
