use super::*;

/// A function of these instructions; `@` goes before a relocation's symbol.
fn function(text: &[&str]) -> Function {
    let instructions = text.iter().map(|line| {
        let (text, symbol) = line.split_once('@').unwrap_or((line, ""));
        Instruction {
            address: 0,
            text: text.trim().to_owned(),
            symbols: (!symbol.is_empty())
                .then(|| symbol.to_owned())
                .into_iter()
                .collect(),
        }
    });
    Function {
        name: "f".into(),
        instructions: instructions.collect(),
        indirect_target: true,
        ..Function::default()
    }
}

/// What is said of a good function, and of each bad one.
fn hold_each(arch: Arch, options: &[&str], good: &[&str], bad: &[(&str, &[&str])]) {
    let is_set = |option: &str| options.contains(&option);
    hold(&is_set, arch, &[function(good)]).unwrap();
    for (rule, text) in bad {
        let error = hold(&is_set, arch, &[function(good), function(text)]).unwrap_err();
        assert!(error.to_string().contains(rule), "{rule}: {error}");
    }
}

#[test]
fn each_rule_of_x86_catches_what_breaks_it() {
    hold_each(
        Arch::Amd64,
        &["CONFIG_RETPOLINE", "CONFIG_RETHUNK", "CONFIG_SLS"],
        &[
            "callq\t0x5 @__x86_indirect_thunk_r11-0x4",
            "jmp\t0x9 @__x86_return_thunk-0x4",
        ],
        &[
            ("indirect branch", &["callq\t*%rax"]),
            ("indirect branch", &["jmpq\t*(%rip) @vtable"]),
            ("bare return", &["retq"]),
            ("vector", &["movups\t%xmm0, (%rdi)"]),
            ("below the stack pointer", &["movq\t%rax, -0x8(%rsp)"]),
        ],
    );
    hold_each(
        Arch::Amd64,
        &["CONFIG_MITIGATION_SLS", "CONFIG_X86_KERNEL_IBT"],
        &["endbr64", "retq", "int3"],
        &[
            ("trap", &["endbr64", "retq", "nop"]),
            ("trap", &["endbr64", "retq"]),
            ("landing pad", &["retq", "int3"]),
        ],
    );
    hold_each(
        Arch::Amd64,
        &["CONFIG_STACKPROTECTOR"],
        &["movq\t%gs:0x28, %rax", "callq\t0x5 @__stack_chk_fail-0x4"],
        &[
            (
                "guard",
                &["movq\t%fs:0x28, %rax", "callq\t0x5 @__stack_chk_fail-0x4"],
            ),
            (
                "guard",
                &[
                    "movq\t(%rip), %rax @__ref_stack_chk_guard-0x4",
                    "callq\t0x5 @__stack_chk_fail-0x4",
                ],
            ),
        ],
    );
    // Where a newer kernel keeps it.
    hold_each(
        Arch::Amd64,
        &["CONFIG_STACKPROTECTOR"],
        &[
            "movq\t%gs:(%rip), %rax @__ref_stack_chk_guard-0x4",
            "callq\t0x5 @__stack_chk_fail-0x4",
        ],
        &[],
    );
}

#[test]
fn each_rule_of_arm_catches_what_breaks_it() {
    let stored = "stp\tx29, x30, [sp, #-0x40]!";
    let loaded = "ldp\tx29, x30, [sp], #0x40";
    hold_each(
        Arch::Arm64,
        &["CONFIG_ARM64_PTR_AUTH_KERNEL", "CONFIG_ARM64_BTI_KERNEL"],
        &["paciasp", stored, loaded, "autiasp", "ret"],
        &[
            ("signed", &["bti\tc", stored, loaded, "ret"]),
            ("signed", &["paciasp", stored, loaded, "ret"]),
            (
                "signed",
                &["paciasp", stored, loaded, "autiasp", "ret", loaded, "ret"],
            ),
            ("signed", &["paciasp", stored, loaded, "b\t0x40"]),
            (
                "signed",
                &["bti\tc", stored, "paciasp", loaded, "autiasp", "ret"],
            ),
            ("landing pad", &["mov\tx0, x1", "ret"]),
            ("vector", &["bti\tc", "ldp\tq0, q1, [x0]", "ret"]),
            ("vector", &["bti\tc", "cnt\tv0.8b, v0.8b", "ret"]),
        ],
    );
    hold_each(
        Arch::Arm64,
        &["CONFIG_SHADOW_CALL_STACK"],
        &[
            "str\tx30, [x18], #0x8",
            stored,
            "ldr\tx30, [x18, #-0x8]!",
            "ret",
        ],
        &[("shadow call stack", &[stored, "ret"])],
    );
    hold_each(
        Arch::Arm64,
        &["CONFIG_STACKPROTECTOR_PER_TASK"],
        &["mrs\tx8, SP_EL0", "bl\t0x0 @__stack_chk_fail"],
        &[("guard", &["bl\t0x0 @__stack_chk_fail"])],
    );
}

#[test]
fn what_returns_without_storing_its_return_address_need_not_sign_it() {
    let framed = [
        "paciasp",
        "stp\tx29, x30, [sp, #-0x10]!",
        "ldp\tx29, x30, [sp], #0x10",
        "autiasp",
        "ret",
    ];
    let early = [&["cbz\tx0, 0x10", "ret"], &framed[..]].concat();
    let late = [&["cbz\tx0, 0x40"], &framed[..], &["mov\tw0, #0x1", "ret"]].concat();
    let is_set = |option: &str| option == "CONFIG_ARM64_PTR_AUTH_KERNEL";
    for shape in [early, late] {
        hold(&is_set, Arch::Arm64, &[function(&shape)]).unwrap();
    }
}

#[test]
fn what_is_called_by_name_alone_needs_no_landing_pad() {
    let local = Function {
        indirect_target: false,
        ..function(&["nop"])
    };
    let is_set = |option: &str| option == "CONFIG_X86_KERNEL_IBT";
    hold(&is_set, Arch::Amd64, &[local]).unwrap();
    let trampoline = Function {
        name: "__SCT__a_call".into(),
        ..function(&["jmp\t0x5"])
    };
    hold(&is_set, Arch::Amd64, &[trampoline]).unwrap();
}

#[test]
fn a_module_without_any_guard_is_told() {
    let is_set = |option: &str| option == "CONFIG_STACKPROTECTOR";
    let error = hold(&is_set, Arch::Amd64, &[function(&["nop"])]).unwrap_err();
    assert!(error.to_string().contains("stack guard"), "{error}");
}
