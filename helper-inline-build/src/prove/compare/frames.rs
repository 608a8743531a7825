//! The source's functions at an address of an object, inlined ones before those that
//! they are inlined into, as DWARF tells of them.
//!
//! `addr2line` reads the DWARF. It knows nothing of objects before their final link, so
//! their sections are put at addresses of their own and relocated here. Not here: what
//! the frames mean.

use crate::{Error, Result};
use addr2line::gimli::{Dwarf, EndianSlice, RunTimeEndian, SectionId};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationKind, RelocationTarget,
    SectionIndex, SectionKind,
};
use rustc_demangle::demangle;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

/// A function of the source, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frame {
    /// Its name: a C symbol, or a Rust path.
    pub function: String,
    /// Where in it the code is, or the call of the frame before it.
    pub place: Option<Place>,
}

/// A place in a source file; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// An object's debug sections, relocated.
pub(super) struct DebugSections {
    data: HashMap<&'static str, Vec<u8>>,
    bases: HashMap<SectionIndex, u64>,
    endian: RunTimeEndian,
}

type Reader<'a> = EndianSlice<'a, RunTimeEndian>;

/// Tells the frames of addresses.
pub(super) struct Frames<'a> {
    context: addr2line::Context<Reader<'a>>,
    bases: &'a HashMap<SectionIndex, u64>,
    path: &'a Path,
}

impl DebugSections {
    pub(super) fn read(file: &object::File<'_>) -> object::Result<DebugSections> {
        // Each section of an object begins at 0.
        let mut bases = HashMap::new();
        if file.kind() == object::ObjectKind::Relocatable {
            let mut next = 1 << 20;
            for section in file.sections().filter(|s| s.kind() == SectionKind::Text) {
                bases.insert(section.index(), next);
                next += section.size().next_multiple_of(1 << 12) + (1 << 12);
            }
        }
        let mut data = HashMap::new();
        for id in ALL {
            if let Some(section) = file.section_by_name(id.name()) {
                data.insert(id.name(), relocated(file, &section, &bases)?);
            }
        }
        let endian = match file.is_little_endian() {
            true => RunTimeEndian::Little,
            false => RunTimeEndian::Big,
        };
        Ok(DebugSections {
            data,
            bases,
            endian,
        })
    }

    /// `path` is the object's, for errors.
    pub(super) fn frames<'a>(&'a self, path: &'a Path) -> Result<Frames<'a>> {
        let load = |id: SectionId| {
            let data = self.data.get(id.name()).map_or(&[][..], Vec::as_slice);
            Ok::<_, addr2line::gimli::Error>(EndianSlice::new(data, self.endian))
        };
        let context = Dwarf::load(load).and_then(addr2line::Context::from_dwarf);
        Ok(Frames {
            context: context.map_err(|error| malformed(path, error))?,
            bases: &self.bases,
            path,
        })
    }
}

impl Frames<'_> {
    /// The frames of an address in a section, the innermost first; none where the DWARF
    /// does not know it.
    pub(super) fn at(&self, section: SectionIndex, address: u64) -> Result<Rc<[Frame]>> {
        let base = self.bases.get(&section).copied().unwrap_or(0);
        let malformed = |error| malformed(self.path, error);
        let found = self.context.find_frames(base + address);
        let mut found = found.skip_all_loads().map_err(malformed)?;
        let mut frames = Vec::new();
        while let Some(frame) = found.next().map_err(malformed)? {
            let name = frame.function.as_ref().map(|function| function.raw_name());
            let Some(name) = name.transpose().map_err(malformed)? else {
                break;
            };
            frames.push(Frame {
                function: format!("{:#}", demangle(&name)),
                place: frame.location.and_then(place),
            });
        }
        Ok(frames.into())
    }
}

fn place(location: addr2line::Location<'_>) -> Option<Place> {
    Some(Place {
        file: location.file?.to_owned(),
        line: location.line.filter(|line| *line > 0)?,
        column: location.column.unwrap_or(0),
    })
}

fn malformed(path: &Path, error: addr2line::gimli::Error) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        expected: "DWARF",
        detail: error.to_string(),
    }
}

/// What `addr2line` reads.
const ALL: [SectionId; 11] = [
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugAranges,
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugLineStr,
    SectionId::DebugLoc,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
];

/// A section with every address and offset put in, as a linker would.
fn relocated(
    file: &object::File<'_>,
    section: &object::Section<'_, '_>,
    bases: &HashMap<SectionIndex, u64>,
) -> object::Result<Vec<u8>> {
    let mut data = section.uncompressed_data()?.into_owned();
    for (offset, relocation) in section.relocations() {
        let RelocationTarget::Symbol(index) = relocation.target() else {
            continue;
        };
        if relocation.kind() != RelocationKind::Absolute {
            continue;
        }
        let symbol = file.symbol_by_index(index)?;
        let base = symbol.section_index().and_then(|index| bases.get(&index));
        let value = (base.copied().unwrap_or(0) + symbol.address())
            .wrapping_add_signed(relocation.addend());
        let bytes = match file.is_little_endian() {
            true => value.to_le_bytes(),
            false => value.to_be_bytes(),
        };
        let length = usize::from(relocation.size()) / 8;
        let bytes = match file.is_little_endian() {
            true => &bytes[..length],
            false => &bytes[8 - length..],
        };
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let place = start
            .checked_add(length)
            .and_then(|end| data.get_mut(start..end));
        if let Some(place) = place {
            place.copy_from_slice(bytes);
        }
    }
    Ok(data)
}
