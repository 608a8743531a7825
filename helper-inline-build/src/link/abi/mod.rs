//! Where a call's arguments and result are by the C ABI: in which registers, at
//! which place of the stack.
//!
//! clang and rustc spell one and the same passing of a struct as different LLVM
//! types: two integers or a struct of two, a pointer to memory on the stack or
//! the integer that lies there. What decides is the places that LLVM's C calling
//! convention gives to each part. The rules are those of LLVM 19 to 22
//! (`X86CallingConv.td`, `AArch64CallingConvention.td`), and only what is certain
//! is here; anything else has no places, so nothing is built on it. Plain data:
//! not here is reading it from LLVM, or building code (`link::llvm`).

mod aarch64;
mod plan;
mod types;
mod x86_64;

use x86_64::LastRegister;

pub(super) use plan::{Piece, Plan, Transfer, plan};
pub(super) use types::{Leaf, Parameter, Passing, Signature, Type};

/// The calling conventions that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abi {
    /// System V for x86_64.
    X86_64,
    /// AAPCS64, little-endian.
    Aarch64,
}

impl Abi {
    /// That of a target triple. Windows, Apple's systems and the ABIs with
    /// 32-bit pointers have rules of their own.
    pub(super) fn of(triple: &str) -> Option<Abi> {
        let mut parts = triple.split('-');
        let abi = match parts.next()? {
            "x86_64" => Abi::X86_64,
            "aarch64" => Abi::Aarch64,
            _ => return None,
        };
        let parts: Vec<&str> = parts.collect();
        let known = parts.iter().any(|part| ["linux", "none"].contains(part));
        let narrow = parts.iter().any(|part| part.ends_with("32"));
        (known && !narrow).then_some(abi)
    }

    /// The places of the arguments' parts, in order, by each version of the rules
    /// that an LLVM has; `None` where they are not known.
    fn arguments(self, signature: &Signature) -> Option<Vec<Vec<Located>>> {
        match self {
            Abi::X86_64 => {
                let versions = [LastRegister::Stays, LastRegister::Goes];
                let arguments = |version| x86_64::arguments(signature, version);
                versions.into_iter().map(arguments).collect()
            }
            Abi::Aarch64 => Some(vec![aarch64::arguments(signature)?]),
        }
    }

    /// The places of the result's parts; `None` where they are not known.
    fn returned(self, returned: &Type) -> Option<Vec<Located>> {
        let leaves = returned.leaves()?;
        // An i128 fills the first two registers; inside a struct nobody has it.
        if leaves.len() > 1 && leaves.iter().any(|(_, leaf)| *leaf == Leaf::Integer(128)) {
            return None;
        }
        // More than these are returned in memory, which both compilers spell out.
        let (general, vectors) = match self {
            Abi::X86_64 => (2, 2),
            Abi::Aarch64 => (2, 4),
        };
        let mut registers = Registers::new(general, vectors);
        leaves
            .into_iter()
            .map(|(path, leaf)| {
                let place = match leaf {
                    Leaf::Integer(128) => registers.general(2),
                    Leaf::Integer(_) | Leaf::Pointer => registers.general(1),
                    _ => registers.vectors(1),
                };
                Some(Located {
                    value: 0,
                    path,
                    leaf,
                    place: place?,
                })
            })
            .collect()
    }
}

/// A place that a part of an argument or of a result is in. Registers are
/// numbered in the order in which the convention gives them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A general register.
    General(u64),
    /// The low bits of a vector register.
    Vector(u64),
    /// The register of its own that AArch64 has for the address of a result.
    Result,
    /// The stack, in bytes above the first argument's slot.
    Stack(u64),
}

impl Place {
    /// Where it begins in one row of all places, in bytes: registers beside each
    /// other are so there too, as the halves of an i128 need it.
    fn offset(self) -> u64 {
        const VECTORS: u64 = 8 * 8;
        const RESULT: u64 = VECTORS + 8 * 16;
        const STACK: u64 = RESULT + 16;
        match self {
            Place::General(number) => number * 8,
            Place::Vector(number) => VECTORS + number * 16,
            Place::Result => RESULT,
            Place::Stack(offset) => STACK + offset,
        }
    }
}

/// A part of an argument or of a result, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Located {
    /// The argument's number; 0 for the result.
    value: usize,
    /// The way to the part, inside the argument.
    path: Vec<u32>,
    leaf: Leaf,
    place: Place,
}

/// The registers that are left.
struct Registers {
    next_general: u64,
    next_vector: u64,
    general: u64,
    vectors: u64,
}

impl Registers {
    fn new(general: u64, vectors: u64) -> Registers {
        Registers {
            next_general: 0,
            next_vector: 0,
            general,
            vectors,
        }
    }

    /// The first of so many general registers in a row.
    fn general(&mut self, count: u64) -> Option<Place> {
        let first = self.next_general;
        if first + count > self.general {
            return None;
        }
        self.next_general += count;
        Some(Place::General(first))
    }

    /// The first of so many vector registers in a row.
    fn vectors(&mut self, count: u64) -> Option<Place> {
        let first = self.next_vector;
        if first + count > self.vectors {
            return None;
        }
        self.next_vector += count;
        Some(Place::Vector(first))
    }
}

/// The stack that is used so far, in bytes.
#[derive(Default)]
struct Stack(u64);

impl Stack {
    /// Takes so many bytes at an alignment.
    fn take(&mut self, bytes: u64, align: u64) -> Option<Place> {
        let offset = self.0.checked_next_multiple_of(align)?;
        self.0 = offset.checked_add(bytes)?;
        Some(Place::Stack(offset))
    }
}

#[cfg(test)]
mod tests;
