//! A parameter's value, as the tracers name it.
//!
//! Not here: their lines.

use crate::prove::site::{Parameter, Place};

/// A value that a probe reads.
pub(super) struct Value {
    source: Source,
    /// Signed, unsigned or bits, and how many of them.
    class: char,
    bits: u8,
}

enum Source {
    /// A register's value and an offset.
    Register(Register, i64),
    /// What is in memory at them.
    Memory(Register, i64),
    /// A number.
    Constant(i128),
}

/// A register as DWARF calls it: `rdi`, `r10`, `x0`, `sp`.
struct Register {
    name: String,
    is_x86: bool,
}

impl Register {
    /// As the kernel calls it: `di`, `r10`, `x0`, `sp`.
    fn of_kernel(&self) -> &str {
        match self.name.strip_prefix('r') {
            Some(rest) if self.is_x86 && !rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
            _ => &self.name,
        }
    }

    /// As bpftrace calls it: `di`, `r10`, `r0`, `sp`.
    fn of_bpftrace(&self) -> String {
        match self.name.strip_prefix('x') {
            Some(number) if !self.is_x86 => format!("r{number}"),
            _ => self.of_kernel().to_owned(),
        }
    }
}

impl Value {
    /// A parameter's value; none for one that is lost, or that a probe has no type for.
    pub(super) fn of(parameter: &Parameter, is_x86: bool) -> Option<Value> {
        let value_type = parameter.value_type.as_deref()?;
        let class = value_type.chars().next()?;
        let bits = value_type[1..].parse().ok()?;
        let register = |text: &str| {
            let end = text.find(['+', '-']).unwrap_or(text.len());
            let (name, offset) = text.split_at(end);
            let offset = match offset {
                "" => 0,
                number => number.parse().ok()?,
            };
            let name = name.to_owned();
            Some((Register { name, is_x86 }, offset))
        };
        let source = match &parameter.place {
            Place::Register(text) => {
                let (register, offset) = register(text)?;
                Source::Register(register, offset)
            }
            Place::Stack(text) => {
                let (register, offset) = register(text)?;
                Source::Memory(register, offset)
            }
            Place::Constant(number) => Source::Constant(number.parse().ok()?),
            Place::Lost => return None,
        };
        Some(Value {
            source,
            class,
            bits,
        })
    }

    /// The end of the name of what tracefs can read of a value: it cannot add, and shows
    /// what the register has, so `lock_minus_16` is what `lock` is, less 16.
    pub(super) fn difference(&self) -> String {
        match self.source {
            Source::Register(_, 0) | Source::Memory(..) | Source::Constant(_) => String::new(),
            Source::Register(_, offset) if offset > 0 => format!("_minus_{offset}"),
            Source::Register(_, offset) => format!("_plus_{}", offset.unsigned_abs()),
        }
    }

    /// As tracefs fetches it: `%di:x64`, `+24(%sp):u32`, `\42:s32`.
    pub(super) fn of_tracefs(&self) -> String {
        let Value { class, bits, .. } = self;
        let source = match &self.source {
            Source::Register(register, _) => format!("%{}", register.of_kernel()),
            Source::Memory(register, offset) => format!("{offset:+}(%{})", register.of_kernel()),
            Source::Constant(number) => format!("\\{number}"),
        };
        format!("{source}:{class}{bits}")
    }

    /// As bpftrace computes it, and how it is printed.
    pub(super) fn of_bpftrace(&self) -> (String, &'static str) {
        let c_type = match self.class {
            's' => format!("int{}", self.bits),
            _ => format!("uint{}", self.bits),
        };
        let at = |register: &Register, offset: &i64| {
            let name = register.of_bpftrace();
            match offset {
                0 => format!("reg(\"{name}\")"),
                _ => format!(
                    "reg(\"{name}\") {} {}",
                    sign(*offset),
                    offset.unsigned_abs()
                ),
            }
        };
        let expression = match &self.source {
            Source::Register(register, offset) => {
                format!("({c_type})({})", at(register, offset))
            }
            Source::Memory(register, offset) => {
                format!("*({c_type} *)({})", at(register, offset))
            }
            Source::Constant(number) => number.to_string(),
        };
        let format = match self.class {
            's' => "%ld",
            'x' => "0x%lx",
            _ => "%lu",
        };
        (expression, format)
    }
}

fn sign(offset: i64) -> char {
    if offset < 0 { '-' } else { '+' }
}
