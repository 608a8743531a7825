//! Prototypes that authors write for macros and expressions.
//!
//! Only as much of C is read here as it takes to find the name; libclang reads
//! the types.

use super::request::{begins_identifier, continues_identifier};
use crate::{Error, Result};

/// The C prototype of a macro or of an expression.
pub(super) struct Prototype {
    /// The method of `Helpers` that it was given to.
    pub method: &'static str,
    pub name: String,
    /// The comment before it.
    pub comment: Option<String>,
    before: String,
    after: String,
    /// What it evaluates; `None` for the macro of its name.
    pub expression: Option<String>,
}

impl Prototype {
    pub(super) fn read(
        method: &'static str,
        text: &str,
        expression: Option<&str>,
    ) -> Result<Prototype> {
        let (comment, code) = split_comment(text.trim());
        let code = code.trim().trim_end_matches(';').replace('\n', " ");
        let (start, end) = name_of(&code).ok_or_else(|| Error::Usage {
            message: format!(
                "`Helpers::{method}({text:?})` is no C prototype: write it as in a header, \
                 with a type and a name for each parameter, as in `u32 swap(u32 x)`"
            ),
        })?;
        Ok(Prototype {
            method,
            name: code[start..end].to_owned(),
            comment,
            before: code[..start].to_owned(),
            after: code[end..].to_owned(),
            expression: expression.map(|text| text.trim().trim_end_matches(';').to_owned()),
        })
    }

    /// The prototype for another name, on one line.
    pub(super) fn named(&self, name: &str) -> String {
        format!("{}{name}{}", self.before, self.after)
    }
}

/// The comment that a text begins with, and what follows.
fn split_comment(text: &str) -> (Option<String>, &str) {
    if text.starts_with("/*") {
        if let Some(end) = text.find("*/") {
            return (Some(text[..end + 2].to_owned()), &text[end + 2..]);
        }
    }
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_start().starts_with("//") {
            break;
        }
        end += line.len();
    }
    let comment = text[..end].trim();
    let comment = (!comment.is_empty()).then(|| comment.to_owned());
    (comment, &text[end..])
}

/// Where the name of the declared function stands: the first identifier before a
/// parenthesis that holds parameters and no declarator.
fn name_of(code: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(start) = code[at..].find(begins_identifier).map(|n| at + n) {
        let length = code[start..].find(|c| !continues_identifier(c));
        let end = length.map_or(code.len(), |n| start + n);
        let word = &code[start..end];
        let rest = code[end..].trim_start();
        at = end;
        let Some(inside) = rest.strip_prefix('(') else {
            continue;
        };
        if word.starts_with("__attribute") || word.contains("typeof") || word == "_Atomic" {
            at = end + code[end..].len() - rest.len() + closing(rest)?;
            continue;
        }
        let declarator = inside.trim_start().starts_with(['*', '^']);
        let typed = code[..start].contains(begins_identifier);
        if !declarator && typed {
            return Some((start, end));
        }
    }
    None
}

/// How long a text is that begins with a parenthesis, up to the one that closes it.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_prototypes() {
        for (text, name, renamed) in [
            ("u32 swap(u32 x)", "swap", "u32 _(u32 x)"),
            ("FILE *stdin(void);", "stdin", "FILE *_(void)"),
            ("void (*get(int a))(int)", "get", "void (*_(int a))(int)"),
            ("cb_t (*get (int a))(int)", "get", "cb_t (*_ (int a))(int)"),
            (
                "__attribute__((noreturn)) void die(void (*f)(int))",
                "die",
                "__attribute__((noreturn)) void _(void (*f)(int))",
            ),
            (
                "typeof(int (*)(void)) get(void)",
                "get",
                "typeof(int (*)(void)) _(void)",
            ),
            ("unsigned\nlong f\n(int a)", "f", "unsigned long _ (int a)"),
        ] {
            let read = Prototype::read("wrap_macro", text, None).unwrap();
            assert_eq!(read.name, name, "{text}");
            assert_eq!(read.named("_"), renamed);
            assert_eq!(read.comment, None);
        }
    }

    #[test]
    fn a_comment_may_come_first() {
        for (text, comment) in [
            ("/** Swaps. */ u32 f(u32 x)", "/** Swaps. */"),
            ("// One.\n  /// Two.\nu32 f(u32 x)", "// One.\n  /// Two."),
        ] {
            let read = Prototype::read("wrap_macro", text, None).unwrap();
            assert_eq!(read.comment.as_deref(), Some(comment));
            assert_eq!(read.named("g"), "u32 g(u32 x)");
        }
    }

    #[test]
    fn what_is_no_prototype_is_refused() {
        for text in ["swap", "swap(x)", "u32 swap", "", "int (*f)(int)"] {
            assert!(Prototype::read("wrap_macro", text, None).is_err(), "{text}");
        }
        let Err(error) = Prototype::read("wrap_macro", "swap(x)", None) else {
            panic!("`swap(x)` has no types");
        };
        expect_test::expect![[r#"`Helpers::wrap_macro("swap(x)")` is no C prototype: write it as in a header, with a type and a name for each parameter, as in `u32 swap(u32 x)`"#]].assert_eq(&error.to_string());
    }
}
