//! What may be adapted, and what is refused.

use super::*;

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
    assert_eq!(
        (plan.returned.zeroed.len(), &plan.returned.zeroed[0]),
        (1, &(8..16))
    );
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
