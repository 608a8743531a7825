//! What each cause means and what mends it, as README's table has it.
//!
//! Not here: finding causes.

use crate::link::job::Cause;

/// A cause in words.
pub(super) struct Words {
    pub meaning: &'static str,
    pub cure: &'static str,
    /// Whether a policy of `require` fails for it.
    pub is_failure: bool,
}

pub(super) fn words(cause: Cause) -> Words {
    let (meaning, cure, is_failure) = match cause {
        Cause::Noinline => (
            "The C source says noinline, or it was compiled at -O0.",
            "Take the attribute off, or compile it with optimization.",
            true,
        ),
        Cause::ConflictingAttribute => (
            "Inlining would lose a mitigation, an assumption or an instruction set.",
            "Compile the helper as the rest is compiled.",
            true,
        ),
        Cause::TypeMismatch => (
            "Rust and C declare it with types that the ABI passes differently.",
            "Use the generated declaration.",
            true,
        ),
        Cause::AddressTaken => (
            "Its address is used. Its calls are inlined, and one copy is kept.",
            "Nothing has to be done; call it by name to be rid of the copy.",
            false,
        ),
        Cause::NotInlinable => (
            "LLVM cannot inline such a function.",
            "Write it without variadic arguments and computed goto.",
            true,
        ),
        Cause::Exempt => (
            "Helpers::exempt names it, and LLVM found it better out of line.",
            "Nothing has to be done.",
            false,
        ),
        Cause::InliningOff => (
            "Inlining was switched off (--inline off).",
            "Leave the option out.",
            true,
        ),
    };
    Words {
        meaning,
        cure,
        is_failure,
    }
}
