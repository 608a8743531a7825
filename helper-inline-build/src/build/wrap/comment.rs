//! Comments of headers as documentation.
//!
//! Not here: where bindgen puts it.

use super::scan::place;
use clang::Entity;

/// The comment of a function. A plain one counts only right above it: what stands
/// further up is more often a heading or a licence.
pub(super) fn of_function(function: Entity<'_>) -> Option<String> {
    let text = function
        .get_comment()
        .or_else(|| function.get_canonical_entity().get_comment())?;
    let is_documentation = ["/**", "/*!", "///", "//!"]
        .iter()
        .any(|opening| text.starts_with(opening));
    let end = function.get_comment_range().map(|range| range.get_end());
    let end = end.map(|end| end.get_expansion_location().line);
    let start = function.get_range().map(|range| range.get_start());
    let start = start.map(|start| start.get_expansion_location().line);
    let is_near = end.zip(start).is_some_and(|(end, start)| start <= end + 1);
    (is_documentation || is_near).then_some(text)
}

/// The comment right above a macro's definition, which libclang does not keep.
pub(super) fn of_macro(definition: Entity<'_>) -> Option<String> {
    let (path, line) = place(definition)?;
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    above(lines.get(..line as usize - 1)?)
}

/// The comment that ends with the last of these lines.
fn above(lines: &[&str]) -> Option<String> {
    let last = lines.last()?.trim();
    let is_line = |line: &&str| line.trim().starts_with("//");
    let start = if is_line(&last) {
        lines
            .iter()
            .rposition(|line| !is_line(line))
            .map_or(0, |at| at + 1)
    } else if last.ends_with("*/") {
        let start = lines.iter().rposition(|line| line.contains("/*"))?;
        // Behind code it is of that code.
        lines[start].trim().starts_with("/*").then_some(start)?
    } else {
        return None;
    };
    Some(lines[start..].join("\n").trim().to_owned())
}

/// A comment's words, its lines without what frames them.
pub(super) fn words(comment: &str) -> Vec<String> {
    let is_block = comment.starts_with("/*");
    let inner = if is_block {
        let inner = comment
            .trim_start_matches('/')
            .trim_start_matches(['*', '!']);
        inner.trim_end_matches('/').trim_end_matches('*')
    } else {
        comment
    };
    let mut lines: Vec<String> = Vec::new();
    for line in inner.lines() {
        let line = line.trim();
        let line = if is_block {
            line.strip_prefix('*').unwrap_or(line)
        } else {
            line.trim_start_matches('/').trim_start_matches('!')
        };
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        lines.push(line.to_owned());
    }
    while lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The comment as C's documentation comments are, which bindgen takes over.
pub(super) fn as_c(comment: &str) -> String {
    let lines = words(comment);
    if lines.is_empty() {
        return String::new();
    }
    let mut text = String::from("/**\n");
    for line in lines {
        // From a `//` comment.
        let line = line.replace("*/", "* /").replace("/*", "/ *");
        text += format!(" * {line}").trim_end();
        text.push('\n');
    }
    text + " */\n"
}

/// A line of a C comment as rustdoc is to read it: as text. It takes an indented
/// line for Rust code and runs it as a test, and brackets for links.
pub(in crate::build) fn as_markdown(line: &str) -> String {
    const CODE: usize = 4;
    let text = line.trim_start();
    let blanks = line.len() - text.len();
    let mut marked = " ".repeat(blanks.min(CODE - 1));
    let mut is_code = false;
    for c in text.replace('\t', " ").chars() {
        let is_fence = c == '`' && (text.starts_with("``") || text.matches('`').count() % 2 == 1);
        if is_fence || (!is_code && "[]<>".contains(c)) {
            marked.push('\\');
        } else if c == '`' {
            is_code = !is_code;
        }
        marked.push(c);
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_comment_right_above_is_a_macros() {
        let lines = ["/* far */", "", "/* One", " * two. */"];
        assert_eq!(above(&lines).as_deref(), Some("/* One\n * two. */"));
        assert_eq!(above(&lines[..2]), None);
        assert_eq!(above(&["int a; /* of a */"]), None);
        let lines = ["x", "// One", "  // two"];
        assert_eq!(above(&lines).as_deref(), Some("// One\n  // two"));
    }

    #[test]
    fn rustdoc_reads_comments_as_text() {
        for (line, marked) in [
            ("  two", "  two"),
            ("        return a[i];", "   return a\\[i\\];"),
            ("see <x> and `b[1]`", "see \\<x\\> and `b[1]`"),
            ("```", "\\`\\`\\`"),
            ("it`s [1]", "it\\`s \\[1\\]"),
        ] {
            assert_eq!(as_markdown(line), marked);
        }
    }

    #[test]
    fn every_kind_of_comment_becomes_one() {
        for comment in [
            "/* One\n * two */",
            "/**\n * One\n * two\n */",
            "/*! One\n two */",
            "// One\n// two",
            "/// One\n  /// two",
            "//! One\n//! two",
        ] {
            assert_eq!(as_c(comment), "/**\n * One\n * two\n */\n", "{comment}");
        }
        assert_eq!(as_c("/**/"), "");
        assert_eq!(as_c("// a */ b /* c"), "/**\n * a * / b / * c\n */\n");
    }
}
