//! The C that comes of a header, and what is refused without a build.

use super::*;
use crate::build::libclang::Arguments;
use crate::{Clang, Rustc};
use expect_test::expect;

/// A header in a directory of its own, and what is asked of it.
fn wrap(header: &str, requests: Requests) -> Result<Wrapped> {
    within(header, &[], |context| {
        generate(&requests, &BTreeSet::new(), context)
    })
}

/// A header in a directory of its own, compiled with these flags, and what is read there.
fn within<T>(
    header: &str,
    flags: &[&str],
    run: impl FnOnce(&Context<'_>) -> Result<T>,
) -> Result<T> {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().canonicalize().unwrap().join(name);
    std::fs::write(path("kinds.h"), header).unwrap();
    std::fs::write(path("wrappers.c"), "").unwrap();
    let unit = format!(
        "#include {:?}\n#include {:?}\n",
        path("kinds.h"),
        path("wrappers.c")
    );
    std::fs::write(path("unit.c"), unit).unwrap();
    let rustc = Rustc::from_env().unwrap();
    let clang = Clang::find(rustc.llvm).unwrap();
    let flags: Vec<String> = ["-std=gnu11"]
        .iter()
        .chain(flags)
        .map(|&f| f.into())
        .collect();
    run(&Context {
        unit: &path("unit.c"),
        wrappers: &path("wrappers.c"),
        arguments: &Arguments::new(&flags, "target", Some(&clang)).all,
        kernel: false,
        prefix: "rust_helper_",
        tag: "crate_1",
        sources: &[],
        clang: clang.version.major,
        rustc_llvm: rustc.llvm.major,
    })
}

/// The text of what is wrapped, without what begins each file.
fn text(header: &str, requests: Requests) -> String {
    let text = wrap(header, requests).unwrap().text();
    text.split_once("\n\n").unwrap().1.to_owned()
}

fn functions(patterns: &[&str]) -> Requests {
    Requests {
        functions: patterns.iter().map(|&text| text.into()).collect(),
        ..Requests::default()
    }
}

#[test]
fn declarations_are_spelled_as_in_the_header() {
    let header = "\
typedef int (*callback_t)(void *, const char *restrict);
struct pair { int a, b; };
// One line.
// Another.
static inline int each(callback_t cb, const struct pair (*pairs)[2], ...) { return 0; }
/* Chooses. */
static inline callback_t choose(const struct pair pairs[const 3], int (*raw)(int (*)[4], ...)) { return 0; }
static inline int (*(*twice(int which))(int))(char) { return 0; }
static inline volatile int *const *walk(volatile int *const *restrict p, int, _Bool) { return p; }
";
    let requests = functions(&["choose|twice|walk"]);
    let wrapped = text(header, requests);
    expect![[r#"
        /**
         * Chooses.
         */
        callback_t rust_helper_crate_1_choose(const struct pair pairs[3], int (*raw)(int (*)[4], ...))
        {
        	return choose(pairs, raw);
        }

        int (*(*rust_helper_crate_1_twice(int which))(int))(char)
        {
        	return twice(which);
        }

        volatile int *const *rust_helper_crate_1_walk(volatile int *const *__restrict p, int arg1, _Bool arg2)
        {
        	return walk(p, arg1, arg2);
        }
    "#]].assert_eq(&wrapped);
}

#[test]
fn plain_inline_gets_a_weak_definition_with_all_that_it_reaches() {
    let header = "\
inline int leaf(int a) { return a; }
inline int (*middle(void))(int) { return leaf; }
inline int unused(int a) { return a; }
extern inline __attribute__((gnu_inline)) int of_library(int a) { return a; }
extern inline __attribute__((gnu_inline)) int asked(int a) { return a; }
static inline int root(int a) { return middle()(a) + of_library(a) + asked(a); }
";
    expect![[r#"
        int rust_helper_crate_1_asked(int a)
        {
        	return asked(a);
        }

        int rust_helper_crate_1_root(int a)
        {
        	return root(a);
        }

        #ifndef HELPER_INLINE_BITCODE
        #pragma weak asked
        extern __typeof__(asked) asked;
        #pragma weak leaf
        extern __typeof__(leaf) leaf;
        #pragma weak middle
        extern __typeof__(middle) middle;
        #endif
    "#]]
    .assert_eq(&text(header, functions(&["root|asked"])));
}

#[test]
fn macros_and_expressions_take_the_authors_types() {
    let header = "\
typedef unsigned u32;
/** Adds.
 *
 * Wraps around. */
#define add(a, b) ((a) + (b))
#define answer 42
#define store(p, v) do { *(p) = (v); } while (0)
";
    let requests = Requests {
        macros: [
            "u32 add(u32 left, u32 right);",
            "int answer(void)",
            "void store(int *at, int v)",
        ]
        .map(Into::into)
        .to_vec(),
        expressions: vec![(
            "/// Of both.\nlong add_long(long a, long b)".into(),
            "add(a, b)".into(),
        )],
        ..Requests::default()
    };
    expect![[r#"
        /**
         * Adds.
         *
         * Wraps around.
         */
        u32 rust_helper_crate_1_add(u32 left, u32 right)
        {
        	return add(left, right);
        }

        int rust_helper_crate_1_answer(void)
        {
        	return answer;
        }

        void rust_helper_crate_1_store(int *at, int v)
        {
        	store(at, v);
        }

        /**
         * Of both.
         */
        long rust_helper_crate_1_add_long(long a, long b)
        {
        	return add(a, b);
        }
    "#]]
    .assert_eq(&text(header, requests));
}

#[test]
fn constants_have_cs_types() {
    let header = "\
typedef unsigned char u8;
enum color { RED = 3, BLUE = 0x80000000u };
/* The last. */
#define LAST ((u8)-1)
#define LEAST (-9223372036854775807LL - 1)
#define RATIO (1 / 3.0f)
#define NONE __builtin_nan(\"\")
#define NAME \"a\" \"'\\\"\\x80\"
#define SIZE (sizeof(int) * 2)
#define WIDE L\"a\"
#define GUARD
#define TYPE unsigned
static const enum color favourite = RED;
";
    let requests = Requests {
        constants: vec![".*".into()],
        ..Requests::default()
    };
    let wrapped = wrap(header, requests).unwrap();
    expect![[r#"
        pub const BLUE: ::core::ffi::c_uint = 2147483648;
        #[doc = " The last."]
        pub const LAST: ::core::ffi::c_uchar = 255;
        pub const LEAST: ::core::ffi::c_longlong = -9223372036854775808;
        pub const NAME: &::core::ffi::CStr = match ::core::ffi::CStr::from_bytes_with_nul(b"a\'\"\x80\x00") {
            Ok(text) => text,
            Err(_) => panic!(),
        };
        pub const NONE: f64 = f64::NAN;
        pub const RATIO: f32 = 0.33333334;
        pub const SIZE: usize = 8;
        pub const favourite: ::core::ffi::c_uint = 3;
    "#]]
    .assert_eq(&declarations(&wrapped.constants, "pub const RED: u32 = 3;"));
    let refused: Vec<&str> = wrapped.refused().iter().map(|r| r.name.as_str()).collect();
    assert_eq!(refused, ["TYPE", "WIDE"]);
}

#[test]
fn a_macro_that_stands_for_a_function_is_one() {
    let header = "\
#define PREFIXED(name) LIB_##name
#define hash PREFIXED(hash)
#define hash_size 4
#define hash_other other
#define hash_self hash_self
static inline int hash(int a) { return a; }
static inline int hash_self(int a) { return a; }
int other(int);
";
    for (patterns, expected) in [
        (&["hash"][..], expect![[r#"[("hash", "LIB_hash")]"#]]),
        (
            &["hash.*"],
            expect![[r#"[("hash", "LIB_hash"), ("hash_self", "hash_self")]"#]],
        ),
        (
            &["hash.*", "LIB_.*"],
            expect![[
                r#"[("LIB_hash", "LIB_hash"), ("hash", "LIB_hash"), ("hash_self", "hash_self")]"#
            ]],
        ),
    ] {
        let wrapped = wrap(header, functions(patterns)).unwrap();
        let of: Vec<_> = wrapped
            .names()
            .into_values()
            .zip(wrapped.of().into_values())
            .collect();
        expected.assert_eq(&format!("{of:?}"));
    }
    let error = wrap(header, functions(&["hash_size"]))
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("it is a macro"), "{error}");
}

#[test]
fn a_name_that_is_wrapped_twice_is_refused() {
    let header =
        "#define a(x) (x)\nstatic inline int b(int x) { return x; }\nint rust_helper_b(int x);\n";
    let requests = Requests {
        macros: vec!["int a(int x)".into()],
        expressions: vec![("int a(int y)".into(), "y".into())],
        ..Requests::default()
    };
    expect!["`a` cannot be wrapped: the wrapper of `a` has the same name in Rust; rename or drop one; `Helpers::wrap_expression` gives a wrapper any name"].assert_eq(&wrap(header, requests).err().unwrap().to_string());
    let error = wrap(header, functions(&["b"])).err().unwrap().to_string();
    assert!(error.contains("the helper `rust_helper_b` at "), "{error}");
}

#[test]
fn what_clang_complains_of_later_is_taken_out() {
    let header =
        "static inline int f(int a) { return a; }\nstatic inline int g(int a) { return a; }\n";
    let mut wrapped = wrap(header, functions(&["f|g"])).unwrap();
    let line = wrapped
        .text()
        .lines()
        .position(|line| line.contains("return f(a)"))
        .unwrap();
    let message = |line| format!("/out/w.c:{line}:9: error: no such luck");
    let file = Path::new("/out/w.c");
    assert!(!wrapped.blame(&message(1), file).unwrap());
    assert!(!wrapped.blame("/other.c:12:9: error: no", file).unwrap());
    assert!(wrapped.blame(&message(line + 1), file).unwrap());
    assert!(wrapped.text().contains("return g(a)") && !wrapped.text().contains("return f(a)"));
    expect!["clang says of the wrapper: no such luck"].assert_eq(&wrapped.refused()[0].reason);
    let mut wrapped = wrap(header, functions(&["f"])).unwrap();
    expect!["`f` cannot be wrapped: clang says of the wrapper: no such luck; wrap it by `Helpers::wrap_expression`, or write the helper in C"].assert_eq(
        &wrapped
            .blame(&message(line + 1), file)
            .err()
            .unwrap()
            .to_string(),
    );
}

/// What comes of each helper: its symbol, and what else there is to say.
fn own(header: &str, flags: &[&str]) -> String {
    let own = within(header, flags, |context| read(context, "")).unwrap();
    let mut text = String::new();
    for (name, helper) in own.helpers {
        text += &format!("{name} = {}\n", helper.symbol);
        if let Some(refusal) = helper.refusal {
            let line = helper.place.rsplit(':').next().unwrap().to_owned();
            text += &format!("  line {line}: {}; {}\n", refusal.reason, refusal.mend);
        }
        if let Some(declaration) = helper.stand_in {
            text += &format!("  {declaration}");
        }
    }
    for name in own.internal {
        text += &format!("{name} is internal\n");
    }
    text
}

#[test]
fn each_helper_is_known_by_its_symbol_and_by_what_is_wrong_with_it() {
    let header = "\
__attribute__((visibility(\"hidden\"))) int rust_helper_hidden(const char *s, char c) { return *s + c; }
#pragma GCC visibility push(internal)
/** Says it. */
int (*rust_helper_pragma(void))(int) { return 0; }
#pragma GCC visibility pop
int rust_helper_label(int a) __asm__(\"zed\");
int rust_helper_label(int a) { return a; }
#pragma redefine_extname rust_helper_renamed other
int rust_helper_renamed(int a) { return a; }
int rust_helper_plain(int a) { return a; }
__attribute__((overloadable)) int rust_helper_over(int a) { return a; }
__attribute__((overloadable)) int rust_helper_over(float a) { return a; }
inline __attribute__((always_inline, gnu_inline)) int rust_helper_gnu(int a) { return a; }
static int rust_helper_static(int a) { return a; }
inline int rust_helper_inline(int a) { return a; }
";
    expect![[r#"
        rust_helper_hidden = rust_helper_hidden
          __attribute__((visibility("default"))) int helper_inline_declared_hidden(const char *s, char c);
        rust_helper_label = zed
        rust_helper_over = _Z16rust_helper_overf
          line 12: it is overloaded, and a helper has one type; give each its own name, without `__attribute__((overloadable))`
        rust_helper_plain = rust_helper_plain
        rust_helper_pragma = rust_helper_pragma
          /**
         * Says it.
         */
        __attribute__((visibility("default"))) int (*helper_inline_declared_pragma(void))(int);
        rust_helper_renamed = other
        rust_helper_gnu is internal
        rust_helper_inline is internal
        rust_helper_static is internal
    "#]].assert_eq(&own(header, &[]));
    let hidden = own(
        "int rust_helper_a(int a) { return a; }",
        &["-fvisibility=hidden"],
    );
    expect![[r#"
        rust_helper_a = rust_helper_a
          __attribute__((visibility("default"))) int helper_inline_declared_a(int a);
    "#]]
    .assert_eq(&hidden);
}

#[test]
fn other_calling_conventions_are_refused_by_name() {
    let header = "\
__attribute__((preserve_most)) int rust_helper_most(int a) { return a; }
__attribute__((preserve_all)) int rust_helper_all(int a) { return a; }
__attribute__((regcall)) int rust_helper_reg(int a) { return a; }
__attribute__((vectorcall)) int rust_helper_vector(int a) { return a; }
__attribute__((swiftcall)) int rust_helper_swift(int a) { return a; }
__attribute__((preserve_none)) int rust_helper_none(int a) { return a; }
__attribute__((sysv_abi)) int rust_helper_sysv(int a) { return a; }
__attribute__((ms_abi)) int rust_helper_windows(int a) { return a; }
typedef int __attribute__((preserve_most)) (*most)(int);
int rust_helper_calls(most f) { return f(1); }
int rust_helper_calls_old(int (__attribute__((preserve_all)) *f)()) { return 1; }
most rust_helper_returns(void) { return 0; }
";
    expect![[r#"
        rust_helper_all = rust_helper_all
          line 2: its calling convention is not C's (`int (int) __attribute__((preserve_all))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_calls = rust_helper_calls
          line 10: it passes or returns a pointer to a function whose calling convention is not C's (`int (int) __attribute__((preserve_most))`), and Rust has none like it; pass it as `void *`, or call it in C
        rust_helper_calls_old = rust_helper_calls_old
          line 11: it passes or returns a pointer to a function whose calling convention is not C's (`int () __attribute__((preserve_all))`), and Rust has none like it; pass it as `void *`, or call it in C
        rust_helper_most = rust_helper_most
          line 1: its calling convention is not C's (`int (int) __attribute__((preserve_most))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_none = rust_helper_none
          line 6: its calling convention is not C's (`int (int) __attribute__((preserve_none))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_reg = rust_helper_reg
          line 3: its calling convention is not C's (`int (int) __attribute__((regcall))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_returns = rust_helper_returns
          line 12: it passes or returns a pointer to a function whose calling convention is not C's (`int (int) __attribute__((preserve_most))`), and Rust has none like it; pass it as `void *`, or call it in C
        rust_helper_swift = rust_helper_swift
          line 5: its calling convention is not C's (`int (int) __attribute__((swiftcall))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_sysv = rust_helper_sysv
        rust_helper_vector = rust_helper_vector
          line 4: its calling convention is not C's (`int (int) __attribute__((vectorcall))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
        rust_helper_windows = rust_helper_windows
    "#]].assert_eq(&own(header, &["--target=x86_64-linux-gnu"]));
    let header = "\
__attribute__((aarch64_vector_pcs)) int rust_helper_vector(int a) { return a; }
int rust_helper_plain(int a) { return a; }
";
    expect![[r#"
        rust_helper_plain = rust_helper_plain
        rust_helper_vector = rust_helper_vector
          line 1: its calling convention is not C's (`int (int) __attribute__((aarch64_vector_pcs))`), and Rust has none like it; leave out the attribute, or call it by a helper that has none
    "#]].assert_eq(&own(header, &["--target=aarch64-linux-gnu"]));
}

#[test]
fn structures_that_bindgen_cannot_declare_are_found() {
    let header = "\
struct ops { int (__attribute__((preserve_most)) *f[2])(int); };
typedef struct { struct ops inner; } around;
struct pointing { struct ops *p; struct pointing *next; int (*plain)(int); };
";
    let found = within(header, &["--target=x86_64-linux-gnu"], |context| {
        foreign_records(context, "")
    });
    let names: Vec<String> = found.unwrap().into_keys().collect();
    assert_eq!(names, ["around", "ops"]);
}

#[test]
fn values_that_rust_passes_otherwise_are_refused_by_name() {
    let header = "\
typedef float vec __attribute__((vector_size(16)));
struct bits { _BitInt(7) a; };
struct pair { long double d; int i; };
int rust_helper_bit(_BitInt(17) a) { return a; }
unsigned _BitInt(128) rust_helper_wide(void) { return 0; }
int rust_helper_held(struct bits b) { return b.a; }
int rust_helper_long(long double d) { return d; }
int rust_helper_pair(struct pair p) { return p.i; }
__float128 rust_helper_quad(void) { return 0; }
_Complex double rust_helper_complex(void) { return 0; }
vec rust_helper_vec(vec v) { return v; }
_Atomic int rust_helper_atomic(void) { return 0; }
__bf16 rust_helper_brain(__bf16 b) { return b; }
_Float16 rust_helper_half(_Float16 b) { return b; }
int rust_helper_list(__builtin_va_list l) { return 0; }
__int128 rust_helper_int128(__int128 a) { return a; }
int rust_helper_behind(const struct pair *p, _BitInt(17) *b) { return p->i; }
enum small { A, B } ;
enum small rust_helper_enum(enum small e, _Bool b, char c, short s) { return e; }
";
    expect![[r#"
        rust_helper_atomic = rust_helper_atomic
          line 12: it passes or returns `_Atomic(int)` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_behind = rust_helper_behind
        rust_helper_bit = rust_helper_bit
          line 4: it passes or returns `_BitInt(17)` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_brain = rust_helper_brain
          line 13: it passes or returns `__bf16` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_complex = rust_helper_complex
          line 10: it passes or returns `_Complex double` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_enum = rust_helper_enum
        rust_helper_half = rust_helper_half
          line 14: it passes or returns `_Float16` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_held = rust_helper_held
          line 6: it passes or returns `struct bits` by value, which holds `_BitInt(7)`: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_int128 = rust_helper_int128
        rust_helper_list = rust_helper_list
          line 15: it takes a `va_list`, which Rust cannot make; wrap its variadic form by `Helpers::wrap_expression`
        rust_helper_long = rust_helper_long
          line 7: it passes or returns `long double` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_pair = rust_helper_pair
          line 8: it passes or returns `struct pair` by value, which holds `long double`: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_quad = rust_helper_quad
          line 9: it passes or returns `__float128` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_vec = rust_helper_vec
          line 11: it passes or returns `vec` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
        rust_helper_wide = rust_helper_wide
          line 5: it passes or returns `unsigned _BitInt(128)` by value: Rust passes that otherwise than C; pass a pointer to the value, or a type that Rust has: in a helper, or by `Helpers::wrap_expression`
    "#]].assert_eq(&own(
        header,
        &["-fshort-enums", "--target=x86_64-linux-gnu"],
    ));
}

#[test]
fn char_follows_the_flag() {
    for (flags, unsigned) in [
        (&["--target=x86_64-linux-gnu"][..], false),
        (&["--target=x86_64-linux-gnu", "-funsigned-char"], true),
        (&["--target=aarch64-linux-gnu"], true),
        (&["--target=aarch64-linux-gnu", "-fsigned-char"], false),
    ] {
        let own = within("", flags, |context| read(context, "")).unwrap();
        assert_eq!(own.unsigned_char, unsigned, "{flags:?}");
    }
}
