//! Functions as the debug sections declare them: their names and parameters.
//!
//! A helper is declared in its own unit, and its inlined calls are in those of its
//! callers. Not here: the calls (`walk`).

use super::Reader;
use super::place::BaseType;
use gimli::{AttributeValue, Dwarf, Unit, UnitOffset, constants as dw};

/// A unit's entry, as gimli has it.
pub(super) type Entry<'abbrev, 'unit, 'data> =
    gimli::DebuggingInformationEntry<'abbrev, 'unit, Reader<'data>>;

/// All units of a file.
pub(super) struct Units<'data, 'dwarf> {
    pub(super) dwarf: &'dwarf Dwarf<Reader<'data>>,
    /// By their place in the section.
    pub(super) all: Vec<Unit<Reader<'data>>>,
}

/// An entry's place: its unit's number, and where it is in that.
pub(super) type Place = (usize, UnitOffset);

/// A parameter as it is declared.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) at: Place,
    pub(super) name: String,
    /// How many bytes it has.
    pub(super) bytes: Option<u64>,
    /// How a probe reads it: whether as a signed or unsigned number, or as bits.
    pub(super) class: Option<char>,
}

/// Types are not nested deeper, nor are declarations.
const DEPTH: usize = 16;

impl<'data, 'dwarf> Units<'data, 'dwarf> {
    pub(super) fn of(dwarf: &'dwarf Dwarf<Reader<'data>>) -> gimli::Result<Units<'data, 'dwarf>> {
        let mut all = Vec::new();
        let mut headers = dwarf.units();
        while let Some(header) = headers.next()? {
            all.push(dwarf.unit(header)?);
        }
        Ok(Units { dwarf, all })
    }

    /// What an attribute refers to.
    pub(super) fn reference(
        &self,
        unit: usize,
        value: Option<AttributeValue<Reader<'data>>>,
    ) -> Option<Place> {
        match value? {
            AttributeValue::UnitRef(offset) => Some((unit, offset)),
            AttributeValue::DebugInfoRef(offset) => {
                let starts =
                    |unit: &Unit<Reader<'data>>| unit.header.offset().as_debug_info_offset();
                let after = self
                    .all
                    .partition_point(|unit| starts(unit) <= Some(offset));
                let number = after.checked_sub(1)?;
                let offset = offset.to_unit_offset(&self.all[number].header)?;
                Some((number, offset))
            }
            _ => None,
        }
    }

    /// A function's symbol, or its name where it has no other.
    pub(super) fn symbol(&self, at: Place) -> gimli::Result<Option<String>> {
        let mut at = at;
        for _ in 0..DEPTH {
            let unit = &self.all[at.0];
            let entry = unit.entry(at.1)?;
            for name in [
                dw::DW_AT_linkage_name,
                dw::DW_AT_MIPS_linkage_name,
                dw::DW_AT_name,
            ] {
                if let Some(value) = entry.attr_value(name)? {
                    return self.text(unit, value).map(Some);
                }
            }
            let mut next = None;
            for origin in [dw::DW_AT_abstract_origin, dw::DW_AT_specification] {
                next = next.or(self.reference(at.0, entry.attr_value(origin)?));
            }
            match next {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn text(
        &self,
        unit: &Unit<Reader<'data>>,
        value: AttributeValue<Reader<'data>>,
    ) -> gimli::Result<String> {
        let text = self.dwarf.attr_string(unit, value)?;
        Ok(gimli::Reader::to_string_lossy(&text)?.into_owned())
    }

    /// The parameters that are declared at a function.
    pub(super) fn parameters(&self, at: Place) -> gimli::Result<Vec<Declared>> {
        let unit = &self.all[at.0];
        let mut tree = unit.entries_tree(Some(at.1))?;
        let mut children = tree.root()?.children();
        let mut found = Vec::new();
        while let Some(child) = children.next()? {
            let entry = child.entry();
            if entry.tag() != dw::DW_TAG_formal_parameter {
                continue;
            }
            let name = match entry.attr_value(dw::DW_AT_name)? {
                Some(value) => self.text(unit, value)?,
                None => format!("parameter{}", found.len() + 1),
            };
            let (bytes, class) =
                self.value_type(self.reference(at.0, entry.attr_value(dw::DW_AT_type)?))?;
            found.push(Declared {
                at: (at.0, entry.offset()),
                name,
                bytes,
                class,
            });
        }
        Ok(found)
    }

    /// How large a type is, and how a probe reads it.
    fn value_type(&self, at: Option<Place>) -> gimli::Result<(Option<u64>, Option<char>)> {
        let mut at = at;
        for _ in 0..DEPTH {
            let Some((number, offset)) = at else {
                break;
            };
            let entry = self.all[number].entry(offset)?;
            let bytes = entry.attr_value(dw::DW_AT_byte_size)?;
            let bytes = bytes.and_then(|value| value.udata_value());
            let class = match entry.tag() {
                dw::DW_TAG_pointer_type => return Ok((bytes.or(Some(8)), Some('x'))),
                dw::DW_TAG_base_type => match entry.attr_value(dw::DW_AT_encoding)? {
                    Some(AttributeValue::Encoding(dw::DW_ATE_signed | dw::DW_ATE_signed_char)) => {
                        Some('s')
                    }
                    Some(AttributeValue::Encoding(
                        dw::DW_ATE_unsigned
                        | dw::DW_ATE_unsigned_char
                        | dw::DW_ATE_boolean
                        | dw::DW_ATE_UTF,
                    )) => Some('u'),
                    _ => None,
                },
                dw::DW_TAG_enumeration_type => {
                    let (_, class) =
                        self.value_type(self.reference(number, entry.attr_value(dw::DW_AT_type)?))?;
                    class.or(Some('u'))
                }
                dw::DW_TAG_structure_type | dw::DW_TAG_union_type => Some('x'),
                _ => {
                    at = self.reference(number, entry.attr_value(dw::DW_AT_type)?);
                    continue;
                }
            };
            return Ok((bytes, class));
        }
        Ok((None, None))
    }

    /// A base type that an expression of a unit names.
    pub(super) fn base_type(&self, unit: usize, offset: UnitOffset) -> Option<BaseType> {
        let (bytes, class) = self.value_type(Some((unit, offset))).ok()?;
        Some(BaseType {
            bytes: bytes?,
            signed: class? == 's',
        })
    }
}

impl Declared {
    /// Its type for a probe, when it, or the part that is read of it, has one.
    pub(super) fn value_type(&self, part: Option<(u64, bool)>) -> Option<String> {
        let class = self.class?;
        let (bytes, class) = match part {
            None => (self.bytes?, class),
            Some((bytes, true)) => (bytes, 's'),
            Some((bytes, false)) => (bytes, 'u'),
        };
        [1, 2, 4, 8]
            .contains(&bytes)
            .then(|| format!("{class}{}", bytes * 8))
    }
}
