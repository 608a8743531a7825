//! One of two twins: its functions, their instructions, and of what in the source each
//! instruction is.
//!
//! Not here: the other twin (`calls`).

use super::disassembly::{self, Instructions};
use super::frames::{DebugSections, Frame, Frames};
use crate::prove::object::is_call;
use crate::{Error, Result, files};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionIndex,
    SectionKind, SymbolKind,
};
use rustc_demangle::demangle;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::rc::Rc;

/// An object that was linked with debug sections.
pub(super) struct Twin {
    pub text_bytes: u64,
    /// By section and address.
    pub functions: Vec<Function>,
    /// The code itself, and what is put into it.
    pub code: Vec<Code>,
}

/// One section's bytes and relocations, comparable.
pub(super) type Code = (String, Vec<u8>, Vec<(u64, String)>);

/// A function of an object.
pub(super) struct Function {
    pub symbol: String,
    /// Demangled.
    pub name: String,
    pub bytes: u64,
    pub instructions: Vec<Instruction>,
}

/// One instruction.
pub(super) struct Instruction {
    /// Bytes from the function's beginning.
    pub offset: u64,
    pub bytes: u64,
    /// As the disassembler writes it.
    pub text: String,
    /// The symbol that a linker puts into it.
    pub target: Option<String>,
    /// Whether that is called, or jumped to.
    pub is_call: bool,
    /// The innermost first.
    pub frames: Rc<[Frame]>,
}

impl Twin {
    /// Gives helpers in frames their symbols, by which they are known.
    pub(super) fn name_frames(&mut self, c_names: &BTreeMap<&str, &str>) {
        let functions = self.functions.iter_mut();
        for instruction in functions.flat_map(|function| &mut function.instructions) {
            let is_meant = |frame: &Frame| c_names.contains_key(frame.function.as_str());
            if !instruction.frames.iter().any(is_meant) {
                continue;
            }
            let named = instruction.frames.iter().cloned().map(|mut frame| {
                if let Some(symbol) = c_names.get(frame.function.as_str()) {
                    (*symbol).clone_into(&mut frame.function);
                }
                frame
            });
            instruction.frames = named.collect();
        }
    }

    /// Reads an object that has debug sections.
    pub(super) fn read(objdump: &Path, path: &Path) -> Result<Twin> {
        let malformed = |error: object::Error| Error::Malformed {
            path: path.to_owned(),
            expected: "object file",
            detail: error.to_string(),
        };
        let data = files::read(path)?;
        let file = object::File::parse(data.as_slice()).map_err(malformed)?;
        let debug = DebugSections::read(&file).map_err(malformed)?;
        let frames = debug.frames(path)?;
        let mut words = disassembly::read(objdump, path)?;
        let symbols = Symbols::of(&file);
        let mut twin = Twin {
            text_bytes: 0,
            functions: Vec::new(),
            code: code(&file).map_err(malformed)?,
        };
        for section in file.sections().filter(|s| s.kind() == SectionKind::Text) {
            twin.text_bytes += section.size();
            let name = section.name().map_err(malformed)?;
            let Some(instructions) = words.get_mut(name).and_then(VecDeque::pop_front) else {
                continue;
            };
            let targets = targets(&file, &section, &symbols);
            let begun = symbols.by_section.get(&section.index());
            for (&begin, (symbol, bytes)) in begun.into_iter().flatten() {
                let reader = Reading {
                    section: section.index(),
                    begin,
                    end: begin + bytes,
                    frames: &frames,
                    targets: &targets,
                };
                twin.functions.push(Function {
                    name: format!("{:#}", demangle(symbol)),
                    symbol: symbol.clone(),
                    bytes: *bytes,
                    instructions: reader.instructions(&instructions)?,
                });
            }
        }
        Ok(twin)
    }
}

/// The code of an object, without what debug sections add to it.
pub(super) fn code(file: &object::File<'_>) -> object::Result<Vec<Code>> {
    let symbols = Symbols::of(file);
    let mut code = Vec::new();
    for section in file.sections().filter(|s| s.kind() == SectionKind::Text) {
        let targets = targets(file, &section, &symbols).into_iter();
        let targets = targets.map(|(offset, target)| (offset, target.name));
        code.push((
            section.name()?.to_owned(),
            section.data()?.to_vec(),
            targets.collect(),
        ));
    }
    code.sort();
    Ok(code)
}

/// Functions by section and address, with their sizes.
struct Symbols {
    by_section: HashMap<SectionIndex, BTreeMap<u64, (String, u64)>>,
}

impl Symbols {
    fn of(file: &object::File<'_>) -> Symbols {
        let mut by_section: HashMap<_, BTreeMap<_, _>> = HashMap::new();
        for symbol in file.symbols() {
            let (Some(section), Ok(name)) = (symbol.section_index(), symbol.name()) else {
                continue;
            };
            if symbol.kind() == SymbolKind::Text && symbol.size() > 0 {
                let of_section = by_section.entry(section).or_default();
                of_section.insert(symbol.address(), (name.to_owned(), symbol.size()));
            }
        }
        Symbols { by_section }
    }

    /// What a relocation against a section's own symbol means: local functions are often
    /// named so.
    fn named_by_section(&self, symbol: &object::Symbol<'_, '_>, addend: i64) -> Option<String> {
        let functions = self.by_section.get(&symbol.section_index()?)?;
        // One that is relative counts from the end of its field, of four bytes.
        let places = [addend, addend.wrapping_add(4)].into_iter();
        let mut places = places.filter_map(|place| u64::try_from(place).ok());
        let (name, _) = places.find_map(|place| functions.get(&place))?;
        Some(name.clone())
    }
}

/// What a linker puts into an instruction.
struct Target {
    name: String,
    is_call: bool,
}

/// The targets of a section's relocations, by their places.
fn targets(
    file: &object::File<'_>,
    section: &object::Section<'_, '_>,
    symbols: &Symbols,
) -> BTreeMap<u64, Target> {
    let mut targets = BTreeMap::new();
    for (offset, relocation) in section.relocations() {
        let RelocationTarget::Symbol(index) = relocation.target() else {
            continue;
        };
        let Ok(symbol) = file.symbol_by_index(index) else {
            continue;
        };
        let name = match symbol.kind() {
            SymbolKind::Section => symbols.named_by_section(&symbol, relocation.addend()),
            _ => symbol.name().ok().map(str::to_owned),
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            targets.insert(
                offset,
                Target {
                    name,
                    is_call: is_call(relocation.flags()),
                },
            );
        }
    }
    targets
}

/// One function being read.
struct Reading<'a, 'f> {
    section: SectionIndex,
    begin: u64,
    end: u64,
    frames: &'a Frames<'f>,
    targets: &'a BTreeMap<u64, Target>,
}

impl Reading<'_, '_> {
    fn instructions(&self, section: &Instructions) -> Result<Vec<Instruction>> {
        let first = section.partition_point(|(address, _)| *address < self.begin);
        let last = section.partition_point(|(address, _)| *address < self.end);
        let mut instructions: Vec<Instruction> = Vec::new();
        for (index, (address, text)) in section[first..last].iter().enumerate() {
            let next = section[..last].get(first + index + 1);
            let end = next.map_or(self.end, |(address, _)| *address);
            let target = self.targets.range(*address..end).next();
            let frames = self.frames.at(self.section, *address)?;
            // Neighbours are mostly of one place.
            let before = instructions.last().map(|before| &before.frames);
            let frames = before
                .filter(|b| ***b == *frames)
                .cloned()
                .unwrap_or(frames);
            instructions.push(Instruction {
                offset: address - self.begin,
                bytes: end - address,
                text: text.clone(),
                target: target.map(|(_, target)| target.name.clone()),
                is_call: target.is_some_and(|(_, target)| target.is_call),
                frames,
            });
        }
        Ok(instructions)
    }
}
