//! The unit of headers through libclang, with the flags that it is compiled with.
//!
//! Not here: what is looked for in it.

use crate::{Error, Result};
use clang::diagnostic::{Diagnostic, Severity};
use clang::{Index, TranslationUnit, Unsaved};
use std::path::Path;

/// A unit, and how it is read.
pub(super) struct Unit<'a> {
    /// The C file.
    pub path: &'a Path,
    /// The file of ours that it includes last.
    pub wrappers: &'a Path,
    /// libclang's arguments.
    pub arguments: &'a [String],
}

/// What makes a wrapper that means another thing than it says no mere warning.
const STRICT: [&str; 6] = [
    "-Werror=implicit-function-declaration",
    "-Werror=implicit-int",
    "-Werror=int-conversion",
    "-Werror=incompatible-pointer-types",
    "-Werror=incompatible-pointer-types-discards-qualifiers",
    "-Werror=incompatible-function-pointer-types",
];

/// clang keeps comments that are no documentation when told, and those of headers of
/// the system, where most libraries are.
const COMMENTS: [&str; 2] = [
    "-fparse-all-comments",
    "-fretain-comments-from-system-headers",
];

impl Unit<'_> {
    /// Parses it with `wrappers` for the text of our own file.
    pub(super) fn parse<'i>(
        &self,
        index: &'i Index<'_>,
        wrappers: &str,
    ) -> Result<TranslationUnit<'i>> {
        let mut arguments = self.arguments.to_vec();
        arguments.extend(STRICT.map(str::to_owned));
        arguments.extend(COMMENTS.map(str::to_owned));
        arguments.push("-ferror-limit=0".into());
        index
            .parser(self.path)
            .arguments(&arguments)
            .unsaved(&[Unsaved::new(self.wrappers, wrappers)])
            .detailed_preprocessing_record(true)
            .parse()
            .map_err(|error| Error::Headers {
                detail: error.to_string(),
            })
    }

    /// The errors of a parsed unit: those in our own file by line, as they are
    /// for the caller to judge. Others are an error of the headers.
    pub(super) fn errors(&self, unit: &TranslationUnit<'_>) -> Result<Vec<(u32, String)>> {
        let mut own = Vec::new();
        let mut others = Vec::new();
        for diagnostic in unit.get_diagnostics() {
            if diagnostic.get_severity() < Severity::Error {
                continue;
            }
            let location = diagnostic.get_location().get_expansion_location();
            let path = location.file.map(|file| file.get_path());
            if path.is_some_and(|path| path == self.wrappers) {
                own.push((location.line, diagnostic.get_text()));
            } else {
                others.push(line(&diagnostic));
            }
        }
        if others.is_empty() {
            return Ok(own);
        }
        Err(Error::Headers {
            detail: others.join("\n"),
        })
    }
}

fn line(diagnostic: &Diagnostic<'_>) -> String {
    let location = diagnostic.get_location().get_expansion_location();
    let text = diagnostic.get_text();
    match location.file {
        Some(file) => format!("{}:{}: {text}", file.get_path().display(), location.line),
        None => text,
    }
}
