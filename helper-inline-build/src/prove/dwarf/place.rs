//! Where a value is, from a DWARF expression, as far as a tracer can say it in turn.
//!
//! What a probe cannot compute, say the value that a register had at a function's entry,
//! or one in pieces, is lost. Not here: which expression holds at a call (`walk`).

use crate::prove::site::Place;
use gimli::{Encoding, Expression, Operation, Reader, Register, UnitOffset};
use object::Architecture;

/// A value on the expression's stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A number.
    Constant(i128),
    /// A register and an offset.
    Register(Register, i64),
    /// What a register's low bytes hold: how many, and whether signed.
    Narrow(Register, u64, bool),
    /// What is in memory at a register and an offset.
    Memory(Register, i64),
}

/// A base type that a value is converted to; the generic type is one of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BaseType {
    pub(super) bytes: u64,
    pub(super) signed: bool,
}

/// A value's place, and of a register how much is to be read of it when that is less
/// than the whole value: its bytes, and whether they are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) narrow: Option<(u64, bool)>,
}

impl Found {
    pub(super) fn lost() -> Found {
        Found {
            place: Place::Lost,
            narrow: None,
        }
    }

    fn at(place: Place) -> Found {
        Found {
            place,
            narrow: None,
        }
    }
}

/// What an expression is read with.
pub(super) struct Evaluation<'a> {
    pub(super) architecture: Architecture,
    pub(super) encoding: Encoding,
    /// The register that the function's frame base is.
    pub(super) frame_base: Option<Register>,
    /// How many bytes the value has.
    pub(super) bytes: Option<u64>,
    /// Looks up a base type of the unit.
    pub(super) base_type: &'a dyn Fn(usize) -> Option<BaseType>,
}

impl Evaluation<'_> {
    /// Where the value of an expression is.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub(super) fn place<R>(&self, expression: Expression<R>) -> gimli::Result<Found>
    where
        R: Reader<Offset = usize>,
    {
        let mut operations = expression.operations(self.encoding);
        let mut stack: Vec<Value> = Vec::new();
        let mut is_value = false;
        let mut direct = None;
        while let Some(operation) = operations.next()? {
            // Nothing but the size of a piece may follow what ends an expression.
            if let Operation::Piece {
                size_in_bits,
                bit_offset: None,
            } = operation
            {
                let whole = self.bytes.is_some_and(|bytes| bytes * 8 == size_in_bits);
                if whole && (direct.is_some() || !stack.is_empty()) {
                    continue;
                }
                return Ok(Found::lost());
            }
            if is_value || direct.is_some() {
                return Ok(Found::lost());
            }
            match operation {
                Operation::Register { register } => direct = Some(register),
                Operation::StackValue => is_value = true,
                Operation::Nop => (),
                other => match self.step(&mut stack, &other) {
                    Some(()) => (),
                    None => return Ok(Found::lost()),
                },
            }
        }
        Ok(match (direct, stack.pop()) {
            (Some(register), None) => self.in_register(register, 0),
            (None, Some(value)) if is_value => self.value(value),
            (None, Some(value)) => self.memory(value),
            _ => Found::lost(),
        })
    }

    /// One operation; none if a probe could not do it.
    fn step<R>(&self, stack: &mut Vec<Value>, operation: &Operation<R>) -> Option<()>
    where
        R: Reader<Offset = usize>,
    {
        let value = match *operation {
            Operation::UnsignedConstant { value } => Value::Constant(value.into()),
            Operation::SignedConstant { value } => Value::Constant(value.into()),
            Operation::RegisterOffset {
                register, offset, ..
            } => Value::Register(register, offset),
            Operation::FrameOffset { offset } => Value::Register(self.frame_base?, offset),
            Operation::Deref {
                size, space: false, ..
            } => match stack.pop()? {
                Value::Register(register, offset) if self.is_whole(size.into()) => {
                    Value::Memory(register, offset)
                }
                _ => return None,
            },
            Operation::PlusConstant { value } => add(stack.pop()?, i128::from(value as i64))?,
            Operation::Plus => match (stack.pop()?, stack.pop()?) {
                (Value::Constant(number), other) | (other, Value::Constant(number)) => {
                    add(other, number)?
                }
                _ => return None,
            },
            Operation::Minus => match (stack.pop()?, stack.pop()?) {
                (Value::Constant(number), other) => add(other, -number)?,
                _ => return None,
            },
            Operation::And => match (stack.pop()?, stack.pop()?) {
                (Value::Constant(mask), value) | (value, Value::Constant(mask)) => {
                    self.masked(value, mask)?
                }
                _ => return None,
            },
            Operation::Convert {
                base_type: UnitOffset(0),
            } => stack.pop()?,
            Operation::Convert { base_type } => {
                self.converted(stack.pop()?, (self.base_type)(base_type.0)?)?
            }
            _ => return None,
        };
        stack.push(value);
        Some(())
    }

    /// Whether so many bytes are no less than the value's own.
    fn is_whole(&self, bytes: u64) -> bool {
        bytes >= self.bytes.unwrap_or(8)
    }

    fn masked(&self, value: Value, mask: i128) -> Option<Value> {
        let bytes = match mask {
            0xff => 1,
            0xffff => 2,
            0xffff_ffff => 4,
            _ => return None,
        };
        let signed = false;
        self.converted(value, BaseType { bytes, signed })
    }

    fn converted(&self, value: Value, to: BaseType) -> Option<Value> {
        Some(match value {
            // What is cut off is not of the value.
            value if self.is_whole(to.bytes) => value,
            Value::Register(register, 0) if [1, 2, 4].contains(&to.bytes) => {
                Value::Narrow(register, to.bytes, to.signed)
            }
            _ => return None,
        })
    }

    /// The value is what the stack has.
    fn value(&self, value: Value) -> Found {
        match value {
            Value::Constant(number) => Found::at(Place::Constant(number.to_string())),
            Value::Register(register, offset) => self.in_register(register, offset),
            Value::Memory(register, offset) => self.on_stack(register, offset),
            Value::Narrow(register, bytes, signed) => Found {
                narrow: Some((bytes, signed)),
                ..self.in_register(register, 0)
            },
        }
    }

    /// The value is in memory at what the stack has.
    fn memory(&self, address: Value) -> Found {
        match address {
            Value::Register(register, offset) => self.on_stack(register, offset),
            _ => Found::lost(),
        }
    }

    fn in_register(&self, register: Register, offset: i64) -> Found {
        match self.text(register, offset) {
            Some(text) => Found::at(Place::Register(text)),
            None => Found::lost(),
        }
    }

    fn on_stack(&self, register: Register, offset: i64) -> Found {
        match self.text(register, offset) {
            Some(text) => Found::at(Place::Stack(text)),
            None => Found::lost(),
        }
    }

    /// `rdi`, `rsp+24`; none for a register that no probe can read.
    fn text(&self, register: Register, offset: i64) -> Option<String> {
        let name = match self.architecture {
            Architecture::X86_64 if register.0 < 16 => gimli::X86_64::register_name(register)?,
            Architecture::Aarch64 if register.0 < 32 => gimli::AArch64::register_name(register)?,
            _ => return None,
        };
        let name = name.to_lowercase();
        Some(match offset {
            0 => name,
            _ => format!("{name}{offset:+}"),
        })
    }
}

fn add(value: Value, number: i128) -> Option<Value> {
    match value {
        Value::Constant(one) => Some(Value::Constant(one + number)),
        Value::Register(register, offset) => {
            let offset = i128::from(offset) + number;
            Some(Value::Register(register, i64::try_from(offset).ok()?))
        }
        Value::Narrow(..) | Value::Memory(..) => None,
    }
}

#[cfg(test)]
mod tests;
