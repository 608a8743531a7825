//! Methods and traits of a crate's types, wherever in it they stand.
//!
//! Not here: the types.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use syn::{ImplItem, Item, ItemImpl, Type};
use walkdir::WalkDir;

use super::seen::{clean, is_hidden, is_public, without_body};

/// All `impl` blocks of a crate.
pub struct Impls(Vec<Found>);

struct Found {
    file: PathBuf,
    /// The last name in the type's path.
    of: String,
    block: ItemImpl,
}

impl Impls {
    /// Reads those of every source of a crate, tests left out.
    pub fn read(src: &Path) -> Result<Impls> {
        let mut found = Vec::new();
        for entry in WalkDir::new(src).sort_by_file_name() {
            let file = entry?.into_path();
            let is_test = file
                .iter()
                .any(|part| part == "tests" || part == "tests.rs");
            if is_test || file.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let parsed = syn::parse_file(&fs::read_to_string(&file)?);
            let parsed = parsed.with_context(|| format!("reading {}", file.display()))?;
            for item in parsed.items {
                let Item::Impl(block) = item else { continue };
                let Type::Path(of) = &*block.self_ty else {
                    continue;
                };
                let Some(last) = of.path.segments.last() else {
                    continue;
                };
                let of = last.ident.to_string();
                let file = file.clone();
                found.push(Found { file, of, block });
            }
        }
        Ok(Impls(found))
    }

    /// The public part of those of a type that a file defines. They are in that file or,
    /// where that has no type of the same name, in one beside it.
    pub fn of(&self, name: &str, file: &Path) -> Vec<Item> {
        let is_its = |found: &&Found| {
            let beside = found.file.parent() == file.parent();
            found.of == name && (found.file == file || beside && !defines(&found.file, name))
        };
        let its = self.0.iter().filter(is_its);
        its.filter_map(|found| shown(&found.block)).collect()
    }
}

fn defines(file: &Path, name: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    let kinds = ["struct", "enum"].map(|kind| format!("{kind} {name}"));
    let mut behind = kinds.iter().flat_map(|kind| text.split(kind).skip(1));
    behind.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The block without what nobody outside sees; `None` when nothing is left.
fn shown(block: &ItemImpl) -> Option<Item> {
    let mut block = block.clone();
    clean(&mut block.attrs);
    if block.trait_.is_some() {
        // What it has in it is the trait's.
        block.items.retain(|item| matches!(item, ImplItem::Type(_)));
        return Some(Item::Impl(block));
    }
    block.items.retain(|item| match item {
        ImplItem::Fn(it) => is_public(&it.vis) && !is_hidden(&it.attrs),
        ImplItem::Const(it) => is_public(&it.vis) && !is_hidden(&it.attrs),
        _ => false,
    });
    for item in &mut block.items {
        match item {
            ImplItem::Fn(it) => {
                clean(&mut it.attrs);
                without_body(&mut it.block);
            }
            ImplItem::Const(it) => clean(&mut it.attrs),
            _ => {}
        }
    }
    (!block.items.is_empty()).then_some(Item::Impl(block))
}
