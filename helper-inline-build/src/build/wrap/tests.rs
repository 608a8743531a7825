//! The C that comes of a header, and what is refused without a build.

use super::*;
use crate::build::libclang::Arguments;
use crate::{Clang, Rustc};
use expect_test::expect;

/// A header in a directory of its own, and what is asked of it.
fn wrap(header: &str, requests: Requests) -> Result<Wrapped> {
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
    generate(
        &requests,
        &Context {
            unit: &path("unit.c"),
            wrappers: &path("wrappers.c"),
            arguments: &Arguments::new(&["-std=gnu11".into()], "target", Some(&clang)).all,
            kernel: false,
            prefix: "rust_helper_",
            tag: "crate_1",
            sources: &[],
            clang: clang.version.major,
            rustc_llvm: rustc.llvm.major,
        },
    )
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
