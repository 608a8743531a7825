//! Code where a kernel takes no kprobe, because it patches or looks up the instruction
//! there itself.
//!
//! The tables that it does it by name their places by relocations. Not here: what a
//! kernel refuses for the instruction's own sake (`unfit`).

use crate::prove::site::Refusal;
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget};
use std::collections::HashMap;

/// A table, how long its entries are, and what it is of. The place is an entry's first
/// field.
const TABLES: [(&str, u64, Refusal); 3] = [
    // struct jump_entry, struct static_call_site
    ("__jump_table", 16, Refusal::JumpLabel),
    (".static_call_sites", 8, Refusal::StaticCall),
    // struct bug_entry, whose size depends on options; no other field is a place of code.
    ("__bug_table", 1, Refusal::Bug),
];

/// Such places by section and address.
#[derive(Default)]
pub(super) struct Patched(HashMap<(usize, u64), Refusal>);

impl Patched {
    /// Those of a relocatable file.
    pub(super) fn of<'data>(file: &impl Object<'data>) -> Result<Patched, object::Error> {
        let mut all = HashMap::new();
        for (table, entry, refusal) in TABLES {
            for section in file.sections() {
                if section.name()? != table {
                    continue;
                }
                let relocations = section.relocations();
                for (_, relocation) in relocations.filter(|(offset, _)| offset % entry == 0) {
                    let RelocationTarget::Symbol(index) = relocation.target() else {
                        continue;
                    };
                    let symbol = file.symbol_by_index(index)?;
                    if let Some(section) = symbol.section_index() {
                        let address = symbol.address().wrapping_add_signed(relocation.addend());
                        all.insert((section.0, address), refusal);
                    }
                }
            }
        }
        Ok(Patched(all))
    }

    /// Why no probe is taken there, if so.
    pub(super) fn refusal(&self, section: usize, address: u64) -> Option<Refusal> {
        self.0.get(&(section, address)).copied()
    }
}
