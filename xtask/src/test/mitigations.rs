//! What a kernel's own build hardens must be hard in a module too: its code is
//! read, function by function, and held to the kernel's configuration.
//!
//! A rule applies when the configuration says so, and names each function that
//! breaks it. Not here: how code is read (`disassembly`), or what makes it so
//! (the library's harmonizing).

use anyhow::{Result, ensure};
use helper_inline_build::kernel::KernelDir;

use super::disassembly::{Function, Instruction};
use crate::kernels::Arch;

/// What every function of a module has to keep to.
struct Rule {
    name: &'static str,
    arch: Arch,
    /// Options of which one switches it on; always on when there is none.
    options: &'static [&'static str],
    /// Options of which one switches it off again.
    unless: &'static [&'static str],
    /// Whether a function keeps to it.
    kept: fn(&Function) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        name: "no bare indirect branch",
        arch: Arch::Amd64,
        options: &["CONFIG_RETPOLINE", "CONFIG_MITIGATION_RETPOLINE"],
        unless: &[],
        kept: |f| !f.instructions.iter().any(is_indirect_branch),
    },
    Rule {
        name: "no bare return",
        arch: Arch::Amd64,
        options: &["CONFIG_RETHUNK", "CONFIG_MITIGATION_RETHUNK"],
        unless: &[],
        kept: |f| !f.instructions.iter().any(is_return),
    },
    Rule {
        name: "a trap behind each return",
        arch: Arch::Amd64,
        options: &["CONFIG_SLS", "CONFIG_MITIGATION_SLS"],
        unless: &["CONFIG_RETHUNK", "CONFIG_MITIGATION_RETHUNK"],
        kept: |f| each_is_followed(&f.instructions, is_return, |i| i.mnemonic() == "int3"),
    },
    Rule {
        name: "a landing pad where pointers lead",
        arch: Arch::Amd64,
        options: &["CONFIG_X86_KERNEL_IBT"],
        unless: &[],
        kept: |f| !f.indirect_target || is_trampoline(f) || begins_with(f, &["endbr64"]),
    },
    Rule {
        name: "no vector, MMX or x87 register",
        arch: Arch::Amd64,
        options: &[],
        unless: &[],
        kept: |f| {
            let registers = ["%xmm", "%ymm", "%zmm", "%mm", "%st"];
            let uses = |i: &Instruction| registers.iter().any(|r| i.operands().contains(r));
            !f.instructions.iter().any(uses)
        },
    },
    Rule {
        name: "nothing below the stack pointer",
        arch: Arch::Amd64,
        options: &[],
        unless: &[],
        kept: |f| !f.instructions.iter().any(is_in_red_zone),
    },
    Rule {
        name: "the stack guard of this processor or task",
        arch: Arch::Amd64,
        options: &["CONFIG_STACKPROTECTOR"],
        unless: &[],
        kept: |f| {
            let guard = |i: &Instruction| {
                let named = i.symbols.iter().any(|s| s.contains("stack_chk_guard"));
                i.operands().starts_with("%gs:0x28") || named && i.operands().starts_with("%gs:")
            };
            !calls(f, "__stack_chk_fail") || f.instructions.iter().any(guard)
        },
    },
    Rule {
        name: "a signed return address wherever it is stored",
        arch: Arch::Arm64,
        options: &["CONFIG_ARM64_PTR_AUTH_KERNEL"],
        unless: &[],
        kept: |f| {
            // What returns without storing the address has nothing to sign, wherever it
            // stands.
            let signed = f.instructions.iter().position(|i| i.text == "paciasp");
            let unsigned = &f.instructions[..signed.unwrap_or(f.instructions.len())];
            !stores_return_address(unsigned) && returns_what_is_signed(&f.instructions)
        },
    },
    Rule {
        name: "a return address on the shadow call stack wherever it is stored",
        arch: Arch::Arm64,
        options: &["CONFIG_SHADOW_CALL_STACK"],
        // There the kernel patches it in as it starts.
        unless: &["CONFIG_DYNAMIC_SCS", "CONFIG_UNWIND_PATCH_PAC_INTO_SCS"],
        kept: |f| {
            let pushed = |i: &Instruction| i.text.starts_with("str\tx30, [x18]");
            !stores_return_address(&f.instructions) || f.instructions.iter().any(pushed)
        },
    },
    Rule {
        name: "a landing pad where pointers lead",
        arch: Arch::Arm64,
        options: &["CONFIG_ARM64_BTI_KERNEL"],
        unless: &[],
        kept: |f| !f.indirect_target || begins_with(f, &["bti\tc", "paciasp"]),
    },
    Rule {
        name: "no vector register",
        arch: Arch::Arm64,
        options: &[],
        unless: &[],
        kept: |f| !f.instructions.iter().any(has_vector_register),
    },
    Rule {
        name: "the stack guard of this processor or task",
        arch: Arch::Arm64,
        options: &["CONFIG_STACKPROTECTOR_PER_TASK"],
        unless: &[],
        kept: |f| {
            let guard = |i: &Instruction| i.mnemonic() == "mrs" && i.operands().ends_with("SP_EL0");
            !calls(f, "__stack_chk_fail") || f.instructions.iter().any(guard)
        },
    },
];

/// Whether it is a jump of the kernel's DEFINE_STATIC_CALL(), which is visible to
/// others for calls by name, and says of itself that it needs no landing pad.
fn is_trampoline(function: &Function) -> bool {
    function.name.starts_with("__SCT__")
}

/// Holds a module's functions to what its kernel is configured for; returns the
/// names of the rules that applied.
pub fn check(kernel: &KernelDir, arch: Arch, functions: &[Function]) -> Result<Vec<&'static str>> {
    hold(&|option| kernel.is_set(option), arch, functions)
}

fn hold(
    is_set: &dyn Fn(&str) -> bool,
    arch: Arch,
    functions: &[Function],
) -> Result<Vec<&'static str>> {
    let any = |options: &[&str]| options.iter().any(|option| is_set(option));
    let in_force = |rule: &&Rule| {
        rule.arch == arch && (rule.options.is_empty() || any(rule.options)) && !any(rule.unless)
    };
    let mut applied = Vec::new();
    for rule in RULES.iter().filter(in_force) {
        let broken: Vec<&str> = functions
            .iter()
            .filter(|function| !(rule.kept)(function))
            .map(|function| function.name.as_str())
            .collect();
        ensure!(
            broken.is_empty(),
            "mitigation `{}` is missing from {}",
            rule.name,
            broken.join(", ")
        );
        applied.push(rule.name);
    }
    if any(&["CONFIG_STACKPROTECTOR"]) {
        ensure!(
            functions.iter().any(|f| calls(f, "__stack_chk_fail")),
            "no function at all has a stack guard"
        );
    }
    Ok(applied)
}

fn begins_with(function: &Function, words: &[&str]) -> bool {
    let first = function.instructions.first();
    first.is_some_and(|i| words.contains(&i.text.as_str()))
}

fn is_indirect_branch(instruction: &Instruction) -> bool {
    let mnemonic = instruction.mnemonic();
    (mnemonic.starts_with("call") || mnemonic.starts_with("jmp"))
        && instruction.operands().starts_with('*')
}

fn is_return(instruction: &Instruction) -> bool {
    instruction.mnemonic().starts_with("ret")
}

fn is_in_red_zone(instruction: &Instruction) -> bool {
    let below = |operand: &str| operand.starts_with("-0x") && operand.ends_with("(%rsp)");
    // `lea` touches nothing, and the kernel's memory barrier adds nothing.
    let harmless =
        instruction.mnemonic().starts_with("lea") || instruction.operands().starts_with("$0x0, ");
    !harmless && instruction.operands().split(", ").any(below)
}

fn stores_return_address(instructions: &[Instruction]) -> bool {
    let stores = |i: &Instruction| {
        let into_memory = ["str", "stp", "stur"].contains(&i.mnemonic());
        let (registers, place) = i.operands().split_once('[').unwrap_or_default();
        into_memory && registers.contains("x30") && place.starts_with("sp")
    };
    instructions.iter().any(stores)
}

/// Whether a return address that comes from memory is authenticated before it is used.
fn returns_what_is_signed(instructions: &[Instruction]) -> bool {
    let loads = |i: &Instruction| {
        let (registers, place) = i.operands().split_once('[').unwrap_or_default();
        let from_memory = ["ldr", "ldp", "ldur"].contains(&i.mnemonic());
        from_memory && registers.contains("x30") && place.starts_with("sp")
    };
    let mut loaded = false;
    for instruction in instructions {
        match instruction.mnemonic() {
            "autiasp" => loaded = false,
            "ret" | "b" | "br" if loaded => return false,
            _ => loaded |= loads(instruction),
        }
    }
    true
}

fn has_vector_register(instruction: &Instruction) -> bool {
    let words = instruction
        .operands()
        .split([',', ' ', '[', ']', '{', '}', '.']);
    words.into_iter().any(|word| {
        let number = word.strip_prefix(['v', 'q', 'd', 's', 'h', 'b']);
        number.is_some_and(|n| n.parse::<u8>().is_ok_and(|n| n < 32))
    })
}

fn calls(function: &Function, symbol: &str) -> bool {
    let named = |s: &String| s.split(['-', '+']).next() == Some(symbol);
    function
        .instructions
        .iter()
        .any(|i| i.symbols.iter().any(named))
}

fn each_is_followed(
    instructions: &[Instruction],
    first: fn(&Instruction) -> bool,
    then: fn(&Instruction) -> bool,
) -> bool {
    let firsts = instructions.iter().enumerate().filter(|(_, i)| first(i));
    firsts
        .into_iter()
        .all(|(at, _)| instructions.get(at + 1).is_some_and(then))
}

#[cfg(test)]
mod tests;
