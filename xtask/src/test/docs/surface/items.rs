//! The public items of a crate, as Rust without bodies, read from its sources.
//!
//! It follows `pub mod`, and `pub use` into private modules. Not here: methods
//! (`impls`), and what of an item is seen (`seen`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use syn::{Item, UseTree};

use super::impls::Impls;
use super::seen::{
    attributes, clean, is_exported, is_hidden, is_public, name_of, only_public, without_body,
};

/// A module's file, and the directory of its children.
#[derive(Debug, Clone)]
struct Place {
    file: PathBuf,
    children: PathBuf,
}

impl Place {
    fn child(&self, name: &str) -> Result<Place> {
        let children = self.children.join(name);
        let files = [
            self.children.join(format!("{name}.rs")),
            children.join("mod.rs"),
        ];
        let file = files.into_iter().find(|file| file.is_file());
        let file = file.with_context(|| format!("no file for `mod {name}`"))?;
        Ok(Place { file, children })
    }

    fn items(&self) -> Result<Vec<Item>> {
        let text = fs::read_to_string(&self.file)?;
        let file = syn::parse_file(&text);
        Ok(file
            .with_context(|| format!("reading {}", self.file.display()))?
            .items)
    }
}

/// Lists the crate whose sources are in a directory.
pub fn list(src: &Path) -> Result<String> {
    let root = Place {
        file: src.join("lib.rs"),
        children: src.to_owned(),
    };
    let items = module(&root, &Impls::read(src)?)?;
    let file = syn::File {
        shebang: None,
        attrs: Vec::new(),
        items,
    };
    Ok(prettyplease::unparse(&file))
}

/// The public items of a module.
fn module(place: &Place, impls: &Impls) -> Result<Vec<Item>> {
    let items = place.items()?;
    let mut listed = Vec::new();
    for item in &items {
        if is_hidden(attributes(item)) {
            continue;
        }
        match item {
            Item::Mod(child) if is_public(&child.vis) && child.content.is_none() => {
                let mut child = child.clone();
                let place = place.child(&child.ident.to_string())?;
                child.content = Some((syn::token::Brace::default(), module(&place, impls)?));
                child.semi = None;
                clean(&mut child.attrs);
                listed.push(Item::Mod(child));
            }
            Item::Use(line) if is_public(&line.vis) => {
                let mut shown = line.clone();
                clean(&mut shown.attrs);
                listed.push(Item::Use(shown));
                listed.extend(behind(place, &line.tree, &items, impls)?);
            }
            Item::Macro(rules) if is_exported(&rules.attrs) => {
                let mut rules = rules.clone();
                clean(&mut rules.attrs);
                listed.push(Item::Macro(rules));
            }
            item => listed.extend(public(item, &place.file, impls)),
        }
    }
    Ok(listed)
}

/// What a `pub use` brings out of private modules.
fn behind(place: &Place, tree: &UseTree, items: &[Item], impls: &Impls) -> Result<Vec<Item>> {
    let UseTree::Path(path) = tree else {
        return Ok(Vec::new());
    };
    let is_private =
        |item: &&Item| matches!(item, Item::Mod(m) if m.ident == path.ident && !is_public(&m.vis));
    if !items.iter().any(|item| is_private(&item)) {
        // It is listed where it is public.
        return Ok(Vec::new());
    }
    let inner = place.child(&path.ident.to_string())?;
    let inner_items = inner.items()?;
    let mut found = Vec::new();
    for name in names(&path.tree) {
        let own: Vec<Item> = inner_items
            .iter()
            .filter(|item| name_of(item).is_some_and(|own| own == name))
            .flat_map(|item| public(item, &inner.file, impls))
            .collect();
        if !own.is_empty() {
            found.extend(own);
            continue;
        }
        // It comes from further inside.
        let deeper = inner_items.iter().find_map(|item| match item {
            Item::Use(line) if names(&line.tree).contains(&name) => Some(&line.tree),
            _ => None,
        });
        let Some(UseTree::Path(deeper)) = deeper else {
            bail!("`{name}` is not found in {}", inner.file.display());
        };
        let only = syn::parse_str(&format!("{}::{name}", deeper.ident))?;
        found.extend(behind(&inner, &only, &inner_items, impls)?);
    }
    Ok(found)
}

/// An item that is public by itself, without what nobody sees, and its methods.
fn public(item: &Item, file: &Path, impls: &Impls) -> Vec<Item> {
    let mut item = item.clone();
    let methods = match &mut item {
        Item::Struct(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            only_public(&mut it.fields);
            impls.of(&it.ident.to_string(), file)
        }
        Item::Enum(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            for variant in &mut it.variants {
                clean(&mut variant.attrs);
                variant
                    .fields
                    .iter_mut()
                    .for_each(|field| clean(&mut field.attrs));
            }
            impls.of(&it.ident.to_string(), file)
        }
        Item::Trait(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            for item in &mut it.items {
                if let syn::TraitItem::Fn(function) = item {
                    clean(&mut function.attrs);
                    function.default = None;
                }
            }
            Vec::new()
        }
        Item::Fn(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            without_body(&mut it.block);
            Vec::new()
        }
        Item::Type(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            Vec::new()
        }
        Item::Const(it) if is_public(&it.vis) => {
            clean(&mut it.attrs);
            Vec::new()
        }
        _ => return Vec::new(),
    };
    std::iter::once(item).chain(methods).collect()
}

/// The names that a `use` finds at the end of its paths.
fn names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => names(&path.tree),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(rename) => vec![rename.ident.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(names).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_items_are_listed_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| fs::write(dir.path().join(path), text).unwrap();
        write(
            "lib.rs",
            "mod a;\npub mod b;\nfn private() {}\npub use a::{A, f};\n",
        );
        write(
            "a.rs",
            "/// Doc.\n#[derive(Clone)]\npub struct A { pub x: u32, y: u32 }\n\
             impl A { pub fn new() -> A { todo!() } fn own(&self) {} }\n\
             impl Drop for A { fn drop(&mut self) {} }\n\
             pub fn f(a: &A) -> u32 { a.y }\npub fn unused() {}\n",
        );
        write(
            "b.rs",
            "#[doc(hidden)] pub fn g() {}\npub const N: u8 = 3;\npub struct W(u8);\n",
        );
        expect_test::expect![[r#"
            pub mod b {
                pub const N: u8 = 3;
                pub struct W(_);
            }
            pub use a::{A, f};
            #[derive(Clone)]
            pub struct A {
                pub x: u32,
                private: _,
            }
            impl A {
                pub fn new() -> A {}
            }
            impl Drop for A {}
            pub fn f(a: &A) -> u32 {}
        "#]]
        .assert_eq(&list(dir.path()).unwrap());
    }
}
