//! The symbols that assembly names and defines, read from its text.
//!
//! A name too many costs an inlined call; one too few, a program that does not link or
//! that counts twice. Not here: what follows from that (`copyable`).

use std::collections::BTreeSet;

/// What stands for a number that is another in each copy (`%=` in C).
const UNIQUE: &str = "${:uid}";

/// Words before an instruction that are none themselves.
const PREFIXES: &[&str] = &[
    "addr32", "bnd", "cs", "data16", "ds", "es", "fs", "gs", "lock", "notrack", "rep", "repe",
    "repne", "repnz", "repz", "ss", "wait",
];

/// Directives that define what they name.
const DEFINING: &[&str] = &[".comm", ".lcomm", ".symver"];

/// Directives that set a symbol, which may be done again.
const SETTING: &[&str] = &[".set", ".equ", ".equiv"];

/// Directives that make what they name a symbol of the whole program.
const EXPORTING: &[&str] = &[".globl", ".global", ".weak"];

/// The symbols of a piece of assembly.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Symbols {
    /// What its instructions and directives name.
    pub(super) named: BTreeSet<String>,
    /// What it defines, of which there can be one in an object: labels and the like.
    pub(super) defined: BTreeSet<String>,
    /// What it sets to a value, which it may do again.
    pub(super) set: BTreeSet<String>,
    /// What it makes a symbol of the whole program.
    pub(super) exported: BTreeSet<String>,
}

/// Reads assembly, of a module or of a function.
pub(super) fn symbols(text: &str) -> Symbols {
    let text = without_comments(text);
    let text = text.replace(UNIQUE, "\u{1}").replace("$$", "$");
    let mut symbols = Symbols::default();
    let mut macros = BTreeSet::new();
    for statement in text.split(['\n', ';']) {
        let mut rest = statement.trim();
        while let Some((label, behind)) = label_of(rest) {
            if !is_of_each_copy(label) {
                symbols.defined.insert(label.to_owned());
            }
            rest = behind.trim_start();
        }
        let mut words = rest.split_whitespace();
        let mut first = words.next().unwrap_or_default();
        let mut operands = rest.get(first.len()..).unwrap_or_default();
        while PREFIXES.contains(&first) {
            first = words.next().unwrap_or_default();
            operands = operands.trim_start().get(first.len()..).unwrap_or_default();
        }
        let named = names(operands);
        match first {
            _ if EXPORTING.contains(&first) => symbols.exported.extend(named.iter().cloned()),
            _ if DEFINING.contains(&first) => symbols.defined.extend(named.first().cloned()),
            _ if SETTING.contains(&first) => symbols.set.extend(named.first().cloned()),
            ".macro" => macros.extend(named.first().cloned()),
            ".purgem" => macros.retain(|name| !named.contains(name)),
            _ if operands.trim_start().starts_with('=') || first.contains('=') => {
                symbols.set.extend(names(first).into_iter().take(1));
                symbols.named.extend(names(first));
            }
            _ => {}
        }
        symbols.named.extend(named);
    }
    symbols.defined.extend(macros);
    symbols
}

/// A text without what every assembler takes for a comment. `#` begins one on x86 alone, and
/// a number elsewhere: what is behind it counts.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        kept += &rest[..start];
        let end = match rest[start..].starts_with("//") {
            true => rest[start..].find('\n'),
            false => rest[start..].find("*/").map(|end| end + "*/".len()),
        };
        rest = end.map_or("", |end| &rest[start + end..]);
    }
    kept + rest
}

/// A label at the beginning of a statement, and what is behind it.
fn label_of(statement: &str) -> Option<(&str, &str)> {
    let end = statement.find(|c: char| !is_of_name(c) && c != '$' && c != '\u{1}')?;
    let (label, behind) = statement.split_at(end);
    let behind = behind.trim_start().strip_prefix(':')?;
    (!label.is_empty()).then_some((label, behind))
}

/// Whether a label can be defined by each copy: a number, or a name with one.
fn is_of_each_copy(label: &str) -> bool {
    label.contains('\u{1}') || label.chars().all(|c| c.is_ascii_digit())
}

/// The names in a text, in order; with and without dollar signs, which also begin a number.
/// What stands behind `%` is a register, what stands behind `@` a kind.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c| is_of_name(c) || c == '$') {
        let before = rest[..start].chars().next_back();
        let tail = &rest[start..];
        let end = tail.find(|c| !is_of_name(c) && c != '$');
        let (name, behind) = tail.split_at(end.unwrap_or(tail.len()));
        rest = behind;
        if matches!(before, Some('%' | '@')) {
            continue;
        }
        let parts = name.split('$').chain(name.contains('$').then_some(name));
        let is_name = |part: &&str| part.starts_with(|c: char| !c.is_ascii_digit() && c != '$');
        names.extend(parts.filter(is_name).map(str::to_owned));
    }
    names
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_instructions_name_is_found_and_what_they_are_is_not() {
        for (text, named) in [
            ("incl counter(%rip)", &["counter"][..]),
            ("lock; incl $0", &[]),
            ("lock incl counter(%rip)", &["counter"]),
            ("movl $$counter, %eax", &["counter"]),
            ("call f@PLT\n\tjmp 1b", &["f"]),
            (
                "adrp x0, table; add x0, x0, :lo12:table",
                &["table", "lo12", "x0"],
            ),
            (".quad f.cold + 4", &["f.cold"]),
            ("movq %gs:current, %rax", &["current"]),
            ("a$$b = 3", &["a$b", "a", "b"]),
            ("// atomic_add\n\tldxr w0, [x1] // f", &["w0", "x1"]),
            ("/* call\n f */ call g /* h", &["g"]),
        ] {
            assert_eq!(symbols(text).named, set(named), "{text}");
        }
    }

    #[test]
    fn labels_are_told_from_numbers_and_from_those_of_each_copy() {
        for (text, defined) in [
            ("here: nop", &["here"][..]),
            ("1: nop; 2: nop", &[]),
            (".Lx${:uid}: nop", &[]),
            (".Lx: a : nop", &[".Lx", "a"]),
            ("movl %fs:0, %eax", &[]),
            ("add x0, x0, :lo12:table", &[]),
            (".comm pool, 8", &["pool"]),
            (".macro twice a\n.endm", &["twice"]),
            (".macro twice a\n.endm\n.purgem twice", &[]),
            (".set x, 1\ny = 2", &[]),
        ] {
            assert_eq!(symbols(text).defined, set(defined), "{text}");
        }
    }

    #[test]
    fn what_is_exported_and_set_is_told() {
        let read = symbols(".globl f, g\n.weak h\nf: ret\ng = f\n.set h, f");
        assert_eq!(read.exported, set(&["f", "g", "h"]));
        assert_eq!(read.set, set(&["g", "h"]));
        assert_eq!(read.defined, set(&["f"]));
    }
}
