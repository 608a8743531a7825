//! What a parsed unit holds, by name.
//!
//! Not here: which of it is asked for.

use clang::{Entity, EntityKind, StorageClass, TranslationUnit};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything with a name at the unit's top level.
pub(super) struct Scan<'tu> {
    /// Functions with a body that the unit itself holds.
    pub inlines: BTreeMap<String, Entity<'tu>>,
    /// Functions that are defined for the linker, here or elsewhere.
    pub functions: BTreeMap<String, Entity<'tu>>,
    /// The last definition of each macro.
    pub macros: BTreeMap<String, Entity<'tu>>,
    pub enumerators: BTreeMap<String, Entity<'tu>>,
    /// Constants with a value: `static const` variables.
    pub variables: BTreeMap<String, Entity<'tu>>,
}

impl<'tu> Scan<'tu> {
    pub(super) fn new(unit: &'tu TranslationUnit<'tu>) -> Scan<'tu> {
        let mut scan = Scan {
            inlines: BTreeMap::new(),
            functions: BTreeMap::new(),
            macros: BTreeMap::new(),
            enumerators: BTreeMap::new(),
            variables: BTreeMap::new(),
        };
        for entity in unit.get_entity().get_children() {
            scan.take(entity);
        }
        // An inline definition decides, whatever else declares the function.
        let inlines = &scan.inlines;
        scan.functions.retain(|name, _| !inlines.contains_key(name));
        scan
    }

    fn take(&mut self, entity: Entity<'tu>) {
        if entity.get_kind() == EntityKind::EnumDecl {
            for enumerator in entity.get_children() {
                if let Some(name) = enumerator.get_name() {
                    self.enumerators.insert(name, enumerator);
                }
            }
        }
        let Some(name) = entity.get_name() else {
            return;
        };
        match entity.get_kind() {
            EntityKind::FunctionDecl => {
                if !is_inline(entity) {
                    self.functions.insert(name, entity);
                } else if entity.is_definition() {
                    self.inlines.insert(name, entity);
                }
            }
            EntityKind::MacroDefinition if !entity.is_builtin_macro() => {
                self.macros.insert(name, entity);
            }
            EntityKind::VarDecl => {
                let is_const = entity.get_type().is_some_and(|ty| ty.is_const_qualified());
                if is_const && entity.get_storage_class() == Some(StorageClass::Static) {
                    self.variables.insert(name, entity);
                }
            }
            _ => {}
        }
    }
}

fn is_inline(function: Entity<'_>) -> bool {
    function.is_inline_function() || function.get_storage_class() == Some(StorageClass::Static)
}

/// Where an entity stands in the source, macros that make it included.
pub(super) fn place(entity: Entity<'_>) -> Option<(PathBuf, u32)> {
    let location = entity.get_location()?.get_expansion_location();
    Some((location.file?.get_path(), location.line))
}
