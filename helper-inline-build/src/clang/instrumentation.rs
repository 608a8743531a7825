//! Instrumentation that clang adds in its own passes, found in its effective arguments.
//!
//! Helpers are compiled without passes, so that their bodies stay as written; that would
//! lose such checks. A unit that asks for one is compiled with them. Not here: compiling.

use std::process::{Command, Stdio};

/// Defined when a unit was compiled with clang's passes; its mark for the link engine is
/// then in the bitcode.
pub(crate) const INSTRUMENTED_MACRO: &str = "HELPER_INLINE_INSTRUMENTED";

/// The section of the baseline function of a unit that was compiled so.
pub(crate) const INSTRUMENTED_SECTION: &str = ".text.helper_inline_instrumented";

/// Arguments of `clang -cc1` that have a pass add code, each with the reason. A name may
/// end in `*`.
const ADDED_BY_PASSES: &[(&str, &str)] = &[
    (
        "-fsanitize-coverage*",
        "SanitizerCoverage calls or counts at each edge",
    ),
    (
        "-fexperimental-sanitize-metadata*",
        "SanitizerBinaryMetadata lists what is instrumented",
    ),
    (
        "-fprofile-instrument=*",
        "passes add counters, or lower those of the front end",
    ),
    (
        "-coverage-*",
        "a pass adds gcov's counters; these name its files",
    ),
    ("-femit-coverage*", "as -coverage-, up to clang 16"),
    ("-fmemory-profile*", "MemProfiler counts accesses"),
    (
        "-finstrument-functions",
        "EntryExitInstrumenter calls the tracer before inlining; after inlining it is the code \
         generator that does",
    ),
    (
        "-fpass-plugin*",
        "what the passes of a plugin add is not known",
    ),
    ("-load", "as -fpass-plugin"),
];

/// Sanitizers whose checks clang's front end writes into the bodies, or its code
/// generator by an attribute that they keep. Any other needs passes.
const WITHOUT_PASSES: &[&str] = &[
    "alignment",
    "array-bounds",
    "bool",
    "builtin",
    "enum",
    "float-cast-overflow",
    "float-divide-by-zero",
    "function",
    "implicit-bitfield-conversion",
    "implicit-integer-sign-change",
    "implicit-signed-integer-truncation",
    "implicit-unsigned-integer-truncation",
    "integer-divide-by-zero",
    "kcfi",
    "memtag-globals",
    "memtag-heap",
    "memtag-stack",
    "nonnull-attribute",
    "null",
    "nullability-arg",
    "nullability-assign",
    "nullability-return",
    "object-size",
    "pointer-overflow",
    "return",
    "returns-nonnull-attribute",
    "safe-stack",
    "shadow-call-stack",
    "shift-base",
    "shift-exponent",
    "signed-integer-overflow",
    "unreachable",
    "unsigned-integer-overflow",
    "unsigned-shift-base",
    "vla-bound",
    "vptr",
];

/// Returns true if passes of clang's add instrumentation to what this command compiles.
///
/// `compile` has all of its arguments but `-###`. Where clang says nothing, the
/// compilation itself will tell why.
pub(crate) fn is_added_by_passes(mut compile: Command) -> bool {
    let shown = compile.arg("-###").stdin(Stdio::null()).output();
    shown.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stderr);
        let jobs = text.lines().filter(|line| line.contains("\"-cc1\""));
        jobs.flat_map(|line| line.split('"')).any(needs_passes)
    })
}

/// Returns true if an argument of `clang -cc1` has passes add instrumentation.
fn needs_passes(argument: &str) -> bool {
    if let Some(kinds) = argument.strip_prefix("-fsanitize=") {
        return kinds.split(',').any(|kind| !WITHOUT_PASSES.contains(&kind));
    }
    ADDED_BY_PASSES
        .iter()
        .any(|(name, _)| match name.strip_suffix('*') {
            Some(prefix) => argument.starts_with(prefix),
            None => argument == *name,
        })
}

#[cfg(test)]
mod tests {
    use super::{ADDED_BY_PASSES, is_added_by_passes, needs_passes};
    use crate::{Clang, Rustc};
    use std::process::Command;

    #[test]
    fn each_argument_has_a_reason() {
        for (name, reason) in ADDED_BY_PASSES {
            assert!(!reason.is_empty(), "{name}");
            assert!(needs_passes(name.trim_end_matches('*')), "{name}");
        }
    }

    #[test]
    fn clang_is_asked_what_its_flags_mean() {
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("x.c");
        std::fs::write(&source, "int x;\n").unwrap();
        let asked = |flags: &str| {
            let mut compile = Command::new(&clang.path);
            compile.args(flags.split_whitespace());
            compile.args(["-O2", "-emit-llvm", "-c"]).arg(&source);
            is_added_by_passes(compile)
        };
        for flags in [
            "-fsanitize=address",
            "-fsanitize=kernel-address",
            "-fsanitize=thread",
            "-fsanitize=memory",
            "-fsanitize=local-bounds -fsanitize-trap=local-bounds",
            // A group of which one is a pass's.
            "-fsanitize=bounds",
            "-fsanitize-coverage=trace-pc-guard",
            "-fsanitize=fuzzer-no-link",
            "-fprofile-instr-generate -fcoverage-mapping",
            "-fprofile-generate",
            "-fprofile-arcs -ftest-coverage",
            "--coverage",
            "-finstrument-functions",
            "-fmemory-profile",
            "-fpass-plugin=x.so",
        ] {
            assert!(asked(flags), "{flags}");
        }
        for flags in [
            "",
            "-fsanitize=undefined",
            "-fsanitize=integer,nullability,implicit-conversion -fsanitize-trap=all",
            "-fsanitize=address -fno-sanitize=address",
            "-fsanitize=safe-stack",
            "-fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero",
            "-pg",
            "-finstrument-functions-after-inlining",
        ] {
            assert!(!asked(flags), "{flags}");
        }
    }
}
