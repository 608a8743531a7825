//! What a build script says of helpers that cannot be declared, and that what it names
//! as a cure is one: each is applied to the helper that it was printed for.

use crate::workspace::{Workspace, done};

/// A helper that cannot be declared, and what serves instead.
struct Case {
    name: &'static str,
    /// A line of C.
    refused: &'static str,
    reason: &'static str,
    /// What of the message the cure follows.
    mend: &'static str,
    /// The line after that.
    cured: &'static str,
    /// What is given to `Helpers::wrap_expression`.
    expression: &'static str,
    /// A call in Rust, which gives 42.
    call: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "most",
        refused: "__attribute__((preserve_most)) int rust_helper_most(int a) { return a; }",
        reason: "its calling convention is not C's",
        mend: "leave out the attribute",
        cured: "int rust_helper_most(int a) { return a; }",
        expression: "",
        call: "most(42)",
    },
    Case {
        name: "all",
        refused: "__attribute__((preserve_all)) int rust_helper_all(int a) { return a; }",
        reason: "its calling convention is not C's",
        mend: "or call it by a helper that has none",
        cured: "static __attribute__((preserve_all)) int all(int a) { return a; } \
                int rust_helper_all(int a) { return all(a); }",
        expression: "",
        call: "all(42)",
    },
    Case {
        name: "calls",
        refused: "int rust_helper_calls(most f) { return f(42); }",
        reason: "it passes or returns a pointer to a function whose calling convention is not C's",
        mend: "pass it as `void *`",
        cured: "int rust_helper_calls(void *f) { return ((most)f)(42); } \
                void *rust_helper_given(void) { return (void *)given; }",
        expression: "",
        call: "calls(given())",
    },
    Case {
        name: "returns",
        refused: "most rust_helper_returns(void) { return given; }",
        reason: "it passes or returns a pointer to a function whose calling convention is not C's",
        mend: "or call it in C",
        cured: "int rust_helper_returns(int a) { return given(a); }",
        expression: "",
        call: "returns(42)",
    },
    Case {
        name: "bits",
        refused: "int rust_helper_bits(_BitInt(17) a) { return a; }",
        reason: "it passes or returns `_BitInt(17)` by value",
        mend: "or a type that Rust has: in a helper",
        cured: "int rust_helper_bits(int a) { return (_BitInt(17))a; }",
        expression: "",
        call: "bits(42)",
    },
    Case {
        name: "wide",
        refused: "_BitInt(100) rust_helper_wide(void) { return 42; }",
        reason: "it passes or returns `_BitInt(100)` by value",
        mend: "or by `Helpers::wrap_expression`",
        cured: "static _BitInt(100) wide_in_c(void) { return 42; }",
        expression: "int wide(void) = wide_in_c()",
        call: "wide()",
    },
    Case {
        name: "long",
        refused: "int rust_helper_long(long double d) { return d; }",
        reason: "it passes or returns `long double` by value",
        mend: "pass a pointer to the value",
        cured: "int rust_helper_long(const long double *d) { return *d; } \
                const long double *rust_helper_long_value(void) { static long double d = 42; return &d; }",
        expression: "",
        call: "long(long_value())",
    },
    Case {
        name: "pair",
        refused: "int rust_helper_pair(struct pair p) { return p.i; }",
        reason: "it passes or returns `struct pair` by value, which holds `long double`",
        mend: "pass a pointer to the value",
        cured: "int rust_helper_pair(const struct pair *p) { return p->i; }",
        expression: "const struct pair *new_pair(void) = &some",
        call: "pair(new_pair())",
    },
    Case {
        name: "complex",
        refused: "_Complex double rust_helper_complex(double a) { return a; }",
        reason: "it passes or returns `_Complex double` by value",
        mend: "pass a pointer to the value",
        cured: "void rust_helper_complex(_Complex double *c, double a) { *c = a; }",
        expression: "double real(const _Complex double *c) = __real__ *c",
        call: "{ let mut c = unsafe { std::mem::zeroed() }; complex(&mut c, 42.0); real(&c) }",
    },
    Case {
        name: "vector",
        refused: "int rust_helper_vector(vector v) { return v[1]; }",
        reason: "it passes or returns `vector` by value",
        mend: "pass a pointer to the value",
        cured: "int rust_helper_vector(const int *v) { return (*(const vector *)v)[1]; }",
        expression: "",
        call: "{ #[repr(align(16))] struct A([i32; 4]); vector(A([0, 42, 0, 0]).0.as_ptr()) }",
    },
    Case {
        name: "atomic",
        refused: "_Atomic int rust_helper_atomic(void) { return 42; }",
        reason: "it passes or returns `_Atomic(int)` by value",
        mend: "or a type that Rust has: in a helper",
        cured: "int rust_helper_atomic(void) { return 42; }",
        expression: "",
        call: "atomic()",
    },
    Case {
        name: "half",
        refused: "_Float16 rust_helper_half(_Float16 h) { return h; }",
        reason: "it passes or returns `_Float16` by value",
        mend: "or a type that Rust has: in a helper",
        cured: "float rust_helper_half(float h) { return (_Float16)h; }",
        expression: "",
        call: "half(42.0)",
    },
    Case {
        name: "aligned",
        refused: "int rust_helper_aligned(struct aligned a) { return a.i; }",
        reason: "by value, which has an alignment of more than 16 bytes",
        mend: "pass a pointer to the value",
        cured: "int rust_helper_aligned(struct aligned *a) { return a->i; }",
        expression: "",
        call: "aligned(&mut c::aligned { i: 42, ..unsafe { std::mem::zeroed() } })",
    },
    Case {
        name: "list",
        refused: "int rust_helper_list(int n, va_list l) { return va_arg(l, int); }",
        reason: "it takes a `va_list`, which Rust cannot make",
        mend: "wrap its variadic form by `Helpers::wrap_expression`",
        cured: "static int list_of(int n, ...) { va_list l; va_start(l, n); \
                int first = va_arg(l, int); va_end(l); return first; }",
        expression: "int list(int only) = list_of(1, only)",
        call: "list(42)",
    },
    Case {
        name: "variadic",
        refused: "static int rust_helper_variadic(int n, ...) { return n; }",
        reason: "it is variadic, and C cannot hand on arguments that it does not know",
        mend: "wrap each way to call it by `Helpers::wrap_expression`",
        cured: "static int variadic_in_c(int n, ...) { return n; }",
        expression: "int variadic(int n, int more) = variadic_in_c(n, more)",
        call: "variadic(42, 1)",
    },
    Case {
        name: "over",
        refused: "__attribute__((overloadable)) int rust_helper_over(int a) { return a; } \
                  __attribute__((overloadable)) int rust_helper_over(long a) { return a; }",
        reason: "it is overloaded, and a helper has one type",
        mend: "give each its own name, without `__attribute__((overloadable))`",
        cured: "int rust_helper_over(int a) { return a; } \
                int rust_helper_over_long(long a) { return a; }",
        expression: "",
        call: "over(over_long(42))",
    },
];

/// What all of them are made of.
const BEGIN: &str = "\
#pragma clang diagnostic ignored \"-Weverything\"
#include <stdarg.h>
typedef int __attribute__((preserve_most)) (*most)(int);
static __attribute__((preserve_most, unused)) int given(int a) { return a; }
struct pair { long double d; int i; };
static struct pair some __attribute__((unused)) = { 1, 42 };
typedef int vector __attribute__((vector_size(16)));
struct aligned { int i; } __attribute__((aligned(32)));
";

#[test]
fn each_cure_is_one_for_the_helper_that_it_is_printed_for() {
    let workspace = Workspace::of("cures");
    let write = |file: &str, text: String| std::fs::write(workspace.dir.join(file), text).unwrap();
    let helpers = |line: fn(&Case) -> &str| {
        let lines = CASES.iter().map(|case| format!("{}\n", line(case)));
        BEGIN.to_owned() + &lines.collect::<String>()
    };

    write("helpers.c", helpers(|case| case.refused));
    let said = done(&mut workspace.cargo("build")).stderr;
    let place = workspace.dir.join("helpers.c").display().to_string();
    let first = BEGIN.lines().count() + 1;
    for (line, case) in (first..).zip(CASES) {
        let begins = format!("`rust_helper_{}` ({place}:{line})", case.name);
        let of_it = said.lines().find(|said| said.contains(&begins));
        let of_it = of_it.unwrap_or_else(|| panic!("no {begins} in:\n{said}"));
        for part in [case.reason, case.mend] {
            assert!(of_it.contains(part), "no `{part}` in: {of_it}");
        }
    }
    let warnings = said.matches("warning: cures@").count();
    assert_eq!(warnings, CASES.len(), "{said}");

    write("helpers.c", helpers(|case| case.cured));
    let expressions = CASES.iter().filter(|case| !case.expression.is_empty());
    let expressions = expressions.map(|case| format!("{}\n", case.expression));
    write("expressions", expressions.collect());
    let calls = CASES.iter().map(|case| {
        let (name, call) = (case.name, case.call);
        format!("    println!(\"{name} {{}}\", unsafe {{ {call} }});\n")
    });
    write(
        "src/main.rs",
        format!(
            "#![allow(warnings)]\nmod c {{ include!(concat!(env!(\"OUT_DIR\"), \"/helpers.rs\")); }}\n\
             use c::*;\nfn main() {{\n{}}}\n",
            calls.collect::<String>()
        ),
    );
    let ran = done(&mut workspace.cargo("run"));
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let values = CASES.iter().map(|case| format!("{} 42\n", case.name));
    assert_eq!(ran.stdout, values.collect::<String>());
}
