//! Types to try the tables with. The tests are in the modules: the tables
//! themselves, the tables against LLVM's own code, and what may be adapted.

mod codegen;
mod listing;
mod places;
mod plans;

use super::*;

fn int(bits: u32) -> Type {
    Type::Leaf(Leaf::integer(bits).unwrap())
}

fn array(of: Type, length: u64) -> Type {
    Type::Array(Box::new(of), length)
}

fn of<const N: usize>(parts: [Type; N]) -> Type {
    Type::Struct(parts.into())
}

const PTR: Type = Type::Leaf(Leaf::Pointer);
const FLOAT: Type = Type::Leaf(Leaf::Float);
const DOUBLE: Type = Type::Leaf(Leaf::Double);
const FLOATS: Type = Type::Leaf(Leaf::TwoFloats);
const VECTOR: Type = Type::Leaf(Leaf::Vector128);

fn direct(r#type: Type) -> Parameter {
    Parameter {
        r#type,
        passing: Passing::Direct,
        stack_align: None,
    }
}

fn by_value(bytes: u64, align: u64) -> Parameter {
    let align = Some(align);
    Parameter {
        passing: Passing::ByValue { bytes, align },
        ..direct(PTR)
    }
}

fn result() -> Parameter {
    Parameter {
        passing: Passing::Result,
        ..direct(PTR)
    }
}

fn signature(parameters: Vec<Parameter>, returned: Type) -> Signature {
    Signature {
        parameters,
        returned,
        returns_number: false,
        is_plain: true,
        has_vectors: true,
    }
}

fn takes<const N: usize>(types: [Type; N]) -> Signature {
    signature(types.into_iter().map(direct).collect(), Type::Void)
}

fn takes_after<const N: usize>(count: usize, types: [Type; N]) -> Signature {
    signature(after(count, all(types)), Type::Void)
}

fn returns(returned: Type) -> Signature {
    signature(Vec::new(), returned)
}

fn all(types: impl IntoIterator<Item = Type>) -> Vec<Parameter> {
    types.into_iter().map(direct).collect()
}

/// So many i64 and then others.
fn after(count: usize, others: impl IntoIterator<Item = Parameter>) -> Vec<Parameter> {
    let first = std::iter::repeat_n(direct(int(64)), count);
    first.chain(others).collect()
}
