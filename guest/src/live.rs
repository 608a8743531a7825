//! A loaded module's sections as they are in memory: the kernel has patched the code
//! there, and sorted the tables that tell it where.

use std::collections::BTreeMap;
use std::fs;

use object::{Object, ObjectSection, SectionFlags, elf};

use crate::kcore::Kcore;
use crate::module::Module;

/// Where the sections of a loaded module are.
pub struct Live {
    kcore: Kcore,
    sections: Vec<Section>,
}

struct Section {
    name: String,
    address: u64,
    len: u64,
    is_code: bool,
}

/// A moment's code: the bytes from each address on.
#[derive(PartialEq, Eq)]
pub struct Code(BTreeMap<u64, Vec<u8>>);

/// A place that is named in a table of the module's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Where its instruction is.
    pub code: u64,
    /// The key that it belongs to.
    pub key: u64,
}

impl Live {
    /// Nothing on a kernel that does not show its memory.
    pub fn of(module: &Module) -> Result<Option<Self>, String> {
        let Some(kcore) = Kcore::open()? else {
            return Ok(None);
        };
        let bad = |error: &dyn std::fmt::Display| format!("{}: {error}", module.file);
        let bytes = fs::read(&module.file).map_err(|error| bad(&error))?;
        let file = object::File::parse(&*bytes).map_err(|error| bad(&error))?;
        let mut sections = Vec::new();
        for section in file.sections() {
            let name = section.name().map_err(|error| bad(&error))?;
            let SectionFlags::Elf { sh_flags } = section.flags() else {
                return Err(bad(&"it is not ELF"));
            };
            // What is there for the beginning only is gone.
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 || name.starts_with(".init") {
                continue;
            }
            let path = module.directory().join("sections").join(name);
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let digits = text.trim().trim_start_matches("0x");
            let address = u64::from_str_radix(digits, 16)
                .map_err(|error| format!("{}: {error}: {text}", path.display()))?;
            sections.push(Section {
                name: name.to_owned(),
                address,
                len: section.size(),
                is_code: sh_flags & u64::from(elf::SHF_EXECINSTR) != 0,
            });
        }
        Ok(Some(Self { kcore, sections }))
    }

    /// All code as it is now.
    pub fn code(&self) -> Result<Code, String> {
        let code = self.sections.iter().filter(|section| section.is_code);
        code.map(|section| {
            let bytes = self.kcore.read(section.address, section.len)?;
            Ok((section.address, bytes))
        })
        .collect::<Result<_, String>>()
        .map(Code)
    }

    /// Whether an address is in a section.
    pub fn is_in(&self, name: &str, address: u64) -> bool {
        self.section(name)
            .is_some_and(|s| (s.address..s.address + s.len).contains(&address))
    }

    /// `struct jump_entry`: code, target and key, each relative to itself.
    pub fn jump_table(&self) -> Result<Vec<Site>, String> {
        self.table("__jump_table", 16, |entry, at| Site {
            code: at.wrapping_add_signed(half(entry, 0).into()),
            key: (at + 8).wrapping_add_signed(whole(entry, 8)) & !3,
        })
    }

    /// `struct static_call_site`: code and key, each relative to itself.
    pub fn static_call_sites(&self) -> Result<Vec<Site>, String> {
        self.table(".static_call_sites", 8, |entry, at| Site {
            code: at.wrapping_add_signed(half(entry, 0).into()),
            key: (at + 4).wrapping_add_signed(half(entry, 4).into()) & !3,
        })
    }

    fn table(
        &self,
        name: &str,
        entry: usize,
        read: impl Fn(&[u8], u64) -> Site,
    ) -> Result<Vec<Site>, String> {
        let Some(section) = self.section(name) else {
            return Ok(Vec::new());
        };
        let bytes = self.kcore.read(section.address, section.len)?;
        let addresses = (section.address..).step_by(entry);
        let entries = bytes.chunks_exact(entry).zip(addresses);
        Ok(entries.map(|(bytes, at)| read(bytes, at)).collect())
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl Code {
    /// The addresses of the bytes that are others now.
    pub fn changed_since(&self, before: &Self) -> Vec<u64> {
        let both = self.0.iter().zip(before.0.values());
        both.flat_map(|((address, now), then)| {
            let bytes = (*address..).zip(now.iter().zip(then));
            bytes
                .filter(|(_, (now, then))| now != then)
                .map(|(address, _)| address)
        })
        .collect()
    }
}

fn half(bytes: &[u8], at: usize) -> i32 {
    let mut half = [0; 4];
    half.copy_from_slice(&bytes[at..at + 4]);
    i32::from_le_bytes(half)
}

fn whole(bytes: &[u8], at: usize) -> i64 {
    let mut whole = [0; 8];
    whole.copy_from_slice(&bytes[at..at + 8]);
    i64::from_le_bytes(whole)
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn changed_bytes_are_told_by_their_addresses() {
        let code = |first: &[u8], second: &[u8]| {
            Code([(0x1000, first.to_vec()), (0x2000, second.to_vec())].into())
        };
        let (before, after) = (code(b"abc", b"xyz"), code(b"abd", b"Xyz"));
        assert_eq!(after.changed_since(&before), [0x1002, 0x2000]);
        assert_eq!(before.changed_since(&before), [0u64; 0]);
    }
}
