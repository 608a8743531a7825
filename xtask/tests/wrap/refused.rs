//! What cannot be wrapped, and what the error says.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};

use crate::support::{cargo, copy};

/// A request that fails, by a line put into the fixture's build script.
fn fails(dir: &Path, request: &str, expected: &Expect) {
    let script = dir.join("build.rs");
    let original = fs::read_to_string(&script).unwrap();
    let begin = original.find("        .wrap_function").unwrap();
    let end = original.find("        .compile").unwrap();
    let changed = format!("{}{request}{}", &original[..begin], &original[end..]);
    fs::write(&script, changed).unwrap();
    let (succeeded, text) = cargo(dir, &["build"]);
    fs::write(&script, original).unwrap();
    assert!(!succeeded, "{request}: {text}");
    let error = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Error: "));
    let error = error.unwrap_or(&text).replace(dir.to_str().unwrap(), "…");
    expected.assert_eq(&error);
}

#[test]
fn what_cannot_be_wrapped_is_an_error_that_names_it() {
    let dir = copy("refused");
    for (request, expected) in [
        (
            r#".wrap_function("kinds_variadic")"#,
            expect![[
                r#"`kinds_variadic` cannot be wrapped: it is variadic, and C cannot hand on arguments that it does not know; wrap each way to call it by `Helpers::wrap_expression`"#
            ]],
        ),
        (
            r#".wrap_function("kinds_variable")"#,
            expect![[
                r#"`kinds_variable` cannot be wrapped: it takes an array whose element's size is known at run time only; wrap it by `Helpers::wrap_expression` with a pointer to the first element"#
            ]],
        ),
        (
            r#".wrap_function("kinds_vector_value")"#,
            expect![
                "`kinds_vector_value` cannot be wrapped: it passes or returns `kinds_vector` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`"
            ],
        ),
        (
            r#".wrap_function("kinds_holds_long")"#,
            expect![
                "`kinds_holds_long` cannot be wrapped: it passes or returns `struct kinds_holds_long` by value, which holds `long double`: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`"
            ],
        ),
        (
            r#".wrap_function("kinds_va_list")"#,
            expect![[
                r#"`kinds_va_list` cannot be wrapped: it takes a `va_list`, which Rust cannot make; wrap its variadic form by `Helpers::wrap_expression`"#
            ]],
        ),
        (
            r#".wrap_function("kinds_unavailable")"#,
            expect![[
                r#"`kinds_unavailable` cannot be wrapped: clang says of the wrapper: 'kinds_unavailable' is unavailable: use kinds_static; wrap it by `Helpers::wrap_expression`, or write the helper in C"#
            ]],
        ),
        (
            r#".wrap_function("kinds_pair").bindgen(|b| b.opaque_type("kinds_pair"))"#,
            expect![
                "`kinds_pair` cannot be wrapped: it passes or returns `kinds_pair` by value, of which bindgen declares `kinds_pair` as mere bytes: Rust passes those otherwise than C; let bindgen see its fields (no `opaque_type`), or pass a pointer: in a helper, or by `Helpers::wrap_expression`"
            ],
        ),
        (
            r#".wrap_function("puts")"#,
            expect![[
                r#"`puts` cannot be wrapped: it is an ordinary function, which is linked from its library; declare it by `Helpers::bindgen(|b| b.allowlist_function("puts"))`"#
            ]],
        ),
        (
            r#".wrap_function("KINDS_SWAP")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: it is a macro; give its C prototype: `Helpers::wrap_macro("… KINDS_SWAP(…)")`"#
            ]],
        ),
        (
            r#".wrap_function("kinds_missing")"#,
            expect![[
                r#"`Helpers::wrap_function("kinds_missing")` matches no inline function of the headers: mend the name or pattern (it is matched as a whole), or add the header that has it by `Helpers::header`"#
            ]],
        ),
        (
            r#".wrap_function("missing_.*")"#,
            expect![[
                r#"`Helpers::wrap_function("missing_.*")` matches no inline function of the headers: mend the name or pattern (it is matched as a whole), or add the header that has it by `Helpers::header`"#
            ]],
        ),
        (
            r#".wrap_file("missing\\.h")"#,
            expect![[
                r#"`Helpers::wrap_file("missing\\.h")` matches no file of the headers that defines an inline function: mend the name or pattern (it is matched as a whole), or add the header that has it by `Helpers::header`"#
            ]],
        ),
        (
            r#".wrap_macro("u32 kinds_static(u32 x)")"#,
            expect![[
                r#"`kinds_static` cannot be wrapped: it is an inline function and no macro; call `Helpers::wrap_function("kinds_static")`"#
            ]],
        ),
        (
            r#".wrap_macro("int puts(const char *s)")"#,
            expect![[
                r#"`puts` cannot be wrapped: it is an ordinary function and no macro; declare it by `Helpers::bindgen(|b| b.allowlist_function("puts"))`"#
            ]],
        ),
        (
            r#".wrap_macro("u32 KINDS_MISSING(u32 x)")"#,
            expect![[
                r#"`Helpers::wrap_macro("… KINDS_MISSING(…)")` matches no macro of the headers: mend the name or pattern (it is matched as a whole), or add the header that has it by `Helpers::header`"#
            ]],
        ),
        (
            r#".wrap_macro("u32 KINDS_SWAP(missing_t x)")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: clang says of the prototype given to `Helpers::wrap_macro`: unknown type name 'missing_t'; mend the prototype, or name the header that declares its types"#
            ]],
        ),
        (
            r#".wrap_macro("u32 KINDS_SWAP(u32)")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: a parameter of its prototype has no name; name each parameter"#
            ]],
        ),
        (
            r#".wrap_macro("u32 KINDS_SWAP(u32 x, u32 y)")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: clang says of the wrapper: too many arguments provided to function-like macro invocation; mend the prototype, or wrap it by `Helpers::wrap_expression`"#
            ]],
        ),
        (
            r#".wrap_macro("static u32 KINDS_SWAP(u32 x)")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: its prototype declares no function for other units; write it without `static`, `inline` and `typedef`"#
            ]],
        ),
        (
            r#".wrap_macro("u32 *KINDS_SWAP(u32 x)")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: clang says of the wrapper: incompatible integer to pointer conversion returning 'unsigned int' from a function with result type 'u32 *' (aka 'unsigned int *'); mend the prototype, or wrap it by `Helpers::wrap_expression`"#
            ]],
        ),
        (
            r#".wrap_expression("long double half(long double x)", "x / 2")"#,
            expect![
                "`half` cannot be wrapped: it passes or returns `long double` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`"
            ],
        ),
        (
            r#".wrap_expression("u32 len(struct kinds_header *h)", "h->missing")"#,
            expect![[
                r#"`len` cannot be wrapped: clang says of the wrapper: no member named 'missing' in 'struct kinds_header'; mend the prototype or the expression"#
            ]],
        ),
        (
            r#".wrap_expression("u32 expected_swap(void)", "1")"#,
            expect![
                "`expected_swap` cannot be wrapped: the helper `rust_helper_expected_swap` at …/c/expected.c:47 has the same name in Rust; rename or drop one; `Helpers::wrap_expression` gives a wrapper any name"
            ],
        ),
        (
            r#".wrap_constant("KINDS_FAILED")"#,
            expect![[
                r#"`KINDS_FAILED` cannot be wrapped: it has the type `void *const`, which no Rust constant has; if it is an expression, wrap it by `Helpers::wrap_macro` with a prototype of no parameters"#
            ]],
        ),
        (
            r#".wrap_constant("KINDS_SWAP")"#,
            expect![[
                r#"`KINDS_SWAP` cannot be wrapped: it is a macro with parameters and no constant; give its C prototype: `Helpers::wrap_macro("… KINDS_SWAP(…)")`"#
            ]],
        ),
        (
            r#".wrap_constant("KINDS_BROKEN")"#,
            expect![[
                r#"`KINDS_BROKEN` cannot be wrapped: it is a macro, but no expression; wrap what you need of it by `Helpers::wrap_expression`"#
            ]],
        ),
        (
            r#".wrap_constant("KINDS_HERE")"#,
            expect![[
                r#"`KINDS_HERE` cannot be wrapped: it has no constant value: initializer element is not a compile-time constant; if it is an expression, wrap it by `Helpers::wrap_macro` with a prototype of no parameters"#
            ]],
        ),
        (
            r#".wrap_constant("kinds_static")"#,
            expect![[
                r#"`kinds_static` cannot be wrapped: it is a function and no constant; call `Helpers::wrap_function("kinds_static")`"#
            ]],
        ),
        (
            r#".wrap_constant("MISSING_.*")"#,
            expect![[
                r#"`Helpers::wrap_constant("MISSING_.*")` matches no constant of the headers: mend the name or pattern (it is matched as a whole), or add the header that has it by `Helpers::header`"#
            ]],
        ),
    ] {
        fails(&dir, request, &expected);
    }
}

#[test]
fn headers_that_do_not_compile_are_an_error_with_their_line() {
    let dir = copy("broken");
    let header = dir.join("c/kinds.h");
    let text = fs::read_to_string(&header).unwrap();
    fs::write(
        &header,
        format!("{text}\nstatic inline missing_t broken(void);\n"),
    )
    .unwrap();
    let (succeeded, text) = cargo(&dir, &["build"]);
    assert!(!succeeded);
    let expected = "kinds.h:";
    let at = text
        .find("the headers to wrap from cannot be read")
        .unwrap();
    assert!(
        text[at..].contains(expected) && text[at..].contains("missing_t"),
        "{text}"
    );
}
