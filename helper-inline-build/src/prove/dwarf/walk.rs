//! Going through the entries of the debug sections, for the inlined calls of helpers.
//!
//! Not here: what an expression says (`place`), or what a function's entry does
//! (`function`).

use super::Reader;
use super::file::Packaged;
use super::function::{Declared, Entry, Place as EntryPlace, Units};
use super::place::{Evaluation, Found};
use crate::prove::site::{CodeRange, InlinedCall, Parameter, Place, Recoverable};
use gimli::{AttributeValue, Dwarf, Expression, Operation, Register, constants as dw};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// A helper: its symbol and its parameters.
struct Helper {
    symbol: String,
    parameters: Vec<Declared>,
}

/// A function or an inlined call that an entry is in.
#[derive(Clone, Copy)]
struct Holder {
    depth: isize,
    at: EntryPlace,
    frame_base: Option<Register>,
}

pub(super) struct Walk<'data, 'w> {
    units: Units<'data, 'w>,
    file: &'w Packaged<'w>,
    wanted: &'w BTreeSet<&'w str>,
    /// What calls' origins are, and whether that is a helper that is wanted.
    origins: HashMap<EntryPlace, Option<Helper>>,
}

impl<'data, 'w> Walk<'data, 'w> {
    pub(super) fn new(
        dwarf: &'w Dwarf<Reader<'data>>,
        file: &'w Packaged<'w>,
        wanted: &'w BTreeSet<&'w str>,
    ) -> gimli::Result<Walk<'data, 'w>> {
        Ok(Walk {
            units: Units::of(dwarf)?,
            file,
            wanted,
            origins: HashMap::new(),
        })
    }

    /// Every inlined call that has left code.
    pub(super) fn calls(mut self) -> gimli::Result<Vec<InlinedCall>> {
        let mut calls = Vec::new();
        for number in 0..self.units.all.len() {
            self.unit(number, &mut calls)?;
        }
        Ok(calls)
    }

    fn unit(&mut self, number: usize, calls: &mut Vec<InlinedCall>) -> gimli::Result<()> {
        let mut holders: Vec<Holder> = Vec::new();
        let mut found = Vec::new();
        let mut cursor = self.units.all[number].entries();
        let mut depth = 0;
        while let Some((step, entry)) = cursor.next_dfs()? {
            depth += step;
            holders.retain(|holder| holder.depth < depth);
            let at = (number, entry.offset());
            let frame_base = match entry.tag() {
                dw::DW_TAG_subprogram => self.frame_base(number, entry)?,
                dw::DW_TAG_inlined_subroutine => {
                    let caller = holders.last().copied();
                    found.extend(caller.map(|caller| (at, caller)));
                    caller.and_then(|caller| caller.frame_base)
                }
                _ => continue,
            };
            holders.push(Holder {
                depth,
                at,
                frame_base,
            });
        }
        for (at, caller) in found {
            calls.extend(self.call(at, caller)?);
        }
        Ok(())
    }

    /// The register that a function's frame base is. Where it is the canonical frame
    /// address, a probe would have to unwind.
    fn frame_base(
        &self,
        number: usize,
        entry: &Entry<'_, '_, 'data>,
    ) -> gimli::Result<Option<Register>> {
        let Some(AttributeValue::Exprloc(expression)) = entry.attr_value(dw::DW_AT_frame_base)?
        else {
            return Ok(None);
        };
        let encoding = self.units.all[number].encoding();
        let mut operations = expression.operations(encoding);
        Ok(match (operations.next()?, operations.next()?) {
            (Some(Operation::Register { register }), None) => Some(register),
            _ => None,
        })
    }

    /// An inlined call, if it is one of a helper and has code.
    fn call(&mut self, at: EntryPlace, caller: Holder) -> gimli::Result<Option<InlinedCall>> {
        let entry = self.units.all[at.0].entry(at.1)?;
        let origin = entry.attr_value(dw::DW_AT_abstract_origin)?;
        let Some(origin) = self.units.reference(at.0, origin) else {
            return Ok(None);
        };
        if !self.origins.contains_key(&origin) {
            let helper = self.helper(origin)?;
            self.origins.insert(origin, helper);
        }
        let Some(helper) = &self.origins[&origin] else {
            return Ok(None);
        };
        let (ranges, begin) = self.ranges(at.0, &entry)?;
        if ranges.is_empty() {
            return Ok(None);
        }
        let parameters = self.parameters(at, begin, caller.frame_base, helper)?;
        let symbol = self.units.symbol(caller.at)?.unwrap_or_default();
        Ok(Some(InlinedCall {
            helper: helper.symbol.clone(),
            caller: format!("{:#}", rustc_demangle::demangle(&symbol)),
            location: self.location(at.0, &entry)?,
            ranges,
            refused: self.file.refusal(begin),
            recoverable: Recoverable::of(&parameters),
            parameters,
        }))
    }

    fn helper(&self, origin: EntryPlace) -> gimli::Result<Option<Helper>> {
        let symbol = self.units.symbol(origin)?;
        let Some(symbol) = symbol.filter(|symbol| self.wanted.contains(symbol.as_str())) else {
            return Ok(None);
        };
        let parameters = self.units.parameters(origin)?;
        Ok(Some(Helper { symbol, parameters }))
    }

    /// The pieces of a call's code, the one with its entry first, and the entry as the
    /// debug sections have it.
    fn ranges(
        &self,
        number: usize,
        entry: &Entry<'_, '_, 'data>,
    ) -> gimli::Result<(Vec<CodeRange>, u64)> {
        let (dwarf, unit) = (self.units.dwarf, &self.units.all[number]);
        let told = match entry.attr_value(dw::DW_AT_entry_pc)? {
            Some(AttributeValue::Udata(offset)) => entry
                .attr_value(dw::DW_AT_low_pc)?
                .map(|low| dwarf.attr_address(unit, low))
                .transpose()?
                .flatten()
                .map(|low| low + offset),
            Some(value) => dwarf.attr_address(unit, value)?,
            None => None,
        };
        let mut pieces = Vec::new();
        let mut ranges = dwarf.die_ranges(unit, entry)?;
        while let Some(range) = ranges.next()? {
            let piece = self.file.range(range.begin, range.end);
            pieces.extend(piece.map(|piece| (range, piece)));
        }
        // LLVM lists them as the code is laid out.
        let holds = |(range, _): &(gimli::Range, CodeRange)| {
            told.is_some_and(|told| (range.begin..range.end).contains(&told))
        };
        let first = pieces.iter().position(holds).unwrap_or(0);
        if let Some(chosen) = pieces.get(first).cloned() {
            pieces.remove(first);
            pieces.insert(0, chosen);
        }
        let begin = pieces.first().map_or(0, |(range, _)| range.begin);
        Ok((pieces.into_iter().map(|(_, piece)| piece).collect(), begin))
    }

    /// Where each declared parameter is when the call's code begins.
    fn parameters(
        &self,
        at: EntryPlace,
        begin: u64,
        frame_base: Option<Register>,
        helper: &Helper,
    ) -> gimli::Result<Vec<Parameter>> {
        let unit = &self.units.all[at.0];
        let mut places = HashMap::new();
        let mut tree = unit.entries_tree(Some(at.1))?;
        let mut children = tree.root()?.children();
        while let Some(child) = children.next()? {
            let entry = child.entry();
            if entry.tag() != dw::DW_TAG_formal_parameter {
                continue;
            }
            let origin = entry.attr_value(dw::DW_AT_abstract_origin)?;
            let origin = self.units.reference(at.0, origin);
            let declared = helper.parameters.iter().find(|d| Some(d.at) == origin);
            if let Some(declared) = declared {
                let place = self.place(at.0, begin, frame_base, declared, entry)?;
                places.insert(declared.at, place);
            }
        }
        let parameters = helper.parameters.iter().map(|declared| {
            let found = places.remove(&declared.at).unwrap_or_else(Found::lost);
            Parameter {
                name: declared.name.clone(),
                value_type: declared.value_type(found.narrow),
                place: found.place,
            }
        });
        Ok(parameters.collect())
    }

    fn place(
        &self,
        number: usize,
        begin: u64,
        frame_base: Option<Register>,
        declared: &Declared,
        entry: &Entry<'_, '_, 'data>,
    ) -> gimli::Result<Found> {
        let constant = |number: String| Found {
            place: Place::Constant(number),
            narrow: None,
        };
        if let Some(value) = entry.attr_value(dw::DW_AT_const_value)? {
            return Ok(match value {
                AttributeValue::Sdata(number) => constant(number.to_string()),
                other => other
                    .udata_value()
                    .map_or_else(Found::lost, |number| constant(number.to_string())),
            });
        }
        let Some(expression) = self.expression(number, begin, entry)? else {
            return Ok(Found::lost());
        };
        let unit = &self.units.all[number];
        let evaluation = Evaluation {
            architecture: self.file.architecture(),
            encoding: unit.encoding(),
            frame_base,
            bytes: declared.bytes,
            base_type: &|offset| self.units.base_type(number, gimli::UnitOffset(offset)),
        };
        evaluation.place(expression)
    }

    /// The expression that holds at an address.
    fn expression(
        &self,
        number: usize,
        address: u64,
        entry: &Entry<'_, '_, 'data>,
    ) -> gimli::Result<Option<Expression<Reader<'data>>>> {
        let value = match entry.attr_value(dw::DW_AT_location)? {
            None => return Ok(None),
            Some(AttributeValue::Exprloc(expression)) => return Ok(Some(expression)),
            Some(value) => value,
        };
        let unit = &self.units.all[number];
        let Some(mut list) = self.units.dwarf.attr_locations(unit, value)? else {
            return Ok(None);
        };
        while let Some(entry) = list.next()? {
            if (entry.range.begin..entry.range.end).contains(&address) {
                return Ok(Some(entry.data));
            }
        }
        Ok(None)
    }

    /// `file:line:column` of the call in the source.
    fn location(
        &self,
        number: usize,
        entry: &Entry<'_, '_, 'data>,
    ) -> gimli::Result<Option<String>> {
        let unit = &self.units.all[number];
        let number = |name| {
            let value = entry.attr_value(name)?;
            Ok::<_, gimli::Error>(value.and_then(|value| value.udata_value()))
        };
        let file = match entry.attr_value(dw::DW_AT_call_file)? {
            Some(AttributeValue::FileIndex(index)) => index,
            _ => return Ok(None),
        };
        let (Some(program), Some(line)) = (&unit.line_program, number(dw::DW_AT_call_line)?) else {
            return Ok(None);
        };
        let header = program.header();
        let Some(file) = header.file(file) else {
            return Ok(None);
        };
        let text = |value| {
            let text = self.units.dwarf.attr_string(unit, value)?;
            Ok::<_, gimli::Error>(gimli::Reader::to_string_lossy(&text)?.into_owned())
        };
        let mut path = PathBuf::new();
        if let Some(directory) = &unit.comp_dir {
            path.push(&*gimli::Reader::to_string_lossy(directory)?);
        }
        if let Some(directory) = file.directory(header) {
            path.push(text(directory)?);
        }
        path.push(text(file.path_name())?);
        let column = number(dw::DW_AT_call_column)?.unwrap_or(0);
        Ok(Some(format!("{}:{line}:{column}", path.display())))
    }
}
