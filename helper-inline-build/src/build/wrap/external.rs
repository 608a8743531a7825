//! Inline functions of external linkage that wrappers come to call: C leaves
//! their definition for the linker to another unit, which may not exist.
//!
//! Not here: how they get one (`emit`).

use clang::{Entity, EntityKind, EntityVisitResult, StorageClass};
use std::collections::BTreeSet;

/// Their names, from the bodies of `roots` on. What C defines `extern inline` has
/// its definition in a library, but for what is asked for by itself (`asked`).
pub(super) fn reached(roots: &[Entity<'_>], asked: &[&str]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    let mut open = roots.to_vec();
    while let Some(function) = open.pop() {
        function.visit_children(|entity, _| {
            if entity.get_kind() != EntityKind::DeclRefExpr {
                return EntityVisitResult::Recurse;
            }
            let inline = entity.get_reference().and_then(inline_definition);
            if let Some((name, definition)) = inline {
                if seen.insert(name.clone()) {
                    if !is_internal(definition) && !is_of_library(definition, asked) {
                        found.insert(name);
                    }
                    open.push(definition);
                }
            }
            EntityVisitResult::Recurse
        });
    }
    found.into_iter().collect()
}

fn inline_definition(entity: Entity<'_>) -> Option<(String, Entity<'_>)> {
    if entity.get_kind() != EntityKind::FunctionDecl {
        return None;
    }
    let definition = entity.get_definition()?;
    let is_inline = definition.is_inline_function() || is_internal(definition);
    is_inline.then_some((definition.get_name()?, definition))
}

fn is_internal(function: Entity<'_>) -> bool {
    let canonical = function.get_canonical_entity();
    [function, canonical]
        .iter()
        .any(|f| f.get_storage_class() == Some(StorageClass::Static))
}

/// Whether a library has it: what a C library's or the kernel's headers define
/// `extern inline` may well come back to it by another name.
fn is_of_library(function: Entity<'_>, asked: &[&str]) -> bool {
    let is_asked = || {
        let name = function.get_name().unwrap_or_default();
        asked.contains(&name.as_str()) && !function.is_in_system_header()
    };
    function.get_storage_class() == Some(StorageClass::Extern) && !is_asked()
}
