//! The tables of places, and what may be adapted. `codegen` holds the tables
//! against LLVM's own code.

mod codegen;

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

/// Places in short: `g0` the first general register, `v0` the first vector
/// register, `r` the result's own, `s8` the stack at 8.
fn show(located: Option<Vec<Located>>) -> String {
    let Some(located) = located else {
        return "unknown".to_owned();
    };
    let show = |located: Located| match located.place {
        Place::General(number) => format!("g{number}"),
        Place::Vector(number) => format!("v{number}"),
        Place::Result => "r".to_owned(),
        Place::Stack(offset) => format!("s{offset}"),
    };
    located.into_iter().map(show).collect::<Vec<_>>().join(" ")
}

fn x86(parameters: Vec<Parameter>) -> String {
    let signature = signature(parameters, Type::Void);
    show(x86_64::arguments(&signature, LastRegister::Stays))
}

fn arm(parameters: Vec<Parameter>) -> String {
    show(aarch64::arguments(&signature(parameters, Type::Void)))
}

fn all(types: impl IntoIterator<Item = Type>) -> Vec<Parameter> {
    types.into_iter().map(direct).collect()
}

/// So many i64 and then others.
fn after(count: usize, others: impl IntoIterator<Item = Parameter>) -> Vec<Parameter> {
    let first = std::iter::repeat_n(direct(int(64)), count);
    first.chain(others).collect()
}

#[test]
fn x86_64_places_arguments() {
    assert_eq!(x86(all([of([int(64), int(64)]), int(8)])), "g0 g1 g2");
    assert_eq!(
        x86(all([of([DOUBLE, int(64)]), FLOATS, PTR])),
        "v0 g0 v1 g1"
    );
    assert_eq!(x86(all([int(128), int(1)])), "g0 g2");
    // A struct of two may be torn apart, an i128 not; it leaves the register.
    assert_eq!(
        x86(after(5, all([of([int(64), int(64)])]))),
        "g0 g1 g2 g3 g4 g5 s0"
    );
    assert_eq!(
        x86(after(5, all([int(128), int(64), int(64)]))),
        "g0 g1 g2 g3 g4 s0 g5 s16"
    );
    assert_eq!(
        x86(after(6, all([int(64), int(128)]))),
        "g0 g1 g2 g3 g4 g5 s0 s16"
    );
    let older = signature(after(5, all([int(128), int(64), int(64)])), Type::Void);
    assert_eq!(
        show(x86_64::arguments(&older, LastRegister::Goes)),
        "g0 g1 g2 g3 g4 s0 s16 s24"
    );
    // Memory has no registers, and its own alignment.
    let struct_of = |bytes, align| direct_then(by_value(bytes, align));
    assert_eq!(x86(struct_of(24, 8)), "s0 g0 s24 g1");
    assert_eq!(x86(struct_of(1, 1)), "s0 g0 s8 g1");
    assert_eq!(x86(struct_of(32, 16)), "s0 g0 s32 g1");
    assert_eq!(
        x86(after(7, [by_value(32, 16), direct(int(32))])),
        "g0 g1 g2 g3 g4 g5 s0 s16 s48"
    );
    assert_eq!(x86(vec![result(), direct(int(8))]), "g0 g1");
    let nine = all(std::iter::repeat_n(DOUBLE, 8).chain([FLOAT, VECTOR, FLOATS]));
    assert_eq!(x86(nine), "v0 v1 v2 v3 v4 v5 v6 v7 s0 s16 s32");
}

/// A parameter twice, each time before an integer.
fn direct_then(parameter: Parameter) -> Vec<Parameter> {
    let pair = [parameter, direct(int(64))];
    [pair.clone(), pair].concat()
}

#[test]
fn aarch64_places_arguments() {
    assert_eq!(arm(all([array(int(64), 2), int(8)])), "g0 g1 g2");
    assert_eq!(arm(all([array(FLOAT, 3), DOUBLE, PTR])), "v0 v1 v2 v3 g0");
    // A pair begins at an even register; the one before it stays unused.
    assert_eq!(arm(all([int(8), int(128), int(8)])), "g0 g2 g4");
    assert_eq!(
        arm(after(7, all([int(128), int(64)]))),
        "g0 g1 g2 g3 g4 g5 g6 s0 s16"
    );
    // An array that does not fit is on the stack as a whole, and nothing after
    // it is in a register of that kind.
    assert_eq!(
        arm(after(7, all([array(int(64), 2), int(64), FLOAT]))),
        "g0 g1 g2 g3 g4 g5 g6 s0 s8 s16 v0"
    );
    let mut floats = all([array(DOUBLE, 4), array(FLOAT, 2), array(FLOAT, 3)]);
    floats.extend(all([FLOAT, int(8)]));
    assert_eq!(arm(floats), "v0 v1 v2 v3 v4 v5 s0 s4 s8 s16 g0");
    let aligned = Parameter {
        stack_align: Some(16),
        ..direct(array(int(64), 2))
    };
    assert_eq!(
        arm(after(9, [aligned.clone(), direct(int(8))])),
        "g0 g1 g2 g3 g4 g5 g6 g7 s0 s16 s24 s32"
    );
    assert_eq!(arm(after(2, [aligned])), "g0 g1 g2 g3");
    assert_eq!(arm(vec![result(), direct(PTR)]), "r g0");
}

#[test]
fn results_are_placed() {
    let x86 = |of: Type| show(Abi::X86_64.returned(&of));
    let arm = |of: Type| show(Abi::Aarch64.returned(&of));
    assert_eq!(x86(of([int(16), int(64)])), "g0 g1");
    assert_eq!(x86(of([FLOATS, FLOAT])), "v0 v1");
    assert_eq!(x86(of([int(64), DOUBLE])), "g0 v0");
    assert_eq!(x86(int(128)), "g0");
    assert_eq!(x86(of([int(64), int(64), int(64)])), "unknown");
    assert_eq!(arm(array(int(64), 2)), "g0 g1");
    assert_eq!(arm(of([FLOAT, FLOAT, FLOAT])), "v0 v1 v2");
    assert_eq!(arm(of([array(DOUBLE, 4)])), "v0 v1 v2 v3");
    assert_eq!(arm(int(128)), "g0");
    for abi in [Abi::X86_64, Abi::Aarch64] {
        assert_eq!(show(abi.returned(&Type::Void)), "");
        assert_eq!(show(abi.returned(&of([int(128), int(64)]))), "unknown");
        assert_eq!(show(abi.returned(&Type::Unknown)), "unknown");
    }
}

#[test]
fn what_is_not_certain_has_no_places() {
    let unknown = Parameter {
        passing: Passing::Unknown,
        ..direct(PTR)
    };
    assert_eq!(Leaf::integer(65), None);
    assert_eq!(Leaf::vector(&FLOAT, 8), None);
    assert_eq!(Leaf::vector(&int(32), 2), None);
    for places in [x86, arm] {
        assert_eq!(places(vec![unknown.clone()]), "unknown");
        assert_eq!(places(all([Type::Unknown])), "unknown");
        assert_eq!(places(all([of([int(64), int(128)])])), "unknown");
        assert_eq!(places(all([array(int(64), 1 << 40)])), "unknown");
    }
    assert_eq!(arm(vec![by_value(24, 8)]), "unknown");
    assert_eq!(arm(all([array(int(32), 2)])), "unknown");
    assert_eq!(arm(all([array(int(128), 1)])), "unknown");
    let align = None;
    let unaligned = Parameter {
        passing: Passing::ByValue { bytes: 24, align },
        ..direct(PTR)
    };
    assert_eq!(x86(vec![unaligned]), "unknown");
    assert_eq!(x86(vec![by_value(0, 8)]), "unknown");
}

#[test]
fn triples_with_other_rules_have_no_abi() {
    for (triple, abi) in [
        ("x86_64-unknown-linux-gnu", Some(Abi::X86_64)),
        ("x86_64-unknown-none", Some(Abi::X86_64)),
        ("x86_64-linux-gnu", Some(Abi::X86_64)),
        ("aarch64-unknown-none-softfloat", Some(Abi::Aarch64)),
        ("aarch64-unknown-linux-musl", Some(Abi::Aarch64)),
        ("x86_64-unknown-linux-gnux32", None),
        ("aarch64-unknown-linux-gnu_ilp32", None),
        ("aarch64_be-unknown-linux-gnu", None),
        ("x86_64-pc-windows-msvc", None),
        ("aarch64-apple-darwin", None),
        ("riscv64gc-unknown-linux-gnu", None),
        ("", None),
    ] {
        assert_eq!(Abi::of(triple), abi, "{triple}");
    }
}

/// Whether a call may be adapted to a helper; x86_64.
fn adapts(call: &Signature, helper: &Signature) -> bool {
    plan(Abi::X86_64, call, helper).is_some()
}

#[test]
fn one_passing_in_two_spellings_is_adapted() {
    let pair = of([int(64), int(64)]);
    assert!(adapts(&takes([pair.clone()]), &takes([int(64), int(16)])));
    assert!(adapts(&takes([pair.clone()]), &takes([int(128)])));
    assert!(adapts(
        &takes([of([DOUBLE, FLOAT])]),
        &takes([FLOATS, FLOAT])
    ));
    assert!(adapts(&takes([PTR]), &takes([int(64)])));
    let full = |last| signature(after(6, [last]), Type::Void);
    assert!(adapts(&full(by_value(6, 2)), &full(direct(int(48)))));
    assert!(adapts(&full(direct(int(64))), &full(by_value(8, 8))));
    let arm =
        |call: Type, helper: Type| plan(Abi::Aarch64, &takes([call]), &takes([helper])).is_some();
    assert!(arm(DOUBLE, array(DOUBLE, 1)));
    assert!(arm(array(int(64), 2), int(128)));
}

#[test]
fn what_the_other_side_does_not_give_is_refused() {
    let full = |last| signature(after(6, [last]), Type::Void);
    let one = |of: Type| takes([of]);
    assert!(adapts(&one(int(64)), &one(int(32))));
    assert!(!adapts(&one(int(32)), &one(int(64))));
    assert!(!adapts(&one(int(64)), &one(DOUBLE)));
    assert!(!adapts(&one(of([int(64), int(32)])), &one(int(128))));
    assert!(!adapts(&takes([]), &one(int(8))));
    assert!(adapts(&one(int(8)), &takes([])));
    assert!(!adapts(&full(by_value(4, 4)), &full(direct(int(64)))));
    assert!(!adapts(&full(direct(PTR)), &full(by_value(24, 8))));
    assert!(!adapts(
        &one(PTR),
        &signature(vec![by_value(8, 8)], Type::Void)
    ));
    // Which register the second half is in, LLVM's versions differ about.
    assert!(!adapts(
        &takes_after(5, [int(128), int(64)]),
        &takes_after(5, [of([int(64), int(64)]), int(64)])
    ));
    // In an odd register, where the pair of an i128 is not.
    let odd = |of: Type| takes([int(8), of]);
    let arm = |call, helper| plan(Abi::Aarch64, &call, &helper).is_some();
    assert!(!arm(odd(array(int(64), 2)), odd(int(128))));
    assert!(!arm(
        signature(vec![direct(PTR)], Type::Void),
        signature(vec![result()], Type::Void)
    ));
}

#[test]
fn a_result_is_filled_up_with_zeros_unless_it_is_a_number() {
    let (wide, narrow) = (
        returns(of([int(64), int(64)])),
        returns(of([int(64), int(16)])),
    );
    let plan = plan(Abi::X86_64, &wide, &narrow).unwrap();
    assert_eq!(plan.returned.zeroed, [8..16]);
    assert!(adapts(&narrow, &wide));
    for number in [0, 1] {
        let mut sides = [returns(int(64)), returns(int(32))];
        assert!(adapts(&sides[0], &sides[1]));
        sides[number].returns_number = true;
        assert!(!adapts(&sides[0], &sides[1]));
        assert!(adapts(&sides[1], &sides[0]));
    }
    // Nothing of it is there at all.
    assert!(!adapts(&wide, &returns(int(64))));
    assert!(!adapts(&returns(int(8)), &returns(Type::Void)));
    assert!(adapts(&returns(Type::Void), &returns(int(8))));
}

#[test]
fn other_conventions_and_floats_without_registers_are_refused() {
    let (call, helper) = (takes([PTR]), takes([int(64)]));
    let mut variadic = helper.clone();
    variadic.is_plain = false;
    assert!(adapts(&call, &helper));
    assert!(!adapts(&call, &variadic) && !adapts(&variadic, &call));
    for floats in [FLOATS, DOUBLE, VECTOR, of([int(64), FLOAT])] {
        let mut soft = takes([floats.clone()]);
        assert!(adapts(&soft, &soft));
        soft.has_vectors = false;
        assert!(!adapts(&takes([floats.clone()]), &soft));
        let mut soft = returns(floats);
        soft.has_vectors = false;
        assert!(!adapts(&soft, &soft));
    }
}
