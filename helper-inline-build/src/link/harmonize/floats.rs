//! Floating point: assumptions that hold in C by its flags and not in Rust.
//!
//! Under `-ffast-math` or `-ffinite-math-only` clang notes that no value is a NaN or an
//! infinity. Called, such a helper returns a NaN all the same; inlined, LLVM would take
//! the caller's `is_nan` for false. The other liberties of fast math change a value by
//! rounding, and stay. Not here: doing anything about a difference (`Profile`).

use crate::link::job::Harmonized;
use crate::link::llvm::{AttributeKey, AttributeValue, Function, Module};

/// What says of a result, a parameter or an argument that it is finite.
const FINITE_VALUE: &str = "nofpclass";

/// What says of a function that its values are.
const FINITE_FUNCTION: &[&str] = &["no-nans-fp-math", "no-infs-fp-math"];

/// The attribute of functions that may run in another floating-point environment.
const STRICT: AttributeKey = AttributeKey::Enum("strictfp");

/// How intrinsics begin that heed that environment.
const CONSTRAINED: &str = "llvm.experimental.constrained.";

/// The denormal mode of what says nothing.
const IEEE: &str = "ieee,ieee";

/// Takes back in a unit of helpers that values are finite, and that functions are strict
/// which have no floating point.
pub(super) fn settle(module: &Module<'_>) -> Vec<Harmonized> {
    let mut finite = 0;
    for function in module.functions() {
        // Rust may declare the same function of a library's, and call it.
        function.remove_value_attribute(FINITE_VALUE);
        if function.global().is_declaration() {
            continue;
        }
        let mut is_finite = false;
        for name in FINITE_FUNCTION {
            function.remove_attribute(&AttributeKey::String((*name).to_owned()));
        }
        let is_strict = function.attribute(&STRICT).is_some();
        let mut is_constrained = false;
        for instruction in function.body() {
            is_finite |= instruction.allow_non_finite();
            instruction.remove_call_value_attribute(FINITE_VALUE);
            is_constrained |= is_strict
                && instruction
                    .callee()
                    .is_some_and(|callee| callee.name().starts_with(CONSTRAINED));
        }
        if is_strict && !is_constrained {
            function.remove_attribute(&STRICT);
        }
        finite += u64::from(is_finite);
    }
    let line = (finite > 0).then(|| Harmonized {
        attribute: "nnan, ninf".to_owned(),
        action: "removed from C: Rust has NaNs and infinities".to_owned(),
        functions: finite,
    });
    line.into_iter().collect()
}

/// Returns true if two functions treat denormal numbers differently.
pub(super) fn denormals_differ(
    key: &AttributeKey,
    helper: Function<'_>,
    caller: Function<'_>,
) -> bool {
    let mode = |function: Function<'_>| {
        let of = |name: &str| match function.attribute(&AttributeKey::String(name.to_owned())) {
            Some(AttributeValue::String(mode)) => Some(mode),
            _ => None,
        };
        // That of `float` is that of all others where nothing else is said.
        let mode = of(key.name()).or_else(|| of("denormal-fp-math"));
        mode.map_or_else(|| IEEE.to_owned(), |mode| both(&mode))
    };
    let in_c = mode(helper);
    in_c != mode(caller) && in_c != both("dynamic")
}

/// The mode of results and of operands, where one may stand for both.
fn both(mode: &str) -> String {
    match mode.split_once(',') {
        Some(_) => mode.to_owned(),
        None => format!("{mode},{mode}"),
    }
}
