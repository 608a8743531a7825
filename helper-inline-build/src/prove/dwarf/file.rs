//! The packaged file: its debug sections, and which section and function an address of
//! them is in.
//!
//! Not here: what the debug sections say (`walk`).

use super::last::LastFunctions;
use super::patched::Patched;
use super::relocated::{APART, Relocations};
use super::unfit;
use crate::prove::site::{CodeRange, Refusal};
use object::{
    Architecture, Object as _, ObjectKind, ObjectSection as _, ObjectSymbol as _, SectionIndex,
    SectionKind, SymbolKind,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A module, object or executable.
pub(super) struct Packaged<'data> {
    file: object::File<'data>,
    /// Whether addresses are those of the file, or sections are put apart.
    is_linked: bool,
    /// Whether a kernel loads it, or is linked from it.
    in_kernel: bool,
    code: Vec<Section<'data>>,
    patched: Patched,
    last: LastFunctions,
    /// By section and address.
    functions: BTreeMap<(usize, u64), Vec<Function>>,
}

/// A section with code.
struct Section<'data> {
    index: SectionIndex,
    name: String,
    address: u64,
    data: &'data [u8],
    /// Where it begins in the file.
    offset: u64,
}

impl Section<'_> {
    fn bytes(&self) -> u64 {
        self.data.len() as u64
    }
}

struct Function {
    name: String,
    bytes: u64,
    /// How many functions of the file are called so.
    namesakes: usize,
    is_global: bool,
}

/// A debug section as gimli is given it.
pub(super) struct DebugSection<'data> {
    pub(super) name: &'static str,
    pub(super) bytes: Cow<'data, [u8]>,
}

impl<'data> Packaged<'data> {
    pub(super) fn parse(
        data: &'data [u8],
        in_kernel: bool,
    ) -> Result<Packaged<'data>, object::Error> {
        let file = object::File::parse(data)?;
        let mut code = Vec::new();
        for section in file.sections() {
            if section.kind() == SectionKind::Text {
                code.push(Section {
                    index: section.index(),
                    name: section.name()?.to_owned(),
                    address: section.address(),
                    data: section.data()?,
                    offset: section.file_range().map_or(0, |(offset, _)| offset),
                });
            }
        }
        let is_linked = file.kind() != ObjectKind::Relocatable;
        let (patched, last) = match in_kernel {
            true => (Patched::of(&file)?, LastFunctions::of(&file)?),
            false => (Patched::default(), LastFunctions::default()),
        };
        let functions = functions(&file)?;
        Ok(Packaged {
            file,
            is_linked,
            in_kernel,
            code,
            patched,
            last,
            functions,
        })
    }

    pub(super) fn architecture(&self) -> Architecture {
        self.file.architecture()
    }

    /// A debug section's bytes, none when it is not there.
    pub(super) fn debug_section(
        &self,
        name: &'static str,
    ) -> Result<DebugSection<'data>, object::Error> {
        let bytes = match self.file.section_by_name(name) {
            None => Cow::default(),
            Some(section) => section.uncompressed_data()?,
        };
        Ok(DebugSection { name, bytes })
    }

    /// What is to be applied to it. A linked file's is done.
    pub(super) fn relocations(&self, name: &str) -> Result<Relocations, object::Error> {
        match self.file.section_by_name(name) {
            Some(section) if !self.is_linked => Relocations::of(&self.file, &section),
            _ => Ok(Relocations::default()),
        }
    }

    /// Where code between two addresses of the debug sections is; nowhere when the linker
    /// has dropped it, or no function symbol names it.
    pub(super) fn range(&self, begin: u64, end: u64) -> Option<CodeRange> {
        let (section, address) = self.section(begin)?;
        let bytes = end.checked_sub(begin).filter(|bytes| *bytes > 0)?;
        let key = section.index.0;
        // Few symbols are at one address, and none inside another function.
        let mut before = self.functions.range((key, 0)..=(key, address)).rev();
        let (start, function) = before.find_map(|((_, start), all)| {
            let holds = |f: &&Function| address - start < f.bytes;
            let best = all.iter().filter(holds);
            let best = best.min_by_key(|f| (f.namesakes, !f.is_global, f.name.clone()));
            best.map(|function| (*start, function))
        })?;
        Some(CodeRange {
            symbol: function.name.clone(),
            offset: address - start,
            section: section.name.clone(),
            address,
            bytes,
            file_offset: self
                .is_linked
                .then(|| section.offset + (address - section.address)),
        })
    }

    /// Why a kernel is not to be given a probe at an address of the debug sections, if that
    /// is known.
    pub(super) fn refusal(&self, address: u64) -> Option<Refusal> {
        let (section, address) = self.section(address)?;
        let index = section.index.0;
        let unfit = || self.unfit(section, address);
        let is_last = || self.last.hold(index, address).then_some(Refusal::EndOfCode);
        let patched = self.patched.refusal(index, address);
        patched.or_else(unfit).or_else(is_last)
    }

    /// What speaks against a probe on the instruction there.
    fn unfit(&self, section: &Section<'_>, address: u64) -> Option<Refusal> {
        let start = usize::try_from(address - section.address).ok()?;
        let code = section.data.get(start..)?;
        unfit::refusal(self.architecture(), self.in_kernel, code)
    }

    /// The section that an address is in, and the address as the file has it.
    fn section(&self, address: u64) -> Option<(&Section<'data>, u64)> {
        if self.is_linked {
            let holds = |s: &&Section<'_>| (s.address..s.address + s.bytes()).contains(&address);
            return self.code.iter().find(holds).map(|found| (found, address));
        }
        let is_it = |s: &&Section<'_>| s.index.0 as u64 == address / APART;
        let found = self.code.iter().find(is_it)?;
        let offset = address % APART;
        (offset < found.bytes()).then_some((found, offset))
    }
}

/// The functions with a size. What has none is a label in assembly.
fn functions(
    file: &object::File<'_>,
) -> Result<BTreeMap<(usize, u64), Vec<Function>>, object::Error> {
    let mut namesakes: HashMap<&str, usize> = HashMap::new();
    for symbol in file.symbols().filter(|s| s.is_definition()) {
        *namesakes.entry(symbol.name()?).or_default() += 1;
    }
    let mut all: BTreeMap<(usize, u64), Vec<Function>> = BTreeMap::new();
    for symbol in file.symbols() {
        let Some(section) = symbol.section_index() else {
            continue;
        };
        if symbol.kind() != SymbolKind::Text || symbol.size() == 0 {
            continue;
        }
        let name = symbol.name()?;
        all.entry((section.0, symbol.address()))
            .or_default()
            .push(Function {
                name: name.to_owned(),
                bytes: symbol.size(),
                namesakes: namesakes[name],
                is_global: symbol.is_global(),
            });
    }
    Ok(all)
}
