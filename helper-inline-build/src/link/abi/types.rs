//! Function types as plain data, as far as the C ABI depends on them.
//!
//! Not here: LLVM's own types (`link::llvm`), or where values are passed.

/// More parts than any register or struct by value has; a longer array is not
/// followed.
const MOST_LEAVES: usize = 64;

/// The type of a parameter or of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::link) enum Type {
    Void,
    Leaf(Leaf),
    Array(Box<Type>, u64),
    Struct(Vec<Type>),
    /// One whose passing is not known here.
    Unknown,
}

/// What is passed as one: a type without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::link) enum Leaf {
    /// An integer of so many bits, at most 64, or 128.
    Integer(u32),
    /// An address in the default address space.
    Pointer,
    Float,
    Double,
    /// `<2 x float>`, which clang makes of two floats.
    TwoFloats,
    /// A vector of 128 bits.
    Vector128,
    /// Memory of so many bytes, at an alignment, behind a `byval` pointer.
    Memory {
        bytes: u64,
        align: u64,
    },
}

impl Leaf {
    /// An integer, unless its width is passed in a way that is not known here.
    pub(in crate::link) fn integer(bits: u32) -> Option<Leaf> {
        (bits <= 64 || bits == 128).then_some(Leaf::Integer(bits))
    }

    /// A vector of so many elements, likewise.
    pub(in crate::link) fn vector(element: &Type, length: u32) -> Option<Leaf> {
        let bits = match element {
            Type::Leaf(Leaf::Float) if length == 2 => return Some(Leaf::TwoFloats),
            Type::Leaf(Leaf::Integer(bits @ (8 | 16 | 32 | 64))) => *bits,
            Type::Leaf(Leaf::Float) => 32,
            Type::Leaf(Leaf::Double) => 64,
            _ => return None,
        };
        (bits.checked_mul(length)? == 128).then_some(Leaf::Vector128)
    }

    /// How many bits of its place it fills.
    pub(super) fn bits(self) -> u64 {
        match self {
            Leaf::Integer(bits) => bits.into(),
            Leaf::Float => 32,
            Leaf::Pointer | Leaf::Double | Leaf::TwoFloats => 64,
            Leaf::Vector128 => 128,
            Leaf::Memory { bytes, .. } => bytes * 8,
        }
    }

    fn needs_vector_registers(self) -> bool {
        use Leaf::{Double, Float, TwoFloats, Vector128};
        matches!(self, Float | Double | TwoFloats | Vector128)
    }
}

impl Type {
    /// Its parts in order, each with the way to it; `None` if one is unknown.
    pub(super) fn leaves(&self) -> Option<Vec<(Vec<u32>, Leaf)>> {
        let mut leaves = Vec::new();
        self.collect(&mut Vec::new(), &mut leaves)?;
        Some(leaves)
    }

    fn collect(&self, path: &mut Vec<u32>, leaves: &mut Vec<(Vec<u32>, Leaf)>) -> Option<()> {
        if leaves.len() > MOST_LEAVES {
            return None;
        }
        let mut part = |number: u32, part: &Type| {
            path.push(number);
            let done = part.collect(path, leaves);
            path.pop();
            done
        };
        match self {
            Type::Void => Some(()),
            Type::Leaf(leaf) => {
                leaves.push((path.clone(), *leaf));
                Some(())
            }
            Type::Array(of, length) => {
                let length = u32::try_from(*length).ok()?;
                (0..length).try_for_each(|number| part(number, of))
            }
            Type::Struct(parts) => (0..).zip(parts).try_for_each(|(n, of)| part(n, of)),
            Type::Unknown => None,
        }
    }
}

/// How a parameter is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::link) enum Passing {
    /// As its type says.
    Direct,
    /// The memory behind the pointer is (`byval`); its size and alignment in
    /// bytes. LLVM chooses an alignment that is not given.
    ByValue { bytes: u64, align: Option<u64> },
    /// The pointer is to where the result goes (`sret`).
    Result,
    /// By an attribute whose meaning is not known here.
    Unknown,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::link) struct Parameter {
    pub(in crate::link) r#type: Type,
    pub(in crate::link) passing: Passing,
    /// The alignment on the stack, in bytes, where `alignstack` sets one.
    pub(in crate::link) stack_align: Option<u64>,
}

/// A function's type with the attributes that decide on its ABI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::link) struct Signature {
    pub(in crate::link) parameters: Vec<Parameter>,
    pub(in crate::link) returned: Type,
    /// Whether every bit that is returned has a value: what is returned is a
    /// number, not a struct with room to spare.
    pub(in crate::link) returns_number: bool,
    /// Whether its calling convention is C's and its parameters are all there
    /// are.
    pub(in crate::link) is_plain: bool,
    /// Whether vector registers are there to pass floats in.
    pub(in crate::link) has_vectors: bool,
}

impl Signature {
    /// Whether all of it is of a kind that tables are made for.
    pub(super) fn is_known(&self) -> bool {
        let known = |of: &Type| {
            of.leaves().is_some_and(|leaves| {
                self.has_vectors || !leaves.iter().any(|(_, leaf)| leaf.needs_vector_registers())
            })
        };
        self.is_plain
            && known(&self.returned)
            && self
                .parameters
                .iter()
                .all(|parameter| known(&parameter.r#type))
    }
}
