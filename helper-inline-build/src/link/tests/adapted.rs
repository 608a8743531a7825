//! Small structs returned by value, which clang and rustc spell differently on
//! AArch64.

use super::fixture::Fixture;

/// A helper that returns a struct of some bytes, and its caller, which looks at
/// the last of them.
fn returns_struct(mut fixture: Fixture, bytes: usize) -> super::fixture::Linked {
    fixture.c(&format!(
        "struct s {{ unsigned char b[{bytes}]; }};
         struct s rust_helper_s(unsigned char a) {{
             struct s s = {{ {{ 0 }} }}; s.b[{last}] = a; return s; }}",
        last = bytes - 1
    ));
    fixture.rust(&format!(
        "#[repr(C)] pub struct S {{ b: [u8; {bytes}] }}
         unsafe extern \"C\" {{ fn rust_helper_s(a: u8) -> S; }}
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u8) -> u8 {{
             unsafe {{ rust_helper_s(a).b[{last}] }} }}",
        last = bytes - 1
    ));
    fixture.link()
}

#[test]
fn each_size_is_inlined_on_both_architectures() {
    for bytes in 1..=16 {
        for fixture in [Fixture::aarch64(), Fixture::new()] {
            let target = fixture.target;
            let linked = returns_struct(fixture, bytes);
            let helper = linked.helper("rust_helper_s");
            assert_eq!(
                (helper.call_sites, helper.inlined, helper.remaining.len()),
                (1, 1, 0),
                "{bytes} bytes, {target}: {helper:?}"
            );
            assert_eq!(linked.symbols(), ["caller"]);
        }
    }
}

#[test]
fn the_adapter_keeps_the_abis_exact_bits() {
    // What is returned is what was given, in the low byte: nothing is left but
    // the return itself.
    let linked = returns_struct(Fixture::aarch64(), 1);
    let text = linked.disassembly();
    let code: Vec<&str> = text
        .lines()
        .filter(|l| l.contains(":  ") || l.contains(": \t"))
        .collect();
    assert!(code.len() <= 2 && text.contains("ret"), "{text}");
}

#[test]
fn it_is_reported_and_only_where_it_is_needed() {
    let adapted = |fixture, bytes| {
        let linked = returns_struct(fixture, bytes);
        let lines = linked.outcome.harmonized.into_iter();
        lines
            .filter(|line| line.attribute == "return type of rust_helper_s")
            .map(|line| line.action)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        adapted(Fixture::aarch64(), 4),
        ["adapted: C returns i32, Rust takes i64"]
    );
    assert_eq!(adapted(Fixture::aarch64(), 8), [""; 0]);
    assert_eq!(adapted(Fixture::new(), 4), [""; 0]);
}

#[test]
fn another_difference_is_refused_on_aarch64_too() {
    let mut fixture = Fixture::aarch64();
    fixture
        .c("unsigned rust_helper_f(unsigned a) { __asm__ volatile(\"\" : \"+r\"(a)); return a; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u64 { unsafe { rust_helper_f(7) } }",
    );
    let linked = fixture.link();
    let remaining = &linked.helper("rust_helper_f").remaining;
    assert_eq!(
        remaining[0].attribute.as_deref(),
        Some("Rust calls `i64 (i64)`, C defines `i32 (i32)`")
    );
}
