//! Declaring the helpers to Rust through bindgen, their prefix dropped.
//!
//! Not here: options of bindgen's own, which the user adjusts by a closure.

use super::wrap::{self, Helper, Own, Refusal, STAND_IN, Wrapped};
use super::{AdjustBindgen, chars};
use crate::{Error, Result, files};
use bindgen::callbacks::{ItemInfo, ItemKind, ParseCallbacks};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The unit with declarations behind it that stand for helpers which bindgen would
/// leave out.
const STAND_INS: &str = "helper-inline-declared.c";

/// What to declare.
pub(super) struct Request<'a> {
    pub unit: &'a Path,
    /// How libclang reads the unit.
    pub arguments: &'a [String],
    pub prefix: &'a str,
    /// The helpers of the unit, wrappers among them.
    pub own: &'a Own,
    /// Finds the structures that bindgen cannot declare, once it has failed.
    pub foreign_records: &'a dyn Fn() -> Result<BTreeMap<String, String>>,
    pub output: &'a Path,
    /// Where the list of files that libclang read goes.
    pub depfile: &'a Path,
}

/// The declarations written.
pub(super) struct Declared {
    pub path: PathBuf,
    /// The C symbols of the helpers, sorted.
    pub helpers: Vec<String>,
}

/// Writes the declarations of every function with the prefix, of which those that Rust
/// cannot call are refused. `wrapped` has the wrappers, and constants to declare beside
/// unless bindgen does so itself.
pub(super) fn generate(
    request: Request<'_>,
    wrapped: &mut Wrapped,
    adjust: Vec<AdjustBindgen<'_>>,
) -> Result<Declared> {
    let own = request.own;
    let mut builder = bindgen::Builder::default()
        .header(header(&request)?)
        .clang_args(request.arguments)
        .detect_include_paths(false)
        .depfile("helpers.rs", request.depfile)
        // Everything is, where nothing is allowed.
        .allowlist_function(format!("{STAND_IN}.*"))
        .use_core()
        // Sizes and offsets are held to C's when the crate is compiled: a type of
        // the user's that stands for another would otherwise corrupt memory.
        .layout_tests(true)
        .merge_extern_blocks(true)
        // Edition 2024 warns of unsafe operations that are in no unsafe block.
        .wrap_unsafe_ops(true)
        .parse_callbacks(Box::new(DropPrefix::new(&request, wrapped)));
    for adjust in adjust {
        builder = adjust(builder);
    }
    let helpers = own.helpers.iter();
    let mut refused: BTreeMap<&str, Refusal> = helpers
        .filter_map(|(name, helper)| Some((name.as_str(), helper.refusal.clone()?)))
        .collect();
    let mut is_again = false;
    let text = loop {
        let chosen = choose(builder.clone(), &request, &refused);
        let text = match bindgen_text(chosen) {
            Err(error) if !is_again => {
                is_again = true;
                let foreign = (request.foreign_records)()?;
                if foreign.is_empty() {
                    return Err(error);
                }
                builder = without_fields(builder, &foreign);
                continue;
            }
            done => plain_symbols(&done?, own),
        };
        wrapped.check(&text)?;
        let passes = own.helpers.iter();
        let passes = passes.filter(|(name, _)| !refused.contains_key(name.as_str()));
        let passes = passes.map(|(name, helper)| (name.as_str(), helper.records.as_slice()));
        let opaque = wrap::refused(&text, passes);
        if opaque.is_empty() {
            break text;
        }
        refused.extend(opaque);
    };
    for (name, refusal) in &refused {
        wrapped.refuse(name, &own.helpers[*name].place, refusal);
    }
    let is_declared = |helper: &Helper| text.contains(&link_name(&helper.symbol));
    let blocks = builder.command_line_flags();
    if !blocks.iter().any(|flag| flag.starts_with("--blocklist-")) {
        for (name, helper) in &own.helpers {
            if !refused.contains_key(name.as_str()) && !is_declared(helper) {
                wrapped.refuse(name, &helper.place, &left_out());
            }
        }
    }
    let text = chars::by_value(&text, own.unsigned_char);
    let text = text.clone() + &wrap::declarations(&wrapped.constants, &text);
    files::write_if_changed(request.output, text.as_bytes())?;
    let helpers = own.helpers.values().filter(|helper| is_declared(helper));
    let mut helpers: Vec<String> = helpers.map(|helper| helper.symbol.clone()).collect();
    helpers.sort();
    Ok(Declared {
        path: request.output.to_owned(),
        helpers,
    })
}

/// The file that bindgen reads: the unit, or one of ours around it.
fn header(request: &Request<'_>) -> Result<String> {
    let stand_ins = request.own.helpers.values();
    let stand_ins: String = stand_ins.filter_map(|h| h.stand_in.as_deref()).collect();
    if stand_ins.is_empty() {
        return Ok(request.unit.display().to_string());
    }
    let path = request.unit.with_file_name(STAND_INS);
    let text = format!("#include \"{}\"\n{stand_ins}", request.unit.display());
    files::write_if_changed(&path, text.as_bytes())?;
    Ok(path.display().to_string())
}

/// Has each helper declared but those that are refused. These are not merely blocked: the
/// types of what is allowed are declared besides, and bindgen ends at some of them.
fn choose(
    builder: bindgen::Builder,
    request: &Request<'_>,
    refused: &BTreeMap<&str, Refusal>,
) -> bindgen::Builder {
    let helpers = request.own.helpers.iter();
    helpers.fold(builder, |builder, (name, helper)| {
        // The user may have allowed more by a pattern.
        if refused.contains_key(name.as_str()) {
            return builder.blocklist_function(regex::escape(name));
        }
        match helper.stand_in {
            Some(_) => builder,
            None => builder.allowlist_function(regex::escape(name)),
        }
    })
}

/// Leaves out the fields of structures, which are still right behind a pointer.
fn without_fields(
    builder: bindgen::Builder,
    foreign: &BTreeMap<String, String>,
) -> bindgen::Builder {
    foreign.iter().fold(builder, |builder, (name, place)| {
        println!(
            "cargo::warning=the fields of `{name}` ({place}) are not declared: it holds a pointer \
             to a function whose calling convention is not C's, and Rust has none like it; \
             reach them by helpers in C"
        );
        builder.opaque_type(regex::escape(name))
    })
}

/// What bindgen writes.
fn bindgen_text(builder: bindgen::Builder) -> Result<String> {
    let message = match caught(|| builder.generate()) {
        Ok(Ok(bindings)) => return Ok(bindings.to_string()),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!(
            "{}; keep it from the type or function that is named, by \
             `Helpers::bindgen(|b| b.opaque_type(\"…\"))` or `blocklist_function`",
            panic.unwrap_or_else(|| "it panicked and gave no reason".to_owned())
        ),
    };
    Err(Error::Bindgen { message })
}

/// Runs what may panic; the message, where it has one, is for an error and not for the
/// terminal.
fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Option<String>> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    done.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
    })
}

fn left_out() -> Refusal {
    Refusal {
        reason: "bindgen leaves it out".into(),
        mend: "look at what `Helpers::bindgen` was given, or declare it by its \
               `raw_line`"
            .into(),
    }
}

fn link_name(symbol: &str) -> String {
    format!("link_name = \"{symbol}\"")
}

/// Takes bindgen's mark off the helpers' symbols. `\u{1}rust_helper_…` is one name
/// with `rust_helper_…` to a linker alone: where LLVM links, with
/// `-Clinker-plugin-lto`, the two never meet and nothing is inlined. And where C's
/// symbols begin with `_`, it is the mark that loses it.
fn plain_symbols(text: &str, own: &Own) -> String {
    let marked = Regex::new(r#"link_name = "\\u\{1\}([^"]*)""#).expect("the expression is one");
    let plain = marked.replace_all(text, |found: &Captures<'_>| {
        let is_helper = own.helpers.values().any(|h| h.symbol == found[1]);
        match is_helper {
            true => link_name(&found[1]),
            false => found[0].to_owned(),
        }
    });
    plain.into_owned()
}

/// libclang's version, as it calls itself.
///
/// # Errors
/// [`Error::LibclangNotFound`] when it cannot be loaded. `rustc_llvm` is the
/// major version that the error's advice names.
///
/// ```no_run
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let rustc = helper_inline_build::Rustc::from_env()?;
/// println!("{}", helper_inline_build::libclang_version(rustc.llvm.major)?);
/// # Ok(())
/// # }
/// ```
pub fn libclang_version(rustc_llvm: u32) -> Result<String> {
    // bindgen reports a missing libclang by a panic, with the loader's message.
    match caught(bindgen::clang_version) {
        Ok(version) => Ok(version.full),
        Err(detail) => Err(Error::LibclangNotFound {
            detail: detail.unwrap_or_else(|| "its loader gave no reason".to_owned()),
            rustc_llvm,
        }),
    }
}

/// The error when libclang is not there, before anything needs it.
pub(super) fn require_libclang(rustc_llvm: u32) -> Result<()> {
    libclang_version(rustc_llvm).map(drop)
}

/// Drops the helpers' prefix from their Rust names and gives them their symbols.
#[derive(Debug)]
struct DropPrefix {
    prefix: String,
    /// The Rust names of wrappers.
    wrapped: BTreeMap<String, String>,
    /// The symbol of each helper, by the name that bindgen reads.
    symbols: BTreeMap<String, String>,
}

impl DropPrefix {
    fn new(request: &Request<'_>, wrapped: &Wrapped) -> DropPrefix {
        let helpers = request.own.helpers.iter();
        let symbols = helpers.map(|(name, helper)| {
            let read = match (&helper.stand_in, name.strip_prefix(request.prefix)) {
                (Some(_), Some(bare)) => format!("{STAND_IN}{bare}"),
                _ => name.clone(),
            };
            (read, helper.symbol.clone())
        });
        DropPrefix {
            prefix: request.prefix.to_owned(),
            wrapped: wrapped.names(),
            symbols: symbols.collect(),
        }
    }
}

impl ParseCallbacks for DropPrefix {
    fn item_name(&self, item: ItemInfo<'_>) -> Option<String> {
        if !matches!(item.kind, ItemKind::Function) {
            return None;
        }
        let bare = item.name.strip_prefix(STAND_IN);
        let bare = bare.or_else(|| item.name.strip_prefix(&self.prefix))?;
        let name = self.wrapped.get(&format!("{}{bare}", self.prefix));
        Some(name.map_or(bare, String::as_str).to_owned())
    }

    fn process_comment(&self, comment: &str) -> Option<String> {
        let lines: Vec<String> = comment.lines().map(wrap::as_markdown).collect();
        Some(lines.join("\n"))
    }

    fn generated_link_name_override(&self, item: ItemInfo<'_>) -> Option<String> {
        match item.kind {
            ItemKind::Function => self.symbols.get(item.name).cloned(),
            _ => None,
        }
    }
}
