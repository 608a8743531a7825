//! The source around a call, where the file can be read.
//!
//! Not here: which calls are shown.

use super::frames::Place;
use crate::files;
use crate::prove::listing::SourceLine;
use std::collections::HashMap;
use std::path::Path;

/// How many lines are shown on each side of the call's.
const AROUND: usize = 2;

/// Source files that were read; `None` for one that cannot be.
#[derive(Default)]
pub(super) struct Sources(HashMap<String, Option<Vec<String>>>);

impl Sources {
    /// The lines around a place. None when the file is not there, as rustc's own library
    /// is often not, or has changed so that the line is not.
    pub(super) fn around(&mut self, place: &Place) -> Vec<SourceLine> {
        let lines = self.0.entry(place.file.clone()).or_insert_with(|| {
            let text = files::read_to_string(Path::new(&place.file)).ok()?;
            Some(text.lines().map(str::to_owned).collect())
        });
        let (Some(lines), line) = (lines, place.line as usize) else {
            return Vec::new();
        };
        if line > lines.len() {
            return Vec::new();
        }
        let first = line.saturating_sub(AROUND).max(1);
        let last = (line + AROUND).min(lines.len());
        let shown = (first..=last).map(|number| SourceLine {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            text: lines[number - 1].trim_end().to_owned(),
            is_call: number == line,
        });
        shown.collect()
    }
}
