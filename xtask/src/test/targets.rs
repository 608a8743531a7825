//! Which functions of an object may be called through a pointer: those that
//! others see, and those whose address is taken.
//!
//! Read from symbols and relocations. Not here: what such a function must begin
//! with (`mitigations`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget, elf,
};

/// Places where such functions begin: section and offset.
#[derive(Debug, Default)]
pub struct Targets(BTreeSet<(String, u64)>);

impl Targets {
    /// Reads them from a relocatable file.
    pub fn of(path: &Path) -> Result<Targets> {
        let data = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let file = object::File::parse(data.as_slice())
            .with_context(|| format!("reading {}", path.display()))?;
        let mut targets = Targets::default();
        for symbol in file.symbols() {
            if symbol.is_global() && symbol.is_definition() {
                targets.add(&file, &symbol, 0)?;
            }
        }
        for section in file.sections() {
            if !holds_pointers(section.name()?) {
                continue;
            }
            for (_, relocation) in section.relocations() {
                let RelocationTarget::Symbol(index) = relocation.target() else {
                    continue;
                };
                if !is_branch(relocation.flags()) {
                    let symbol = file.symbol_by_index(index)?;
                    targets.add(&file, &symbol, relocation.addend())?;
                }
            }
        }
        Ok(targets)
    }

    /// Whether a function that begins here is one.
    pub fn contains(&self, section: &str, offset: u64) -> bool {
        self.0.contains(&(section.to_owned(), offset))
    }

    fn add(
        &mut self,
        file: &object::File<'_>,
        symbol: &object::Symbol<'_, '_>,
        addend: i64,
    ) -> Result<()> {
        let Some(index) = symbol.section_index() else {
            return Ok(());
        };
        let section = file.section_by_index(index)?;
        if section.kind() == object::SectionKind::Text {
            let section = section.name()?.to_owned();
            let at = symbol.address().wrapping_add_signed(addend);
            // An operand that is relative to its own end.
            self.0.insert((section.clone(), at.wrapping_add(4)));
            self.0.insert((section, at));
        }
        Ok(())
    }
}

impl<'a> FromIterator<(&'a str, u64)> for Targets {
    fn from_iter<I: IntoIterator<Item = (&'a str, u64)>>(places: I) -> Targets {
        let places = places.into_iter();
        Targets(places.map(|(s, at)| (s.to_owned(), at)).collect())
    }
}

/// Data and code; other sections are lists of places for the kernel's tools.
fn holds_pointers(section: &str) -> bool {
    let lists = ["discard", "altinstr", ".init.setup"];
    [
        ".data",
        ".rodata",
        ".text",
        ".init",
        ".exit",
        ".gnu.linkonce.this_module",
    ]
    .iter()
    .any(|prefix| section.starts_with(prefix))
        && !lists.iter().any(|list| section.contains(list))
}

/// Whether a relocation is that of a direct call or jump.
fn is_branch(flags: RelocationFlags) -> bool {
    let RelocationFlags::Elf { r_type } = flags else {
        return false;
    };
    // The two architectures' numbers do not meet.
    [
        elf::R_X86_64_PLT32,
        elf::R_AARCH64_CALL26,
        elf::R_AARCH64_JUMP26,
    ]
    .contains(&r_type)
}
