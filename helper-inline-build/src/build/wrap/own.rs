//! The helpers of a unit as the compiler reads them: under which symbols they are
//! defined, which Rust cannot call, and which bindgen would leave out by itself.
//!
//! One place decides for all of them, the author's own and wrappers alike, what can be
//! declared. Not here: the rules for types (`refuse`), and writing declarations
//! (`bindings`).

use super::refuse::{self, Refusal};
use super::scan::Scan;
use super::select::describe;
use super::{Context, LIBCLANG, comment, declare, parse};
use crate::{Error, Result};
use clang::{Entity, EntityKind, Index, PrintingPolicyFlag, TranslationUnit, TypeKind, Visibility};
use std::collections::{BTreeMap, BTreeSet};

/// Begins the names of the declarations that stand for helpers which bindgen would
/// leave out.
pub(in crate::build) const STAND_IN: &str = "helper_inline_declared_";

/// Declared behind everything else, to see what `char` is.
const CHAR: &str = "helper_inline_char";

/// The helpers of a unit.
#[derive(Debug, Default)]
pub(in crate::build) struct Own {
    /// Those that have a symbol, by the name in C.
    pub helpers: BTreeMap<String, Helper>,
    /// Those of the author's that have none for other units: `static`, `inline`.
    pub internal: BTreeSet<String>,
    /// Whether `char` is unsigned.
    pub unsigned_char: bool,
}

impl Own {
    /// Takes over the symbols that helpers have got, by their C names.
    pub(in crate::build) fn rename(&mut self, symbols: &BTreeMap<String, String>) {
        for (name, symbol) in symbols {
            if let Some(helper) = self.helpers.get_mut(name) {
                helper.symbol.clone_from(symbol);
            }
        }
    }
}

/// A helper of a unit.
#[derive(Debug)]
pub(in crate::build) struct Helper {
    /// The linker's name.
    pub symbol: String,
    /// Whether its symbol may be any: the unit defines it, no asm label names it, and no
    /// definition elsewhere is meant to replace it.
    pub is_plain: bool,
    /// Whether it is weak.
    pub is_weak: bool,
    /// Where it is defined.
    pub place: String,
    /// The structures that it passes or returns by value.
    pub records: Vec<String>,
    /// Why it cannot be declared.
    pub refusal: Option<Refusal>,
    /// The C declaration that stands for it, where bindgen would leave out its own.
    pub stand_in: Option<String>,
}

/// Reads the helpers of a unit, `wrappers` being the text of the wrappers. What the
/// compiler would complain of is left to it.
pub(in crate::build) fn read(context: &Context<'_>, wrappers: &str) -> Result<Own> {
    let wrappers = format!("{wrappers}\nextern char {CHAR};\n");
    parsed(context, &wrappers, |unit| helpers(context, unit))
}

/// The structures, by name, that hold a pointer to a function which is called otherwise
/// than C's are, each with its place. bindgen ends at the first of them.
pub(in crate::build) fn foreign_records(
    context: &Context<'_>,
    wrappers: &str,
) -> Result<BTreeMap<String, String>> {
    parsed(context, wrappers, |unit| {
        let mut found = BTreeMap::new();
        for entity in unit.get_entity().get_children() {
            let is_record = [EntityKind::StructDecl, EntityKind::UnionDecl];
            if !is_record.contains(&entity.get_kind())
                && entity.get_kind() != EntityKind::TypedefDecl
            {
                continue;
            }
            let ty = entity.get_type().map(|ty| ty.get_canonical_type());
            let name = entity.get_name().filter(|name| !name.is_empty());
            if let (Some(ty), Some(name)) = (ty, name) {
                if ty.get_kind() == TypeKind::Record && refuse::calls_otherwise(ty) {
                    found.insert(name, describe(entity));
                }
            }
        }
        found
    })
}

/// Parses the unit, and reads something of it.
fn parsed<T>(
    context: &Context<'_>,
    wrappers: &str,
    read: impl FnOnce(&TranslationUnit<'_>) -> T,
) -> Result<T> {
    let unit = parse::Unit {
        path: context.unit,
        wrappers: context.wrappers,
        arguments: context.arguments,
    };
    let _alone = LIBCLANG.lock().unwrap_or_else(|broken| broken.into_inner());
    let libclang = clang::Clang::new().map_err(|detail| Error::LibclangNotFound {
        detail,
        rustc_llvm: context.rustc_llvm,
    })?;
    let index = Index::new(&libclang, false, false);
    let parsed = unit.parse(&index, wrappers)?;
    Ok(read(&parsed))
}

fn helpers(context: &Context<'_>, parsed: &TranslationUnit<'_>) -> Own {
    let scan = Scan::new(parsed);
    let mut own = Own::default();
    let mut symbols: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut bound, mut weak) = (BTreeSet::new(), BTreeSet::new());
    for entity in parsed.get_entity().get_children() {
        let Some(name) = entity.get_name() else {
            continue;
        };
        if name == CHAR {
            let kind = entity.get_type().map(|ty| ty.get_kind());
            own.unsigned_char = kind == Some(TypeKind::CharU);
        } else if entity.get_kind() == EntityKind::FunctionDecl && name.starts_with(context.prefix)
        {
            let words = words(entity);
            if BOUND.iter().any(|word| words.contains(*word)) {
                bound.insert(name.clone());
            }
            if words.contains("weak") {
                weak.insert(name.clone());
            }
            let of_name = symbols.entry(name).or_default();
            of_name.insert(symbol(entity));
        }
    }
    for (name, function) in &scan.functions {
        let Some(bare) = name.strip_prefix(context.prefix) else {
            continue;
        };
        let symbols = &symbols[name];
        let refusal = if symbols.len() > 1 {
            Some(Refusal::overloaded())
        } else {
            refuse::check(*function, context.clang).err()
        };
        let mut helper = Helper {
            is_weak: weak.contains(name),
            is_plain: function.get_definition().is_some()
                && !bound.contains(name)
                && symbol(*function).ends_with(name.as_str()),
            symbol: symbol(*function),
            place: describe(function.get_definition().unwrap_or(*function)),
            records: refuse::records(*function),
            refusal,
            stand_in: None,
        };
        if helper.refusal.is_none() && is_left_out(*function) {
            match stand_in(*function, bare) {
                Ok(declaration) => helper.stand_in = Some(declaration),
                Err(refusal) => helper.refusal = Some(refusal),
            }
        }
        own.helpers.insert(name.clone(), helper);
    }
    let inlines = scan.inlines.keys();
    let internal = inlines.filter(|name| name.starts_with(context.prefix));
    own.internal = internal.cloned().collect();
    own
}

/// The linker's name of a function: an asm label's, if it has one.
fn symbol(function: Entity<'_>) -> String {
    let mangled = function.get_mangled_name();
    let mangled = mangled.map(|name| name.trim_start_matches('\u{1}').to_owned());
    mangled.or_else(|| function.get_name()).unwrap_or_default()
}

/// Attributes that bind a function to a symbol that others know: it is weak, stands for
/// another, or is chosen when the program begins.
const BOUND: [&str; 5] = ["weak", "weakref", "alias", "ifunc", "target_clones"];

/// The words of a declaration, attributes among them.
fn words(function: Entity<'_>) -> BTreeSet<String> {
    let printer = function.get_pretty_printer();
    printer.set_flag(PrintingPolicyFlag::UseTerseOutput, true);
    let text = printer.print();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .map(|word| word.trim_matches('_').to_owned())
        .collect()
}

/// Whether bindgen leaves a function out that other units can call: it takes every
/// visibility but the default for one that nobody sees.
fn is_left_out(function: Entity<'_>) -> bool {
    [Some(function), function.get_definition()]
        .into_iter()
        .flatten()
        .any(|f| f.get_visibility() != Some(Visibility::Default))
}

/// The declaration of a function under another name.
fn stand_in(function: Entity<'_>, bare: &str) -> Result<String, Refusal> {
    let ty = function.get_type().ok_or_else(Refusal::nameless)?;
    let result = ty.get_result_type().ok_or_else(Refusal::nameless)?;
    let mut parameters = Vec::new();
    for (number, argument) in (0..).zip(function.get_arguments().unwrap_or_default()) {
        let ty = argument.get_type().ok_or_else(Refusal::nameless)?;
        let named = argument.get_name().filter(|name| !name.is_empty());
        let named = named.unwrap_or_else(|| format!("arg{number}"));
        parameters.push(declare::parameter(ty, &named)?);
    }
    if function.is_variadic() {
        parameters.push("...".to_owned());
    }
    let declaration = declare::prototype(result, &format!("{STAND_IN}{bare}"), &parameters)?;
    let comment = comment::of_function(function);
    let comment = comment.as_deref().map_or(String::new(), comment::as_c);
    Ok(format!(
        "{comment}__attribute__((visibility(\"default\"))) {declaration};\n"
    ))
}
