//! What an author asked to be wrapped: names, patterns, prototypes.
//!
//! Not here: finding it in the headers.

use super::prototype::Prototype;
use crate::{Error, Result};
use regex::Regex;

/// All requests of one `Helpers`.
#[derive(Default)]
pub(in crate::build) struct Requests {
    pub functions: Vec<String>,
    pub files: Vec<String>,
    pub macros: Vec<String>,
    pub expressions: Vec<(String, String)>,
    pub constants: Vec<String>,
}

impl Requests {
    pub(in crate::build) fn is_empty(&self) -> bool {
        self.functions.is_empty()
            && self.files.is_empty()
            && self.macros.is_empty()
            && self.expressions.is_empty()
            && self.constants.is_empty()
    }

    /// The requests, read: nothing in them was looked at before.
    pub(super) fn read(&self) -> Result<Read> {
        let all = |method: &'static str, texts: &[String]| {
            let read = texts.iter().map(|text| Pattern::read(method, text));
            read.collect::<Result<Vec<_>>>()
        };
        let mut prototypes = Vec::new();
        for text in &self.macros {
            prototypes.push(Prototype::read("wrap_macro", text, None)?);
        }
        for (text, expression) in &self.expressions {
            let expression = Some(expression.as_str());
            prototypes.push(Prototype::read("wrap_expression", text, expression)?);
        }
        Ok(Read {
            functions: all("wrap_function", &self.functions)?,
            files: all("wrap_file", &self.files)?,
            constants: all("wrap_constant", &self.constants)?,
            prototypes,
        })
    }
}

/// Requests that are well-formed.
pub(super) struct Read {
    pub functions: Vec<Pattern>,
    pub files: Vec<Pattern>,
    pub constants: Vec<Pattern>,
    pub prototypes: Vec<Prototype>,
}

/// A name, or a regular expression that matches whole names.
pub(super) struct Pattern {
    /// The method of `Helpers` that it was given to.
    pub method: &'static str,
    pub text: String,
    regex: Regex,
}

impl Pattern {
    fn read(method: &'static str, text: &str) -> Result<Pattern> {
        let regex = Regex::new(&format!("^(?:{text})$")).map_err(|error| Error::Usage {
            message: format!(
                "`Helpers::{method}({text:?})` is no regular expression: {}",
                // Its last line says why; the others draw where.
                error.to_string().lines().last().unwrap_or_default().trim()
            ),
        })?;
        Ok(Pattern {
            method,
            text: text.to_owned(),
            regex,
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The name, when it is one and no expression.
    pub(super) fn exact(&self) -> Option<&str> {
        is_identifier(&self.text).then_some(&self.text)
    }

    /// The error that nothing of it is there.
    pub(super) fn unmatched(&self, what: &str) -> Error {
        Error::NothingToWrap {
            request: format!("Helpers::{}({:?})", self.method, self.text),
            what: what.to_owned(),
        }
    }
}

/// Whether a text is one C identifier.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(begins_identifier) && chars.all(continues_identifier)
}

pub(super) fn begins_identifier(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn continues_identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        let pattern = Pattern::read("wrap_function", "a|b_.*").unwrap();
        let matching = ["a", "b_", "b_c", "ab", "xb_c", "b"].map(|name| pattern.matches(name));
        assert_eq!(matching, [true, true, true, false, false, false]);
        assert_eq!(pattern.exact(), None);
        let name = Pattern::read("wrap_function", "io_uring_get_sqe").unwrap();
        assert_eq!(name.exact(), Some("io_uring_get_sqe"));
    }

    #[test]
    fn a_broken_pattern_names_the_call() {
        let Err(error) = Pattern::read("wrap_file", "a(") else {
            panic!("`a(` is no regular expression");
        };
        expect_test::expect![[
            r#"`Helpers::wrap_file("a(")` is no regular expression: error: unclosed group"#
        ]]
        .assert_eq(&error.to_string());
    }
}
