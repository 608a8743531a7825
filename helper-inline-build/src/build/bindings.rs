//! Declaring the helpers to Rust through bindgen, their prefix dropped.
//!
//! Not here: options of bindgen's own, which the user adjusts by a closure.

use super::AdjustBindgen;
use super::wrap::{self, Wrapped};
use crate::{Error, Result, files};
use bindgen::callbacks::{ItemInfo, ItemKind, ParseCallbacks};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What to declare.
pub(super) struct Request<'a> {
    pub unit: &'a Path,
    /// How libclang reads the unit.
    pub arguments: &'a [String],
    pub prefix: &'a str,
    /// Wrappers, and constants to declare beside unless bindgen does so itself.
    pub wrapped: &'a Wrapped,
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

/// Writes the declarations of every function with the prefix.
pub(super) fn generate(request: Request<'_>, adjust: Vec<AdjustBindgen<'_>>) -> Result<Declared> {
    let names = Rc::new(RefCell::new(BTreeSet::new()));
    let mut builder = bindgen::Builder::default()
        .header(request.unit.display().to_string())
        .clang_args(request.arguments)
        .detect_include_paths(false)
        .depfile("helpers.rs", request.depfile)
        .allowlist_function(format!("{}.*", request.prefix))
        .use_core()
        // Sizes and offsets are held to C's when the crate is compiled: a type of
        // the user's that stands for another would otherwise corrupt memory.
        .layout_tests(true)
        .merge_extern_blocks(true)
        // Edition 2024 warns of unsafe operations that are in no unsafe block.
        .wrap_unsafe_ops(true)
        .parse_callbacks(Box::new(DropPrefix {
            prefix: request.prefix.to_owned(),
            wrapped: request.wrapped.names(),
            helpers: Rc::clone(&names),
        }));
    for adjust in adjust {
        builder = adjust(builder);
    }
    let bindings = builder.generate().map_err(|error| Error::Bindgen {
        message: error.to_string(),
    })?;
    let mut text = plain_symbols(&bindings.to_string(), request.prefix);
    request.wrapped.check(&text)?;
    text += &wrap::declarations(&request.wrapped.constants, &text);
    files::write_if_changed(request.output, text.as_bytes())?;
    drop(bindings);
    Ok(Declared {
        path: request.output.to_owned(),
        helpers: names.take().into_iter().collect(),
    })
}

/// Takes bindgen's mark off the helpers' symbols. `\u{1}rust_helper_…` is one name
/// with `rust_helper_…` to a linker alone: where LLVM links, with
/// `-Clinker-plugin-lto`, the two never meet and nothing is inlined. And where C's
/// symbols begin with `_`, it is the mark that loses it.
fn plain_symbols(text: &str, prefix: &str) -> String {
    text.replace(
        &format!("link_name = \"\\u{{1}}{prefix}"),
        &format!("link_name = \"{prefix}"),
    )
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
    // bindgen reports a missing libclang by a panic; its message is the
    // loader's, which belongs into the error and not on the terminal.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let version = std::panic::catch_unwind(bindgen::clang_version);
    std::panic::set_hook(hook);
    match version {
        Ok(version) => Ok(version.full),
        Err(panic) => {
            let detail = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                .unwrap_or_else(|| "its loader gave no reason".to_owned());
            Err(Error::LibclangNotFound { detail, rustc_llvm })
        }
    }
}

/// The error when libclang is not there, before anything needs it.
pub(super) fn require_libclang(rustc_llvm: u32) -> Result<()> {
    libclang_version(rustc_llvm).map(drop)
}

/// Drops the helpers' prefix from their Rust names and notes which there are.
#[derive(Debug)]
struct DropPrefix {
    prefix: String,
    wrapped: BTreeMap<String, String>,
    helpers: Rc<RefCell<BTreeSet<String>>>,
}

impl ParseCallbacks for DropPrefix {
    fn item_name(&self, item: ItemInfo<'_>) -> Option<String> {
        if !matches!(item.kind, ItemKind::Function) {
            return None;
        }
        let bare = item.name.strip_prefix(&self.prefix)?;
        self.helpers.borrow_mut().insert(item.name.to_owned());
        let name = self.wrapped.get(item.name).map(String::as_str);
        Some(name.unwrap_or(bare).to_owned())
    }

    fn process_comment(&self, comment: &str) -> Option<String> {
        let lines: Vec<String> = comment.lines().map(wrap::as_markdown).collect();
        Some(lines.join("\n"))
    }

    fn generated_link_name_override(&self, item: ItemInfo<'_>) -> Option<String> {
        let is_helper =
            matches!(item.kind, ItemKind::Function) && item.name.starts_with(&self.prefix);
        is_helper.then(|| item.name.to_owned())
    }
}
