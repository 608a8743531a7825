//! What a unit may copy of the helpers, and what is the archive's alone: each kind of
//! definition whose copy could be told from the original.
//!
//! Not here: that the programs print the same (`tests/cargo_build/copies.rs`).

use super::fixture::{Fixture, Linked};
use super::units::{caller, lowered};
use crate::link::job::{Cause, OptLevel};

const LEVELS: [OptLevel; 2] = [OptLevel::O0, OptLevel::O2];

/// The archive's object, and that of a crate that calls `rust_helper_f`.
fn one(c: &str, level: OptLevel) -> (Linked, Linked) {
    let mut fixture = Fixture::hosted();
    fixture.c(c);
    fixture.rust(&caller("first"));
    let (archive, units) = lowered(&fixture, level);
    let [archive] = archive.try_into().ok().expect("one archive");
    let [unit] = units.try_into().ok().expect("one unit");
    (archive, unit)
}

/// Asserts that a call of `rust_helper_f` stays for a cause, and goes to the archive.
fn stays(c: &str, cause: Cause, attribute: &str) {
    for level in LEVELS {
        let (archive, unit) = one(c, level);
        let f = unit.helper("rust_helper_f");
        assert_eq!((f.call_sites, f.inlined), (1, 0), "{c}");
        let [call] = f.remaining.as_slice() else {
            panic!("{c}: {:?}", f.remaining);
        };
        assert_eq!(call.cause, cause, "{c}");
        let said = call.attribute.as_deref().unwrap_or_default();
        assert!(said.contains(attribute), "{c}: {said}");
        assert_eq!(call.caller, "first");
        assert!(call.location.is_some());
        assert!(
            unit.undefined_symbols()
                .contains(&"rust_helper_f".to_owned())
        );
        assert!(
            archive
                .global_labels()
                .contains(&"rust_helper_f".to_owned())
        );
    }
}

/// Asserts that `rust_helper_f` is inlined, and what the unit then needs.
fn inlined(c: &str, undefined: &[&str]) {
    for level in LEVELS {
        let (archive, unit) = one(c, level);
        let f = unit.helper("rust_helper_f");
        assert_eq!((f.inlined, f.remaining.len()), (1, 0), "{c}: {f:?}");
        let mut needs = unit.undefined_symbols();
        needs.sort();
        assert_eq!(needs, undefined, "{c} {level:?}");
        for name in undefined {
            assert!(
                archive.global_labels().contains(&(*name).to_owned()),
                "{c}: {name}"
            );
        }
    }
}

#[test]
fn a_function_whose_labels_have_addresses_is_not_copied() {
    stays(
        "unsigned long rust_helper_f(unsigned long a) {
           static const void *const t[] = { &&x, &&y }; goto *t[a & 1]; x: return 1; y: return 2; }",
        Cause::NotInlinable,
        "addresses of its labels",
    );
    inlined(
        "static unsigned long run(unsigned long a) {
           const void *t[] = { &&x, &&y }; goto *t[a & 1]; x: return 1; y: return 2; }
         unsigned long rust_helper_f(unsigned long a) { return run(a) + 1; }",
        &["helper_inline.package0.run"],
    );
    // The control: labels that only assembly jumps to have none.
    inlined(
        "unsigned long rust_helper_f(unsigned long a) {
           __asm__ goto(\"jmp %l0\" : : : : x); return a; x: return 2; }",
        &[],
    );
}

#[test]
fn what_the_linker_may_replace_is_not_copied() {
    stays(
        "__attribute__((weak)) unsigned long rust_helper_f(unsigned long a) { return a + 1; }",
        Cause::Replaceable,
        "weak",
    );
    inlined(
        "__attribute__((weak)) const unsigned long limit = 5;
         unsigned long rust_helper_f(unsigned long a) { return a + limit; }",
        &["limit"],
    );
    inlined(
        "__attribute__((weak)) unsigned long below(unsigned long a) { return a; }
         unsigned long rust_helper_f(unsigned long a) { return below(a) + 1; }",
        &["below"],
    );
}

#[test]
fn what_the_program_chooses_when_it_starts_is_not_copied() {
    let resolved = "static unsigned long one(unsigned long a) { return a + 1; }
         static void *choose(void) { return one; }";
    stays(
        &format!(
            "{resolved}
             unsigned long rust_helper_f(unsigned long) __attribute__((ifunc(\"choose\")));"
        ),
        Cause::Replaceable,
        "ifunc",
    );
    inlined(
        &format!(
            "{resolved}
             static unsigned long below(unsigned long) __attribute__((ifunc(\"choose\")));
             unsigned long rust_helper_f(unsigned long a) {{ return below(a) * 2; }}"
        ),
        &["below"],
    );
}

#[test]
fn an_alias_keeps_only_itself_out_of_line() {
    let strong = "unsigned long strong(unsigned long a) { return a + 7; }";
    stays(
        &format!(
            "{strong}
             unsigned long rust_helper_f(unsigned long) __attribute__((alias(\"strong\")));"
        ),
        Cause::Alias,
        "`strong`",
    );
    stays(
        "unsigned long v = 3; extern unsigned long w __attribute__((alias(\"v\")));
         unsigned long rust_helper_f(unsigned long a) { v = a; w = 2; return v; }",
        Cause::Alias,
        "`w`",
    );
    // The control: what it is beside.
    inlined(
        "unsigned long rust_helper_f(unsigned long a) { return a + 7; }
         unsigned long rust_helper_g(unsigned long) __attribute__((alias(\"rust_helper_f\")));",
        &[],
    );
    inlined(
        "static unsigned long one(unsigned long a) { return a + 7; }
         static unsigned long other(unsigned long) __attribute__((alias(\"one\")));
         unsigned long rust_helper_f(unsigned long a) { return other(a); }",
        &["helper_inline.package0.other"],
    );
}

#[test]
fn assembly_that_names_what_is_local_is_the_archives() {
    stays(
        "static unsigned long count __attribute__((used));
         unsigned long rust_helper_f(unsigned long a) {
           __asm__ volatile(\"incq count(%%rip)\" ::: \"memory\"); return a; }",
        Cause::AssemblySymbol,
        "`count`",
    );
    // Others refer to it by another name.
    inlined(
        "static unsigned long count __attribute__((used));
         void bump(void) { __asm__ volatile(\"incq count(%%rip)\" ::: \"memory\"); }
         unsigned long rust_helper_f(unsigned long a) { bump(); return a + count; }",
        &[
            "bump",
            "helper_inline.package0.anchor",
            "helper_inline.package0.count",
        ],
    );
    // The control: what the assembly is handed.
    inlined(
        "static unsigned long lock;
         unsigned long rust_helper_f(unsigned long a) {
           __asm__ volatile(\"lock; incq %0\" : \"+m\"(lock)); return a; }",
        &["helper_inline.package0.lock"],
    );
}

#[test]
fn assembly_that_defines_a_symbol_is_the_archives() {
    for label in ["here: nop", ".Lhere: nop", "1: .globl there\\nthere: nop"] {
        stays(
            &format!(
                "unsigned long rust_helper_f(unsigned long a) {{
                   __asm__ volatile(\"{label}\"); return a; }}
                 unsigned long rust_helper_g(unsigned long a) {{
                   return rust_helper_f(a) + rust_helper_f(a); }}"
            ),
            Cause::AssemblySymbol,
            "here`",
        );
    }
    inlined(
        "unsigned long rust_helper_f(unsigned long a) {
           __asm__ volatile(\"1: nop; .Lx%=: nop\" ::); return a; }",
        &[],
    );
}

#[test]
fn what_assembly_outside_of_functions_defines_is_found() {
    for globl in ["", ".globl triple\\n"] {
        let (_, unit) = one(
            &format!(
                "__asm__(\".text\\n{globl}triple: leaq (%rdi,%rdi,2), %rax; ret\");
                 unsigned long triple(unsigned long);
                 unsigned long rust_helper_f(unsigned long a) {{ return triple(a); }}"
            ),
            OptLevel::O2,
        );
        let own = "helper_inline.package0.triple";
        let name = if globl.is_empty() { own } else { "triple" };
        assert_eq!(unit.helper("rust_helper_f").inlined, 1);
        assert!(
            unit.undefined_symbols().contains(&name.to_owned()),
            "{name}"
        );
    }
    let (archive, _) = one(
        "__asm__(\".text\\ntriple: leaq (%rdi,%rdi,2), %rax; ret\");
         unsigned long triple(unsigned long);
         unsigned long rust_helper_f(unsigned long a) { return triple(a); }",
        OptLevel::O2,
    );
    let own = "helper_inline.package0.triple".to_owned();
    assert!(archive.global_labels().contains(&own));
}

#[test]
fn what_only_assembly_outside_of_functions_calls_keeps_its_name() {
    let (archive, _) = one(
        "static unsigned long inner(unsigned long a) { return a + 40; }
         static unsigned long (*volatile keep)(unsigned long) __attribute__((used)) = inner;
         __asm__(\".text\\n.globl outer\\nouter: jmp inner\");
         unsigned long outer(unsigned long);
         unsigned long rust_helper_f(unsigned long a) { return outer(a); }",
        OptLevel::O2,
    );
    assert!(archive.symbols().contains(&"inner".to_owned()));
    assert!(!archive.undefined_symbols().contains(&"inner".to_owned()));
}

#[test]
fn constructors_are_the_archives_and_keep_nothing_out_of_line() {
    let (archive, unit) = one(
        "static unsigned long ready;
         __attribute__((constructor)) static void up(void) { ready = 1; }
         __attribute__((destructor(101))) static void down(void) { ready = 0; }
         unsigned long rust_helper_f(unsigned long a) { return ready + a; }",
        OptLevel::O2,
    );
    let has =
        |object: &Linked, part: &str| object.sections().iter().any(|name| name.starts_with(part));
    assert_eq!(unit.helper("rust_helper_f").inlined, 1);
    for section in [".init_array", ".fini_array"] {
        assert!(has(&archive, section) && !has(&unit, section), "{section}");
    }
    let anchor = "helper_inline.package0.anchor".to_owned();
    assert!(unit.undefined_symbols().contains(&anchor));
}

#[test]
fn the_address_of_a_helper_is_the_archives() {
    for level in LEVELS {
        let mut fixture = Fixture::hosted();
        fixture.c(
            "unsigned long rust_helper_f(unsigned long a) { return a + 1; }
             static unsigned long (*const table[])(unsigned long) = { rust_helper_f };
             unsigned long rust_helper_g(unsigned long a) { return table[a] == rust_helper_f; }",
        );
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; fn rust_helper_g(a: u64) -> u64; }
             #[unsafe(no_mangle)] pub extern \"C\" fn first(a: u64) -> u64 {
               unsafe { rust_helper_f(a) + rust_helper_g(a) } }
             #[unsafe(no_mangle)] pub extern \"C\" fn address() -> usize {
               rust_helper_f as *const () as usize }",
        );
        let (_, units) = lowered(&fixture, level);
        let f = units[0].helper("rust_helper_f");
        assert_eq!(f.inlined, f.call_sites);
        assert!(
            f.remaining
                .iter()
                .all(|left| left.cause == Cause::AddressTaken)
        );
        assert!(!f.remaining.is_empty());
        assert!(
            units[0]
                .undefined_symbols()
                .contains(&"rust_helper_f".to_owned())
        );
        assert_eq!(units[0].helper("rust_helper_g").inlined, 1);
    }
}

#[test]
fn a_call_in_a_copy_that_nothing_took_is_not_counted() {
    let (_, unit) = one(
        "unsigned long rust_helper_g(unsigned long a) { return a + 1; }
         __attribute__((noinline)) unsigned long rust_helper_f(unsigned long a) {
           return rust_helper_g(a); }",
        OptLevel::O0,
    );
    assert_eq!(unit.helper("rust_helper_f").remaining.len(), 1);
    assert_eq!(unit.helper("rust_helper_g").call_sites, 0);
}
