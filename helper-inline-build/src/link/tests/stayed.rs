//! Helpers that stay out of line, each with its cause.

use super::fixture::Fixture;
use crate::link::job::{Cause, RemainingCall};

/// The calls of `rust_helper_f` that stayed, for a caller `unsafe { call }`.
fn stayed(c: &str, declaration: &str, call: &str) -> Vec<RemainingCall> {
    let mut fixture = Fixture::new();
    fixture.c(c);
    fixture.rust(&format!(
        "unsafe extern \"C\" {{ {declaration} }}\n\
         #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller() -> u64 {{ unsafe {{ {call} }} }}"
    ));
    let linked = fixture.link();
    let remaining = linked.helper("rust_helper_f").remaining.clone();
    // The object keeps it, as the account says.
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
    remaining
}

fn one(mut remaining: Vec<RemainingCall>) -> (Cause, String) {
    assert_eq!(remaining.len(), 1, "{remaining:?}");
    let call = remaining.remove(0);
    assert_eq!(call.caller, "caller");
    (call.cause, call.attribute.unwrap_or_default())
}

#[test]
fn an_instruction_set_of_its_own_is_named() {
    let (cause, attribute) = one(stayed(
        "__attribute__((target(\"bmi2\"))) unsigned long rust_helper_f(unsigned long a) { __asm__ volatile(\"\" : \"+r\"(a)); return a; }",
        "fn rust_helper_f(a: u64) -> u64;",
        "rust_helper_f(7)",
    ));
    assert_eq!(cause, Cause::ConflictingAttribute);
    assert_eq!(
        attribute,
        "target-features: C has `+bmi2`, which the caller has not"
    );
}

#[test]
fn a_hardening_of_its_own_is_named() {
    // The C build hardens no loads; this helper alone does.
    let (cause, attribute) = one(stayed(
        "__attribute__((speculative_load_hardening)) unsigned long rust_helper_f(unsigned long a) { __asm__ volatile(\"\" : \"+r\"(a)); return a; }",
        "fn rust_helper_f(a: u64) -> u64;",
        "rust_helper_f(7)",
    ));
    assert_eq!(cause, Cause::ConflictingAttribute);
    assert_eq!(
        attribute,
        "speculative_load_hardening: C has `set`, the caller has not set"
    );
}

#[test]
fn two_declarations_that_differ_show_both_types() {
    let (cause, attribute) = one(stayed(
        "unsigned int rust_helper_f(unsigned int a) { return a * 3; }",
        "fn rust_helper_f(a: u64) -> u64;",
        "rust_helper_f(7)",
    ));
    assert_eq!(cause, Cause::TypeMismatch);
    assert_eq!(attribute, "Rust calls `i64 (i64)`, C defines `i32 (i32)`");
}

#[test]
fn a_body_that_llvm_cannot_inline_has_llvms_reason() {
    let (cause, attribute) = one(stayed(
        "unsigned long rust_helper_f(int n, ...) {
             __builtin_va_list list; __builtin_va_start(list, n);
             unsigned long a = __builtin_va_arg(list, unsigned long);
             __builtin_va_end(list); return a; }",
        "fn rust_helper_f(n: i32, ...) -> u64;",
        "rust_helper_f(1, 7u64)",
    ));
    assert_eq!(cause, Cause::NotInlinable);
    assert!(attribute.to_lowercase().contains("varargs"), "{attribute}");
}

#[test]
fn an_address_that_is_taken_keeps_the_helper() {
    let remaining = stayed(
        "unsigned long rust_helper_f(unsigned long a) { return a * 3; }",
        "fn rust_helper_f(a: u64) -> u64; fn take(f: unsafe extern \"C\" fn(u64) -> u64) -> u64;",
        "take(rust_helper_f) + rust_helper_f(7)",
    );
    assert_eq!(one(remaining).0, Cause::AddressTaken);
}

#[test]
fn a_helper_that_stays_is_not_copied_under_another_name() {
    // Large, and called with constants, as LLVM's specialization likes it.
    let steps: String = (0..40)
        .map(|n| {
            format!(
                "sum += f(i + {n}) * 3; sum ^= sum >> {}; state += sum * {}; if (sum & {}) state ^= {};",
                n % 13 + 1,
                n + 31,
                8 * n + 1,
                n + 3
            )
        })
        .collect();
    let c = format!(
        "unsigned long state;
         __attribute__((noinline))
         unsigned long rust_helper_f(unsigned long (*f)(unsigned long), unsigned long n) {{
             unsigned long sum = 0;
             for (unsigned long i = 0; i < n; i++) {{ {steps} }}
             return sum; }}"
    );
    for inline in [true, false] {
        let mut fixture = Fixture::hosted();
        fixture.inline = inline;
        fixture.c(&c);
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_f(f: extern \"C\" fn(u64) -> u64, n: u64) -> u64; }\n\
             extern \"C\" fn add(a: u64) -> u64 { a.wrapping_add(5) }\n\
             extern \"C\" fn mix(a: u64) -> u64 { a.rotate_left(9) ^ a.wrapping_mul(0x9e37) }\n\
             #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u64 {\n\
             unsafe { rust_helper_f(add, 5) ^ rust_helper_f(mix, 5) } }",
        );
        let linked = fixture.link();
        assert_eq!(
            linked.helper("rust_helper_f").remaining.len(),
            2,
            "inline {inline}"
        );
        crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
    }
}

#[test]
fn a_call_of_another_type_keeps_all_that_it_hands_over() {
    let mut fixture = Fixture::new();
    // The seventh argument is in memory, which only rustc's type says.
    fixture.c("struct s { unsigned short f[4]; };\n\
         __attribute__((noinline)) unsigned long rust_helper_f(long a, long b, long c, long d, \
         long e, long g, struct s p) { return p.f[1]; }");
    fixture.rust(
        "#[repr(C)] pub struct S { f: [u16; 4] }\n\
         unsafe extern \"C\" { fn rust_helper_f(a: i64, b: i64, c: i64, d: i64, e: i64, g: i64, p: S) -> u64; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u16) -> u64 {\n\
         unsafe { rust_helper_f(1, 2, 3, 4, 5, 6, S { f: [7, a, 8, 9] }) } }",
    );
    let linked = fixture.link();
    let code = linked.disassembly();
    let caller = code.split("<caller>:").nth(1).unwrap();
    let caller = caller.split('>').next().unwrap();
    let given = ["%di", "%edi"].iter().any(|name| caller.contains(name));
    assert!(given, "the value is lost: {code}");
}
