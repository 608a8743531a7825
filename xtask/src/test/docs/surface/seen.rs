//! What of an item users see: its attributes, its fields, its name.
//!
//! Not here: which items are public in a crate (`items`).

use quote::ToTokens as _;
use syn::{Attribute, Block, Field, Fields, Item, Visibility};

/// Leaves of private fields that there are some: nobody outside can then make a value.
pub fn only_public(fields: &mut Fields) {
    for field in fields.iter_mut() {
        clean(&mut field.attrs);
        if !is_public(&field.vis) {
            field.ty = syn::parse_quote!(_);
        }
    }
    if let Fields::Named(named) = fields {
        let all = std::mem::take(&mut named.named).into_iter();
        let (public, private): (Vec<Field>, Vec<Field>) =
            all.partition(|field| is_public(&field.vis));
        let sign = private.into_iter().next().map(|mut field| {
            field.ident = Some(syn::parse_quote!(private));
            field
        });
        named.named = public.into_iter().chain(sign).collect();
    }
}

/// Only what users see of an item's attributes.
pub fn clean(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        [
            "cfg",
            "derive",
            "must_use",
            "non_exhaustive",
            "macro_export",
        ]
        .iter()
        .any(|name| attribute.path().is_ident(name))
    });
}

pub fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        attribute.path().is_ident("doc") && text.contains("hidden")
    })
}

pub fn is_exported(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("macro_export"))
}

pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

pub fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(it) => &it.ident,
        Item::Enum(it) => &it.ident,
        Item::Fn(it) => &it.sig.ident,
        Item::Struct(it) => &it.ident,
        Item::Trait(it) => &it.ident,
        Item::Type(it) => &it.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Leaves the braces.
pub fn without_body(block: &mut Block) {
    block.stmts.clear();
}
