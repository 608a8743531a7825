//! The relocations of a debug section, applied while it is read.
//!
//! In a relocatable file every section begins at address 0, so an address alone does not
//! tell which one it is in. Here each section that is loaded gets addresses of its own.
//! `object`'s `RelocationMap` knows no such addresses. Not here: which section an address
//! is in (`file`).

use object::{
    Object, ObjectSection, ObjectSymbol, RelocationKind, RelocationTarget, SectionFlags,
    SectionIndex, elf,
};
use std::collections::HashMap;

/// How far the sections of a relocatable file are put apart. None is as large.
pub(super) const APART: u64 = 1 << 32;

/// What is added at which offset of a section.
#[derive(Debug, Default)]
pub(super) struct Relocations(HashMap<usize, Addition>);

/// What is put in place of, or added to, what the section has there.
#[derive(Debug, Clone, Copy)]
struct Addition {
    value: u64,
    /// Whether what the section has is to be added.
    implicit: bool,
}

impl Relocations {
    /// Those of a section.
    pub(super) fn of<'data>(
        file: &impl Object<'data>,
        section: &impl ObjectSection<'data>,
    ) -> Result<Relocations, object::Error> {
        let mut all = HashMap::new();
        for (offset, relocation) in section.relocations() {
            if relocation.kind() != RelocationKind::Absolute {
                continue;
            }
            let target = match relocation.target() {
                RelocationTarget::Symbol(index) => {
                    let symbol = file.symbol_by_index(index)?;
                    base_of(file, symbol.section_index())?.wrapping_add(symbol.address())
                }
                RelocationTarget::Section(index) => base_of(file, Some(index))?,
                _ => 0,
            };
            let addition = Addition {
                value: target.wrapping_add_signed(relocation.addend()),
                implicit: relocation.has_implicit_addend(),
            };
            all.insert(offset as usize, addition);
        }
        Ok(Relocations(all))
    }

    fn apply(&self, offset: usize, value: u64) -> u64 {
        match self.0.get(&offset) {
            None => value,
            Some(addition) if addition.implicit => addition.value.wrapping_add(value),
            Some(addition) => addition.value,
        }
    }
}

/// Where a section begins here. One that is not loaded, such as a debug section, is
/// referred to by offsets into it.
pub(super) fn base_of<'data>(
    file: &impl Object<'data>,
    index: Option<SectionIndex>,
) -> Result<u64, object::Error> {
    let Some(index) = index else {
        return Ok(0);
    };
    let is_loaded = match file.section_by_index(index)?.flags() {
        SectionFlags::Elf { sh_flags } => sh_flags & u64::from(elf::SHF_ALLOC) != 0,
        _ => false,
    };
    Ok(match is_loaded {
        true => APART * index.0 as u64,
        false => 0,
    })
}

impl gimli::read::Relocate for &Relocations {
    fn relocate_address(&self, offset: usize, value: u64) -> gimli::Result<u64> {
        Ok(self.apply(offset, value))
    }

    fn relocate_offset(&self, offset: usize, value: usize) -> gimli::Result<usize> {
        usize::try_from(self.apply(offset, value as u64))
            .map_err(|_| gimli::Error::UnsupportedOffset)
    }
}
