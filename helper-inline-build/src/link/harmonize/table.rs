//! The table: what is done about each attribute, module flag and property of a
//! module in which C and Rust can differ.
//!
//! One row for each, with its reason. Not here: doing it.

use super::Rule::{self, Adopt, Denormals, Features, Instrument, Keep, Mirror};
use super::flags::FlagRule;

/// An attribute and what is done about it.
pub(super) struct Row {
    /// Its name. A string attribute's may end in `*`.
    pub(super) name: &'static str,
    /// Whether it is one that LLVM knows, not a string.
    pub(super) is_enum: bool,
    pub(super) rule: Rule,
    /// Why.
    pub(super) reason: &'static str,
}

const fn enumerated(name: &'static str, rule: Rule, reason: &'static str) -> Row {
    Row {
        name,
        is_enum: true,
        rule,
        reason,
    }
}

const fn string(name: &'static str, rule: Rule, reason: &'static str) -> Row {
    Row {
        name,
        is_enum: false,
        rule,
        reason,
    }
}

/// Every attribute that matters; all others are ignored.
pub(super) const ROWS: &[Row] = &[
    // What instructions may be used.
    string(
        "target-cpu",
        Mirror,
        "inlining needs the caller to have all that the helper may use",
    ),
    string("tune-cpu", Mirror, "scheduling of the C build"),
    string(
        "min-legal-vector-width",
        Mirror,
        "belongs to target-features: together they choose LLVM's subtarget",
    ),
    string(
        "target-features",
        Features,
        "as target-cpu; also holds retpolines and straight-line-speculation hardening",
    ),
    enumerated(
        "noimplicitfloat",
        Adopt,
        "no vector register where the C build forbids them",
    ),
    enumerated(
        "noredzone",
        Adopt,
        "interrupts overwrite the red zone in a kernel",
    ),
    // What may be assumed.
    enumerated(
        "null_pointer_is_valid",
        Adopt,
        "the C build maps page zero or tests after use",
    ),
    string(
        "no-builtins",
        Adopt,
        "the library functions assumed may not exist there",
    ),
    string("no-builtin-*", Adopt, "as no-builtins"),
    string(
        "no-jump-tables",
        Adopt,
        "a jump table is an indirect branch",
    ),
    // Mitigations.
    enumerated("ssp", Adopt, "stack guards of the C build"),
    enumerated("sspstrong", Adopt, "stack guards of the C build"),
    enumerated("sspreq", Adopt, "stack guards of the C build"),
    string(
        "stack-protector-buffer-size",
        Mirror,
        "belongs to the stack guards",
    ),
    enumerated(
        "fn_ret_thunk_extern",
        Adopt,
        "return thunks; lost without a word when the caller lacks it",
    ),
    enumerated(
        "speculative_load_hardening",
        Adopt,
        "hardening of the C build",
    ),
    string(
        "zero-call-used-regs",
        Adopt,
        "register wiping of the C build",
    ),
    string(
        "sign-return-address",
        Mirror,
        "pointer authentication of the C build",
    ),
    string(
        "sign-return-address-key",
        Mirror,
        "pointer authentication of the C build",
    ),
    string(
        "branch-target-enforcement",
        Mirror,
        "landing pads of the C build",
    ),
    enumerated("nocf_check", Mirror, "landing pads of the C build"),
    enumerated("shadowcallstack", Adopt, "shadow call stack of the C build"),
    // What the loader, unwinder and tracer expect of each function.
    string(
        "patchable-function",
        Mirror,
        "entry that the kernel patches",
    ),
    string(
        "patchable-function-entry",
        Mirror,
        "entry that the kernel patches",
    ),
    string(
        "patchable-function-prefix",
        Mirror,
        "room before the entry that the kernel patches",
    ),
    string("frame-pointer", Mirror, "unwinding of the C build"),
    enumerated(
        "uwtable",
        Mirror,
        "a kernel without .eh_frame unwinds by other means",
    ),
    string(
        "probe-stack",
        Mirror,
        "a kernel stack has a guard page and no probing",
    ),
    string("stack-probe-size", Mirror, "belongs to probe-stack"),
    // Checks that clang adds.
    enumerated(
        "sanitize_address",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_hwaddress",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_memory",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_thread",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_numerical_stability",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_realtime",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_type",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_alloc_token",
        Instrument,
        "passes of clang's add its checks, and none have run on this bitcode",
    ),
    enumerated(
        "sanitize_memtag",
        Keep,
        "the code generator tags the stack of a function that has it",
    ),
    enumerated(
        "safestack",
        Keep,
        "the code generator moves the arrays of a function that has it",
    ),
    // What is assumed of floating point.
    enumerated(
        "strictfp",
        Keep,
        "rustc assumes the default floating-point environment",
    ),
    string(
        "denormal-fp-math",
        Denormals,
        "rustc assumes IEEE denormals, as C does without a flag",
    ),
    string("denormal-fp-math-f32", Denormals, "as denormal-fp-math"),
];

/// Attributes that a unit's flags (`-O0`, `-fno-inline`) give to every function
/// of it, which says nothing of any one of them: they are taken off, in this
/// order. One of a function's own stays and is the cause why its calls do.
pub(super) const OF_A_UNIT: &[Reasoned] = &[
    Reasoned {
        name: "optnone",
        reason: "the module is optimized as Rust is; asks for noinline, so it goes first",
    },
    Reasoned {
        name: "noinline",
        reason: "helpers are there to be inlined",
    },
];

/// Target features that call a hosted runtime library, taken off in a kernel, which has
/// none. clang turns them on by what it finds on the machine, whatever it compiles for.
pub(super) const HOSTED_FEATURES: &[Reasoned] = &[Reasoned {
    name: "outline-atomics",
    reason: "each atomic calls libgcc's `__aarch64_*`, which no kernel exports; without it \
             Rust's atomics too are instructions",
}];

/// What clang finds out about a function before its passes add instrumentation, and is not
/// true of it any more: a call that checks or counts must not be left out.
pub(super) const ASSUMED_BEFORE: &[Reasoned] = &[
    Reasoned {
        name: "memory",
        reason: "counters and shadow memory are memory too",
    },
    Reasoned {
        name: "willreturn",
        reason: "a check that fails does not return",
    },
    Reasoned {
        name: "speculatable",
        reason: "it has effects",
    },
];

/// What a module has as a whole.
pub(super) const DATA_LAYOUT: Reasoned = Reasoned {
    name: "data layout",
    reason: "refused when it differs: sizes and offsets would, without a word",
};
pub(super) const TRIPLE: Reasoned = Reasoned {
    name: "target triple",
    reason: "adopted from C: with one data layout its spellings (`-none`, `-linux-gnu`) are one \
             target, and C's names the kernel's or library's environment",
};
pub(super) const LINKAGE: Reasoned = Reasoned {
    name: "linkage",
    reason: "internal but for the exports of the Rust crates: what nobody outside sees can be \
             inlined and dropped, and a mutable static exists once",
};

/// Something that is always treated alike, and why.
pub(super) struct Reasoned {
    pub(super) name: &'static str,
    pub(super) reason: &'static str,
}

/// A module flag and what is done about it.
pub(super) struct FlagRow {
    /// Its name; may end in `*`.
    pub(super) name: &'static str,
    pub(super) rule: FlagRule,
    /// Why.
    pub(super) reason: &'static str,
}

const fn flag(name: &'static str, rule: FlagRule, reason: &'static str) -> FlagRow {
    FlagRow { name, rule, reason }
}

/// Every module flag that matters. One that is not here is adopted from C: it
/// says how the kernel or library was compiled.
pub(super) const FLAGS: &[FlagRow] = &[
    flag(
        "Code Model",
        FlagRule::Adopt,
        "where code and data may lie; two different ones are a hard conflict",
    ),
    flag(
        "cf-protection-*",
        FlagRule::Adopt,
        "landing pads; LLVM merges to the lower value, so one side without it switches them off",
    ),
    flag("ibt-seal", FlagRule::Adopt, "belongs to the landing pads"),
    flag(
        "sign-return-address*",
        FlagRule::Adopt,
        "pointer authentication; merges to the lower value",
    ),
    flag(
        "branch-target-enforcement",
        FlagRule::Adopt,
        "landing pads; merges to the lower value",
    ),
    flag(
        "guarded-control-stack",
        FlagRule::Adopt,
        "shadow stack; merges to the lower value",
    ),
    flag(
        "stack-protector-guard*",
        FlagRule::Adopt,
        "where the stack guard is",
    ),
    flag(
        "override-stack-alignment",
        FlagRule::Adopt,
        "a kernel keeps stacks aligned to 8 bytes",
    ),
    flag(
        "function_return_thunk_extern",
        FlagRule::Adopt,
        "return thunks of functions that LLVM itself makes",
    ),
    flag(
        "indirect_branch_cs_prefix",
        FlagRule::Adopt,
        "room for patching retpolines",
    ),
    flag(
        "SkipRaxSetup",
        FlagRule::Adopt,
        "calls of variadic functions in a kernel",
    ),
    flag(
        "wchar_size",
        FlagRule::Adopt,
        "which library functions on wide characters LLVM may know",
    ),
    flag(
        "PIC Level",
        FlagRule::Position,
        "relocations through a GOT remain, which a module loader refuses",
    ),
    flag("PIE Level", FlagRule::Position, "as PIC Level"),
    flag("RtLibUseGOT", FlagRule::Position, "as PIC Level"),
    flag(
        "Dwarf Version",
        FlagRule::AdoptFirst,
        "a kernel's configuration names the version that its tools read; \
         bitcode of rustc 1.85 allows no other beside its own",
    ),
    flag("DWARF64", FlagRule::AdoptFirst, "as Dwarf Version"),
    flag(
        "Debug Info Version",
        FlagRule::LeaveToLlvm,
        "LLVM drops debug information of another one",
    ),
    flag(
        "kcfi*",
        FlagRule::Refuse,
        "rustc on stable gives functions no kCFI type identifiers (CONFIG_CFI_CLANG)",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_has_one_row_with_a_reason() {
        for (index, row) in ROWS.iter().enumerate() {
            assert!(!row.reason.is_empty(), "{}", row.name);
            assert!(
                ROWS[..index].iter().all(|other| other.name != row.name),
                "{} has two rows",
                row.name
            );
        }
        for (index, row) in FLAGS.iter().enumerate() {
            assert!(!row.reason.is_empty(), "{}", row.name);
            assert!(
                FLAGS[..index].iter().all(|other| other.name != row.name),
                "{} has two rows",
                row.name
            );
        }
    }
}
