//! Reading the inlined calls of helpers from the debug sections of a packaged file.
//!
//! DWARF has an entry for each piece of code that came of an inlined call
//! (`DW_TAG_inlined_subroutine`). A call of which LLVM left no instruction, say one whose
//! value was known, has none, so there may be fewer than were inlined; and one in a
//! function that was itself inlined or copied has several. Not here: the form of what is
//! found (`site`), or what a tracer is told (`probes`).

mod file;
mod function;
mod last;
mod patched;
mod place;
mod relocated;
mod unfit;
mod walk;

use super::site::{Recoverable, SiteTotals, SitesReport};
use crate::{Error, Result, files};
use file::Packaged;
use gimli::{EndianSlice, LittleEndian, RelocateReader};
use relocated::Relocations;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use walk::Walk;

/// What debug sections are read by: little-endian, as both architectures are.
type Reader<'a> = RelocateReader<EndianSlice<'a, LittleEndian>, &'a Relocations>;

/// Reads the inlined calls of these helpers, by their C symbols, from a module, an object
/// or an executable. A file without debug sections has none. Where a kernel takes no probe
/// they say why; of a file that it loads, or is linked from (`in_kernel`), that is another
/// matter than of a program.
///
/// # Errors
/// When it cannot be read, is no ELF file for x86_64 or aarch64, or its debug sections
/// are damaged.
pub fn read_sites(path: &Path, helpers: &BTreeSet<&str>, in_kernel: bool) -> Result<SitesReport> {
    let malformed = |detail: String| Error::Malformed {
        path: path.to_owned(),
        expected: "file with debug sections",
        detail,
    };
    let data = files::read(path)?;
    let file = Packaged::parse(&data, in_kernel).map_err(|e| malformed(e.to_string()))?;
    let sections = gimli::DwarfSections::load(|id| file.debug_section(id.name()))
        .map_err(|e: object::Error| malformed(e.to_string()))?;
    let relocations: HashMap<&str, Relocations> = sections_of_dwarf()
        .map(|id| Ok((id.name(), file.relocations(id.name())?)))
        .collect::<Result<_, object::Error>>()
        .map_err(|e| malformed(e.to_string()))?;
    let dwarf = sections.borrow(|section| {
        let reader = EndianSlice::new(&section.bytes, LittleEndian);
        RelocateReader::new(reader, &relocations[section.name])
    });
    let mut calls = Walk::new(&dwarf, &file, helpers)
        .and_then(|walk| walk.calls())
        .map_err(|e| malformed(dwarf.format_error(e)))?;
    calls.sort_by(|a, b| {
        let key = |call: &super::site::InlinedCall| {
            let entry = &call.ranges[0];
            (entry.section.clone(), entry.address, call.helper.clone())
        };
        key(a).cmp(&key(b))
    });
    let count = |what| calls.iter().filter(|call| call.recoverable == what).count() as u64;
    Ok(SitesReport {
        totals: SiteTotals {
            fully: count(Recoverable::Fully),
            partly: count(Recoverable::Partly),
            not: count(Recoverable::Not),
        },
        calls,
    })
}

/// The sections that gimli may ask for.
fn sections_of_dwarf() -> impl Iterator<Item = gimli::SectionId> {
    use gimli::SectionId::{
        DebugAbbrev, DebugAddr, DebugAranges, DebugInfo, DebugLine, DebugLineStr, DebugLoc,
        DebugLocLists, DebugMacinfo, DebugMacro, DebugRanges, DebugRngLists, DebugStr,
        DebugStrOffsets, DebugTypes,
    };
    [
        DebugAbbrev,
        DebugAddr,
        DebugAranges,
        DebugInfo,
        DebugLine,
        DebugLineStr,
        DebugLoc,
        DebugLocLists,
        DebugMacinfo,
        DebugMacro,
        DebugRanges,
        DebugRngLists,
        DebugStr,
        DebugStrOffsets,
        DebugTypes,
    ]
    .into_iter()
}
