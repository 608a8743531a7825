//! The tables of places.

use super::*;

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
