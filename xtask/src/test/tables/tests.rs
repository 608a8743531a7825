//! Each rule on tables that keep to it, and on some that do not.

use super::*;

/// Two functions: a call, a retpoline, a static call and a return in one, and in the
/// other what a table of faults, bugs, keys or alternatives leads to.
fn functions() -> Vec<Function> {
    let function = |address: u64, text: &[(&str, &str)]| Function {
        name: format!("f{address}"),
        section: ".text".into(),
        address,
        instructions: text
            .iter()
            .zip((address..).step_by(8))
            .map(|((text, symbol), address)| Instruction {
                address,
                text: (*text).to_owned(),
                symbols: vec![(*symbol).to_owned()],
            })
            .collect(),
        indirect_target: false,
    };
    vec![
        function(
            0,
            &[
                ("callq\t0x5", "kfree-0x4"),
                ("jmp\t0x5", "__x86_indirect_thunk_rax-0x4"),
                ("callq\t0x5", "__SCT__might_resched-0x4"),
                ("jmp\t0x5", "__x86_return_thunk-0x4"),
            ],
        ),
        function(64, &[("nop", ""), ("movq\t(%rax), %rax", ""), ("ud2", "")]),
    ]
}

/// Places in `.text`, and the offsets of the words that lead there.
fn table(words: &[(u64, u64)]) -> Vec<(u64, Place)> {
    let places = words.iter();
    places
        .map(|&(offset, at)| (offset, (".text".to_owned(), at)))
        .collect()
}

/// Tables that keep to every rule.
fn good() -> Tables {
    let mut tables = Tables::default();
    for (name, words) in [
        (".call_sites", &[(0, 0)][..]),
        (".retpoline_sites", &[(0, 8)]),
        (".static_call_sites", &[(0, 16), (4, 200)]),
        (".return_sites", &[(0, 24)]),
        (".orc_unwind_ip", &[(0, 0), (4, 32), (8, 60)]),
        ("__jump_table", &[(0, 64), (4, 66), (8, 300)]),
        ("__ex_table", &[(0, 72), (4, 100)]),
        ("__bug_table", &[(0, 80)]),
        (".altinstructions", &[(0, 72)]),
    ] {
        tables.targets.insert(name.into(), table(words));
    }
    // Known, not known, known.
    let orc: Vec<u8> = [5_u16, 0, 5]
        .iter()
        .flat_map(|r| [0, 0, 0, 0, *r as u8, 0])
        .collect();
    tables.sections.insert(".orc_unwind".into(), orc);
    let mut btf = vec![0x9f, 0xeb, 1, 0];
    for word in [24_u32, 0, 12, 12, 4] {
        btf.extend(word.to_le_bytes());
    }
    btf.extend([0; 16]);
    tables.sections.insert(".BTF".into(), btf);
    tables
}

fn hold_tables(tables: &Tables, has_vmlinux: bool) -> Result<Vec<&'static str>> {
    let functions = functions();
    let module = Module {
        tables,
        functions: &functions,
        has_vmlinux,
    };
    hold(&|_| true, Arch::Amd64, &module)
}

#[track_caller]
fn refused(tables: &Tables, words: &str) {
    let error = hold_tables(tables, true).unwrap_err().to_string();
    assert!(error.contains(words), "no `{words}` in: {error}");
}

#[test]
fn every_rule_is_applied_to_what_is_good() {
    assert_eq!(hold_tables(&good(), true).unwrap().len(), RULES.len());
}

#[test]
fn an_option_that_is_not_set_asks_for_nothing() {
    let module = Module {
        tables: &Tables::default(),
        functions: &functions(),
        has_vmlinux: false,
    };
    let applied = hold(&|_| false, Arch::Amd64, &module).unwrap();
    assert!(!applied.contains(&"each retpoline listed"), "{applied:?}");
    let applied = hold(&|_| true, Arch::Arm64, &module).unwrap();
    assert!(!applied.contains(&"each return listed"), "{applied:?}");
}

#[test]
fn a_site_that_is_not_listed_is_told() {
    for (section, rule) in [
        (".retpoline_sites", "`each retpoline listed`"),
        (".return_sites", "`each return listed`"),
        (".call_sites", "`each call listed`"),
        (".static_call_sites", "`each static call listed`"),
    ] {
        let mut tables = good();
        tables.targets.remove(section);
        refused(&tables, rule);
        // In another place it is as bad: the kernel would patch there.
        let mut tables = good();
        tables.targets.insert(section.into(), table(&[(0, 64)]));
        refused(&tables, rule);
    }
}

#[test]
fn code_that_is_only_copied_is_listed_for_the_kernels_own_sake() {
    let mut tables = good();
    let sites = tables.targets.get_mut(".call_sites").unwrap();
    sites.push((4, (".altinstr_replacement".into(), 3)));
    hold_tables(&tables, true).unwrap();
}

#[test]
fn a_table_that_leads_elsewhere_is_told() {
    for (section, to, rule) in [
        ("__bug_table", 72, "`a trap where each bug is`"),
        (
            "__jump_table",
            72,
            "`an instruction where each static key is`",
        ),
        ("__ex_table", 73, "`an instruction where each fault may be`"),
        (
            ".altinstructions",
            73,
            "`an instruction where each alternative is`",
        ),
    ] {
        let mut tables = good();
        tables.targets.insert(section.into(), table(&[(0, to)]));
        refused(&tables, rule);
    }
}

#[test]
fn a_function_without_unwinding_data_is_told() {
    let rule = "`unwinding data for each function` does not hold: none for `f64`";
    // The stretch before it, which holds on, is not known.
    let mut tables = good();
    tables
        .targets
        .insert(".orc_unwind_ip".into(), table(&[(0, 0), (4, 32), (8, 90)]));
    refused(&tables, rule);
    let mut tables = good();
    tables.targets.remove(".orc_unwind_ip");
    refused(&tables, "18 bytes for 0 places");
}

#[test]
fn type_information_is_whole_or_not_there() {
    let rule = "`type information as the kernel's build can make it`";
    let mut tables = good();
    tables.sections.get_mut(".BTF").unwrap().pop();
    refused(&tables, rule);
    tables.sections.remove(".BTF");
    refused(&tables, rule);
    hold_tables(&tables, false).unwrap();
    assert!(hold_tables(&good(), false).is_err());
}

#[test]
fn bitcode_and_debug_sections_are_told() {
    for name in [".llvmbc", ".llvmcmd", ".debug_info", ".rela.debug_line"] {
        let mut tables = good();
        tables.sections.insert(name.into(), vec![0]);
        refused(&tables, name);
    }
}
