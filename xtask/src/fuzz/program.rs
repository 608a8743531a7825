//! One random program: structs, helpers in C, callers in Rust.
//!
//! All of it follows from one seed. Not here: what bodies do (`body`), how they
//! are called (`callers`), building it (`trial`).

use super::body::{self, Body};
use super::callers;
use super::model::{Field, Helper, PREFIX, Scalar, Shape, Struct, Type};
use fastrand::Rng;
use std::collections::BTreeMap;

const PRELUDE: &str = include_str!("prelude.h");

/// How many helpers a program has: enough to be worth its build.
const HELPERS: std::ops::Range<usize> = 24..40;

/// A program's sources and how to compile them.
#[derive(Debug)]
pub struct Program {
    pub seed: u64,
    pub c: String,
    pub rust: String,
    /// clang's optimization for the bitcode and for the oracle.
    pub clang: (&'static str, &'static str),
    /// rustc's, likewise.
    pub rustc: (&'static str, &'static str),
    /// rustc's relocation model, for both.
    pub relocation: &'static str,
    /// Whether the engine links `core` too, or leaves it to the linker, which is
    /// faster.
    pub core: bool,
    /// For each helper, the causes for which its calls may stay.
    pub may_stay: BTreeMap<String, Vec<&'static str>>,
    pub calls: usize,
}

impl Program {
    pub fn new(seed: u64) -> Program {
        let mut rng = Rng::with_seed(seed);
        let structs: Vec<Struct> = (0..6).map(|number| structure(&mut rng, number)).collect();
        let mut c = PRELUDE.to_owned();
        for structure in &structs {
            c.push_str(&structure.c());
        }
        c.push_str(&body::statics(&mut rng));
        c.push('\n');
        let count = rng.usize(HELPERS);
        let mut helpers: Vec<Helper> = Vec::new();
        for number in 0..count {
            // The last one has the constant that a planted fault changes.
            let helper = helper(&mut rng, number, number + 1 == count, &structs, &helpers);
            c.push_str(&helper.c(&structs));
            helpers.push(helper);
        }
        c.push_str("void helper_inline_baseline(void) {}\n");
        let callers = callers::generate(&mut rng, &structs, &mut helpers);
        let clang = ["-O0", "-O1", "-O2", "-Os"];
        let rustc = ["0", "1", "2", "3", "s"];
        Program {
            seed,
            c,
            rust: callers.text,
            clang: (clang[rng.usize(0..4)], ["-O0", "-O2"][rng.usize(0..2)]),
            rustc: (rustc[rng.usize(0..5)], ["0", "2"][rng.usize(0..2)]),
            relocation: ["static", "pic"][rng.usize(0..2)],
            core: rng.u32(0..4) == 0,
            may_stay: helpers.into_iter().map(|h| (h.name, h.may_stay)).collect(),
            calls: callers.calls,
        }
    }
}

fn structure(rng: &mut Rng, number: usize) -> Struct {
    // Mostly what ABIs pass in registers; sometimes what they do not.
    let limit = [4, 8, 12, 16, 24, 40][rng.usize(0..6)];
    let mut fields = Vec::new();
    let mut bytes = 0;
    for at in 0..rng.usize(1..5) {
        let scalar = Scalar::ALL[rng.usize(0..Scalar::ALL.len())];
        let unsigned = matches!(scalar, Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64);
        let shape = match rng.u32(0..6) {
            0 if unsigned => Shape::Bits(widths(rng, scalar.bytes() * 8)),
            1 | 2 => Shape::Array(rng.usize(1..5)),
            _ => Shape::One,
        };
        let size = match shape {
            Shape::Array(length) => scalar.bytes() * length,
            _ => scalar.bytes(),
        };
        if at > 0 && bytes + size > limit {
            break;
        }
        bytes += size;
        fields.push(Field {
            name: format!("f{at}"),
            scalar,
            shape,
        });
    }
    Struct {
        name: format!("S{number}"),
        fields,
    }
}

/// Widths of bit-fields that fill a scalar.
fn widths(rng: &mut Rng, bits: usize) -> Vec<usize> {
    let mut widths = Vec::new();
    let mut left = bits;
    while left > 0 {
        let width = rng.usize(1..=left);
        widths.push(width);
        left -= width;
    }
    widths
}

fn scalar(rng: &mut Rng) -> Scalar {
    Scalar::ALL[rng.usize(0..Scalar::ALL.len())]
}

fn parameter(rng: &mut Rng, structs: &[Struct]) -> Type {
    match rng.u32(0..12) {
        0..6 => Type::Scalar(scalar(rng)),
        6..8 => Type::Struct(rng.usize(0..structs.len())),
        8 | 9 => Type::Pointer {
            to: rng.usize(0..structs.len()),
            mutable: rng.bool(),
        },
        10 => Type::Buffer {
            of: Scalar::ELEMENTS[rng.usize(0..Scalar::ELEMENTS.len())],
            mutable: rng.bool(),
        },
        _ => Type::Callback,
    }
}

fn helper(
    rng: &mut Rng,
    number: usize,
    planted: bool,
    structs: &[Struct],
    earlier: &[Helper],
) -> Helper {
    // Up to nine parameters, so that some are passed on the stack.
    let count = [0, 1, 1, 2, 2, 3, 3, 4, 5, 9][rng.usize(0..10)];
    let parameters: Vec<Type> = (0..count).map(|_| parameter(rng, structs)).collect();
    let result = match rng.u32(0..8) {
        _ if planted => Type::Scalar(Scalar::U64),
        0 => Type::Void,
        1..4 => Type::Struct(rng.usize(0..structs.len())),
        _ => Type::Scalar(scalar(rng)),
    };
    let (attribute, may_stay) = match rng.u32(0..24) {
        _ if planted => ("", vec![]),
        0 => ("__attribute__((noinline)) ", vec!["noinline"]),
        1 => ("__attribute__((always_inline)) ", vec![]),
        2 => ("__attribute__((cold)) ", vec![]),
        3 => ("__attribute__((flatten)) ", vec![]),
        _ => ("", vec![]),
    };
    // What an earlier helper that can be called from C looks like.
    let callable: Vec<(String, Vec<Scalar>, Scalar)> = earlier
        .iter()
        .filter_map(|h| {
            let scalars = h.parameters.iter().map(|p| match p {
                Type::Scalar(scalar) => Some(*scalar),
                _ => None,
            });
            let Type::Scalar(result) = h.result else {
                return None;
            };
            Some((h.name.clone(), scalars.collect::<Option<_>>()?, result))
        })
        .collect();
    let calls = !callable.is_empty() && rng.u32(0..4) == 0;
    let callee = calls.then(|| callable[rng.usize(0..callable.len())].clone());
    let statements = rng.u32(0..7);
    let mut body = Body::new(rng, &parameters, structs);
    for _ in 0..statements {
        body.statement(2);
    }
    if let Some((name, parameters, result)) = callee {
        body.call(&name, &parameters, result);
    }
    Helper {
        name: format!("{PREFIX}f{number}"),
        body: body.finish(result, structs, planted),
        parameters,
        result,
        attribute,
        may_stay,
    }
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn one_seed_is_one_program() {
        let (one, same, other) = (Program::new(7), Program::new(7), Program::new(8));
        assert_eq!((&one.c, &one.rust), (&same.c, &same.rust));
        assert_ne!(one.c, other.c);
    }

    #[test]
    fn a_program_has_what_abis_differ_in_and_the_constant_to_plant() {
        let all: String = (0..50).map(|seed| Program::new(seed).c).collect();
        for construct in [
            "struct S0 p0",
            ":3;",
            "s128",
            "f32",
            "(*p0)(u64)",
            "noinline",
            "__atomic",
            "volatile",
            "switch",
            "triple(",
            "sum_of(2",
        ] {
            assert!(all.contains(construct), "{construct}");
        }
        assert_eq!(all.matches("^ PLANT;").count(), 50);
    }
}
