//! The linker's names of the helpers that authors write: each crate, version and build of
//! one has its own, so that two with helpers of one C name meet in a program.
//!
//! The C name stays what it is for C. Some helpers keep it for a symbol, for something else
//! names it. Not here: how symbols are given (`rename`), and wrappers, whose names are ours
//! from the beginning (`wrap::names`).

use super::wrap::Own;
use std::collections::{BTreeMap, BTreeSet};

/// The symbols of an author's helpers by their C names, of those that get another.
///
/// `preprocessed` is the unit behind the preprocessor.
pub(super) fn unique(own: &Own, preprocessed: &str, tag: &str) -> BTreeMap<String, String> {
    let named = named_in_strings(preprocessed);
    let helpers = own.helpers.iter();
    helpers
        .filter(|(name, helper)| helper.is_plain && !named.contains(name.as_str()))
        .map(|(name, _)| (name.clone(), format!("{name}__{tag}")))
        .collect()
}

/// Has a linker take the archive whenever the crate is there: a C line for the beginning of
/// the unit, and Rust for the end of the declarations.
///
/// For helpers that keep their C names. If another crate's have the same, both are linked
/// then and the linker names both, where it would have taken one for both in silence.
pub(super) fn anchor(tag: &str) -> (String, String) {
    let name = format!("__names_of_{tag}");
    let c = format!("void {name}(void);\nvoid {name}(void) {{}}\n");
    let rust = format!(
        "\nconst _: () = {{\n    unsafe extern \"C\" {{\n        fn {name}();\n    }}\n    #[used]\n    \
         static NAMES: unsafe extern \"C\" fn() = {name};\n}};\n"
    );
    (c, rust)
}

/// What strings of a C text name by its symbol: assembly, in which a symbol stands, and an
/// attribute's string that is one and nothing else, as that of `alias`.
fn named_in_strings(text: &str) -> BTreeSet<&str> {
    let mut named = BTreeSet::new();
    let mut rest = text;
    // Whether an `asm` has been read, and how deep in its parentheses the text is.
    let (mut is_asm, mut depth) = (false, 0_u32);
    while let Some(first) = rest.chars().next() {
        match first {
            '"' | '\'' => {
                let length = literal(rest);
                let inside = rest[..length].trim_matches(first);
                if first == '"' && depth > 0 {
                    named.extend(words(inside));
                } else if first == '"' && words(inside).next() == Some(inside) {
                    named.insert(inside);
                }
                rest = &rest[length..];
                continue;
            }
            '(' if is_asm => depth += 1,
            ')' if is_asm && depth > 0 => {
                depth -= 1;
                is_asm = depth > 0;
            }
            // A line that the preprocessor left: the name of a file, or a pragma.
            '#' if depth == 0 => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            c if is_of_word(c) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                is_asm |= matches!(&rest[..end], "asm" | "__asm" | "__asm__");
                rest = &rest[end..];
                continue;
            }
            ';' | '{' if depth == 0 => is_asm = false,
            _ => {}
        }
        rest = &rest[first.len_utf8()..];
    }
    named
}

/// The length of a string or character, quotes included.
fn literal(text: &str) -> usize {
    let quote = text.chars().next();
    let mut escaped = true;
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if Some(c) == quote => return place + 1,
            _ => {}
        }
    }
    text.len()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_word(c))
        .filter(|word| !word.is_empty())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assembly_and_attributes_name_symbols_and_other_strings_do_not() {
        let text = "# 1 \"rust_helper_file\"\n\
            int rust_helper_a(void) { puts(\"rust_helper_a \\\" failed\"); return '\"'; }\n\
            int b(void) __attribute__((alias(\"rust_helper_b\")));\n\
            __asm__(\".globl rust_helper_c\\n\" \"call \" \"rust_helper_d\");\n\
            void f(void) { asm volatile goto (\"lea %P0\" : : \"i\" (rust_helper_e)); \
            puts(\"then rust_helper_f\"); }\n";
        let named = named_in_strings(text);
        let named: Vec<&&str> = named.iter().filter(|n| n.starts_with("rust_")).collect();
        assert_eq!(
            named,
            [&"rust_helper_b", &"rust_helper_c", &"rust_helper_d"]
        );
    }
}
