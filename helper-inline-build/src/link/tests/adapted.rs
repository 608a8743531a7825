//! Structs by value, which clang and rustc spell as different LLVM types.

use super::fixture::{Fixture, Linked};

/// A struct's fields, in C and in Rust.
type Fields = &'static [(&'static str, &'static str)];

const INTEGERS: &[Fields] = &[
    &[("unsigned short", "u16"), ("unsigned long", "u64")],
    &[("unsigned long", "u64"), ("unsigned char", "u8")],
    &[("unsigned long", "u64"), ("unsigned int", "u32")],
    &[("unsigned char *", "*mut u8"), ("_Bool", "bool")],
    &[("unsigned __int128", "u128")],
    &[
        ("unsigned", "u32"),
        ("unsigned", "u32"),
        ("unsigned", "u32"),
    ],
    // In memory.
    &[("unsigned long", "u64"), ("unsigned __int128", "u128")],
    &[("char *", "*mut u8"), ("char *", "*mut u8"), ("char", "u8")],
];

const FLOATS: &[Fields] = &[
    &[("float", "f32"), ("float", "f32")],
    &[("float", "f32"), ("float", "f32"), ("float", "f32")],
    &[("double", "f64"), ("float", "f32")],
    &[("float", "f32"), ("double", "f64")],
    &[("float", "f32"), ("unsigned", "u32"), ("double", "f64")],
    &[("double", "f64"), ("double", "f64"), ("double", "f64")],
];

/// For each struct and number of integers before it, a helper that takes and
/// returns it, and its caller; they are numbered.
fn takes_and_returns(mut fixture: Fixture, structs: &[Fields], befores: &[usize]) -> Linked {
    let (mut c, mut rust) = (String::new(), String::new());
    let cases = structs
        .iter()
        .flat_map(|s| befores.iter().map(move |before| (s, before)));
    for (number, (fields, before)) in cases.enumerate() {
        let each = |one: &dyn Fn(usize) -> String| (0..*before).map(one).collect::<String>();
        let field = |(at, (c, rust)): (usize, &(&str, &str))| {
            (format!("{c} f{at};"), format!("pub f{at}: {rust},"))
        };
        let (in_c, in_rust): (String, String) = fields.iter().enumerate().map(field).unzip();
        c += &format!(
            "struct s{number} {{ {in_c} }};
             struct s{number} rust_helper_{number}({}struct s{number} s, short last) {{
                 s.f0 += last; return s; }}\n",
            each(&|n| format!("long a{n}, "))
        );
        rust += &format!(
            "#[repr(C)] #[derive(Clone, Copy)] pub struct S{number} {{ {in_rust} }}
             unsafe extern \"C\" {{ fn rust_helper_{number}({}s: S{number}, last: i16) -> S{number}; }}
             #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller{number}(s: &mut S{number}, last: i16) {{
                 unsafe {{ *s = rust_helper_{number}({}*s, last); }} }}\n",
            each(&|n| format!("a{n}: i64, ")),
            each(&|n| format!("{n}, ")),
        );
    }
    fixture.c(&c);
    fixture.rust(&rust);
    fixture.link()
}

/// That each of so many helpers was called once and is gone.
#[track_caller]
fn assert_inlined(linked: &Linked, helpers: usize) {
    assert_eq!(linked.outcome.helpers.len(), helpers);
    for helper in &linked.outcome.helpers {
        assert_eq!((helper.call_sites, helper.inlined), (1, 1), "{helper:?}");
        assert!(helper.remaining.is_empty(), "{helper:?}");
    }
    let symbols = linked.symbols();
    assert_eq!(symbols.len(), helpers, "{symbols:?}");
    assert!(
        symbols.iter().all(|name| name.starts_with("caller")),
        "{symbols:?}"
    );
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
}

#[test]
fn structs_are_inlined_from_registers_and_from_the_stack() {
    let befores = [0, 1, 5, 6, 7, 8];
    for fixture in [Fixture::aarch64(), Fixture::new()] {
        let linked = takes_and_returns(fixture, INTEGERS, &befores);
        assert_inlined(&linked, INTEGERS.len() * befores.len());
    }
}

#[test]
fn floats_are_inlined_in_a_hosted_program() {
    let linked = takes_and_returns(Fixture::hosted(), FLOATS, &[0, 6]);
    assert_inlined(&linked, FLOATS.len() * 2);
}

#[test]
fn each_size_is_inlined_on_both_architectures() {
    for mut fixture in [Fixture::aarch64(), Fixture::new()] {
        let (mut c, mut rust) = (String::new(), String::new());
        for bytes in 1..=16 {
            c += &format!(
                "struct s{bytes} {{ unsigned char b[{bytes}]; }};
                 struct s{bytes} rust_helper_{bytes}(unsigned char a, struct s{bytes} s) {{
                     s.b[{bytes} - 1] += a; return s; }}\n"
            );
            rust += &format!(
                "#[repr(C)] #[derive(Clone, Copy)] pub struct S{bytes} {{ b: [u8; {bytes}] }}
                 unsafe extern \"C\" {{ fn rust_helper_{bytes}(a: u8, s: S{bytes}) -> S{bytes}; }}
                 #[unsafe(no_mangle)] pub extern \"C\" fn caller{bytes}(a: u8, s: &mut S{bytes}) {{
                     unsafe {{ *s = rust_helper_{bytes}(a, *s) }} }}\n"
            );
        }
        fixture.c(&c);
        fixture.rust(&rust);
        assert_inlined(&fixture.link(), 16);
    }
}

/// The instructions of a caller of `rust_helper_s`.
fn code(mut fixture: Fixture, c: &str, rust: &str) -> Vec<String> {
    fixture.c(c);
    fixture.rust(rust);
    let linked = fixture.link();
    assert_inlined(&linked, 1);
    let listing = linked.disassembly();
    let lines = listing
        .lines()
        .filter_map(|line| line.split_once(":  ").or(line.split_once(": \t")));
    lines
        .map(|(_, code)| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .take_while(|code| !code.starts_with("nop"))
        .collect()
}

#[test]
fn the_adapter_keeps_the_abis_exact_bits_and_nothing_else() {
    // The struct's second half has 16 bits, though Rust passes 64.
    let narrow = "struct s { unsigned long a; unsigned short b; };
         unsigned long rust_helper_s(struct s s) { return s.b; }";
    let caller = "#[repr(C)] pub struct S { a: u64, b: u16 }
         unsafe extern \"C\" { fn rust_helper_s(s: S) -> u64; }
         #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(b: u64) -> u64 {
             unsafe { rust_helper_s(S { a: 7, b: b as u16 }) } }";
    assert_eq!(
        code(Fixture::new(), narrow, caller),
        ["movzwl %di, %eax", "retq"]
    );
    // What is returned is what was given, in the low byte.
    let byte = "struct s { unsigned char b; };
         struct s rust_helper_s(unsigned char a) { struct s s = { a }; return s; }";
    let caller = "#[repr(C)] pub struct S { b: u8 }
         unsafe extern \"C\" { fn rust_helper_s(a: u8) -> S; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u8) -> u8 {
             unsafe { rust_helper_s(a).b } }";
    let returned = code(Fixture::aarch64(), byte, caller);
    assert!(
        returned.len() <= 2 && returned.ends_with(&["ret".to_owned()]),
        "{returned:?}"
    );
    // Two floats in one register are added in place.
    let floats = "struct s { float a, b; }; float rust_helper_s(struct s s) { return s.b; }";
    let caller = "#[repr(C)] pub struct S { a: f32, b: f32 }
         unsafe extern \"C\" { fn rust_helper_s(s: S) -> f32; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: f32, b: f32) -> f32 {
             unsafe { rust_helper_s(S { a, b }) } }";
    assert_eq!(
        code(Fixture::hosted(), floats, caller),
        ["movaps %xmm1, %xmm0", "retq"]
    );
}

#[test]
fn it_is_reported_with_both_types_and_only_where_it_is_needed() {
    let adapted = |fixture, fields: Fields| {
        let linked = takes_and_returns(fixture, &[fields], &[0]);
        let lines = linked.outcome.harmonized.into_iter();
        lines
            .filter(|line| line.attribute == "type of rust_helper_0")
            .map(|line| (line.action, line.functions))
            .collect::<Vec<_>>()
    };
    let types = "adapted: Rust calls `{ i64, i64 } ({ i64, i64 }, i16)`, \
                 C defines `{ i16, i64 } (i16, i64, i16)`";
    assert_eq!(
        adapted(Fixture::new(), INTEGERS[0]),
        [(types.to_owned(), 1)]
    );
    let types = "adapted: Rust calls `i64 (i64, i16)`, C defines `i32 (i64, i16)`";
    let four: Fields = &[("unsigned", "u32")];
    assert_eq!(adapted(Fixture::aarch64(), four), [(types.to_owned(), 1)]);
    assert_eq!(adapted(Fixture::new(), four), []);
    assert_eq!(adapted(Fixture::new(), INTEGERS[7]), []);
}

/// Cause and detail of the one call of `rust_helper_f` that stayed.
fn stayed(mut fixture: Fixture, c: &str, declaration: &str, call: &str) -> (&'static str, String) {
    fixture.c(c);
    fixture.rust(&format!(
        "#[repr(C)] pub struct S {{ pub a: u64, pub b: u64, pub c: u64 }}
         #[repr(C)] pub struct Two {{ pub a: u64, pub b: u32 }}
         unsafe extern \"C\" {{ {declaration} }}
         #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(s: &mut S) -> u64 {{
             unsafe {{ {call} }} }}"
    ));
    let linked = fixture.link();
    let remaining = &linked.helper("rust_helper_f").remaining;
    assert_eq!(remaining.len(), 1, "{declaration}: {remaining:?}");
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
    let detail = remaining[0].attribute.clone().unwrap_or_default();
    (remaining[0].cause.name(), detail)
}

#[test]
fn wrong_declarations_are_refused_with_both_types() {
    let wrong = |fixture, c: &str, declaration: &str, call: &str, types: &str| {
        let found = stayed(fixture, c, declaration, call);
        assert_eq!(found, ("type-mismatch", types.to_owned()), "{declaration}");
    };
    // A number of another width is no struct with room to spare.
    wrong(
        Fixture::aarch64(),
        "unsigned rust_helper_f(unsigned a) { __asm__ volatile(\"\" : \"+r\"(a)); return a; }",
        "fn rust_helper_f(a: u64) -> u64;",
        "rust_helper_f(7)",
        "Rust calls `i64 (i64)`, C defines `i32 (i32)`",
    );
    wrong(
        Fixture::new(),
        "unsigned long rust_helper_f(unsigned long a) { return a; }",
        "fn rust_helper_f(a: u32) -> u64;",
        "rust_helper_f(7)",
        "Rust calls `i64 (i32)`, C defines `i64 (i64)`",
    );
    let three = "struct s { unsigned long a, b, c; };";
    // The same LLVM types, and yet one is an address and one is memory.
    wrong(
        Fixture::new(),
        &format!("{three} unsigned long rust_helper_f(struct s s) {{ return s.a; }}"),
        "fn rust_helper_f(s: *mut S) -> u64;",
        "rust_helper_f(s)",
        "Rust calls `i64 (ptr)`, C defines `i64 (ptr byval(24))`",
    );
    // The address of a result has a register of its own here.
    wrong(
        Fixture::aarch64(),
        &format!(
            "{three} struct s rust_helper_f(void) {{ struct s s = {{ 1, 2, 3 }}; return s; }}"
        ),
        "fn rust_helper_f(s: *mut S);",
        "rust_helper_f(s); s.c",
        "Rust calls `void (ptr)`, C defines `void (ptr sret)`",
    );
    wrong(
        Fixture::new(),
        "struct s { unsigned long a, b; };
         unsigned long rust_helper_f(struct s s) { return s.b; }",
        "fn rust_helper_f(a: u64) -> u64;",
        "rust_helper_f(7)",
        "Rust calls `i64 (i64)`, C defines `i64 (i64, i64)`",
    );
}

#[test]
fn an_adapter_carries_no_helper_past_a_mitigation() {
    let (cause, detail) = stayed(
        Fixture::new(),
        "struct s { unsigned long a; unsigned b; };
         __attribute__((speculative_load_hardening))
         unsigned long rust_helper_f(struct s s) { return s.b; }",
        "fn rust_helper_f(s: Two) -> u64;",
        "rust_helper_f(Two { a: 1, b: 2 })",
    );
    assert_eq!(cause, "conflicting-attribute");
    assert!(detail.starts_with("speculative_load_hardening"), "{detail}");
}

#[test]
fn a_pure_helper_may_be_handed_memory() {
    // Its `memory(none)` does not hold of an adapter that reads what is behind
    // a pointer: calls of one adapter that kept it, with one pointer, would be
    // taken for the same.
    let pure = "struct s { unsigned a; };
         __attribute__((const)) unsigned rust_helper_s(
             long a, long b, long c, long d, long e, long f, struct s s) { return s.a + 1; }";
    let caller = "#[repr(C)] pub struct S { a: u32 }
         unsafe extern \"C\" { fn rust_helper_s(a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, s: S) -> u32; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u32 {
             let mut sum = 0;
             for a in 0..4 { sum += unsafe { rust_helper_s(1, 2, 3, 4, 5, 6, S { a }) }; }
             sum }";
    let mut fixture = Fixture::new();
    fixture.c(pure);
    fixture.rust(caller);
    let linked = fixture.link();
    assert!(linked.helper("rust_helper_s").remaining.is_empty());
    let code = linked.disassembly();
    assert!(code.contains("$0xa, %eax"), "{code}");
}
