//! Floating point: assumptions that hold in C by its flags and not in Rust.
//!
//! Under `-ffast-math` or `-ffinite-math-only` clang notes that no value is a NaN or an
//! infinity. Called, such a helper returns a NaN all the same; inlined, LLVM would take
//! the caller's `is_nan` for false. The other liberties of fast math change a value by
//! rounding, and stay. Not here: doing anything about a difference (`Profile`).

use crate::link::llvm::{AttributeKey, AttributeValue, Function, Instruction, Module};
use regex::{Captures, Regex};

/// What says of a result, a parameter or an argument that it is finite.
const FINITE_VALUE: &str = "nofpclass";

/// What says of a function that its values are.
const FINITE_FUNCTION: &[&str] = &["no-nans-fp-math", "no-infs-fp-math"];

/// The flags that `fast` stands for.
const ALL_FLAGS: &str = " reassoc nsz arcp contract afn";

/// The attribute of functions that may run in another floating-point environment.
const STRICT: AttributeKey = AttributeKey::Enum("strictfp");

/// How intrinsics begin that heed that environment.
const CONSTRAINED: &str = "llvm.experimental.constrained.";

/// The denormal mode of what says nothing.
const IEEE: &str = "ieee,ieee";

/// The unit of helpers without the flags of instructions that say so.
pub(in crate::link) fn allow_non_finite(module: Module<'_>) -> Result<Module<'_>, String> {
    let functions = module.functions().into_iter();
    let is_finite = functions
        .flat_map(Function::body)
        .any(Instruction::is_finite);
    if is_finite {
        module.edited(without_finite)
    } else {
        Ok(module)
    }
}

/// LLVM's text without those flags. They stand between the name of an instruction and the
/// type of its operands.
fn without_finite(text: &str) -> String {
    let flagged = r#"(?m)^(  (?:%(?:"[^"]*"|[^ ]+) = )?(?:(?:tail|musttail|notail) )?[a-z]+)((?: (?:fast|reassoc|nnan|ninf|nsz|arcp|contract|afn))+) "#;
    let flagged = Regex::new(flagged).expect("a regex of ours");
    let without = |found: &Captures<'_>| {
        let kept = found[2].replace(" fast", ALL_FLAGS);
        format!(
            "{}{} ",
            &found[1],
            kept.replace(" nnan", "").replace(" ninf", "")
        )
    };
    flagged.replace_all(text, without).into_owned()
}

/// Takes back in a unit of helpers what attributes say of values being finite, and that
/// functions are strict which have no floating point.
pub(super) fn settle(module: &Module<'_>) {
    for function in module.functions() {
        // Rust may declare the same function of a library's, and call it.
        function.remove_value_attribute(FINITE_VALUE);
        for name in FINITE_FUNCTION {
            function.remove_attribute(&AttributeKey::String((*name).to_owned()));
        }
        let mut is_constrained = function.global().is_declaration();
        for instruction in function.body() {
            instruction.remove_call_value_attribute(FINITE_VALUE);
            let callee = instruction.callee().map(|callee| callee.name());
            is_constrained |= callee.is_some_and(|name| name.starts_with(CONSTRAINED));
        }
        if !is_constrained {
            function.remove_attribute(&STRICT);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::without_finite;

    #[test]
    fn only_flags_of_instructions_go() {
        for (before, after) in [
            (
                "  %3 = fdiv fast double %1, %2",
                "  %3 = fdiv reassoc nsz arcp contract afn double %1, %2",
            ),
            (
                "  %\"a b\" = tail call nnan ninf nsz double @f(double %1)",
                "  %\"a b\" = tail call nsz double @f(double %1)",
            ),
            (
                "  %3 = phi nnan double [ %1, %2 ]",
                "  %3 = phi double [ %1, %2 ]",
            ),
            (
                "@s = constant [11 x i8] c\"fdiv fast x\\00\"",
                "@s = constant [11 x i8] c\"fdiv fast x\\00\"",
            ),
            (
                "  call void asm \" nnan fast \", \"\"()",
                "  call void asm \" nnan fast \", \"\"()",
            ),
        ] {
            assert_eq!(without_finite(before), after);
        }
    }
}
