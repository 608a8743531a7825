//! What a wrapper stands for: the wrapper is gone, and the function may still be called.
//!
//! Not here: wrappers as build scripts make them (`tests/cargo_build`).

use super::fixture::{Fixture, Linked};
use super::thin::Units;
use super::units::lowered;
use crate::link::job::{Cause, OptLevel};
use crate::prove::{HelperReport, HelperState, check};

const CALLER: &str = "unsafe extern \"C\" { fn rust_helper_f(a: i32) -> i32; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: i32) -> i32 { unsafe { rust_helper_f(a) } }";

/// A function that a wrapper stands for, why it stays, and a part of what is told of it.
const STAYING: [(&str, Cause, &str); 5] = [
    (
        "static __attribute__((noinline)) int f(int x) { __asm__ volatile(\"\"); return x * 5; }",
        Cause::Noinline,
        "noinline",
    ),
    (
        "static __attribute__((optnone, noinline)) int f(int x) { return x * 5; }",
        Cause::Noinline,
        "optnone",
    ),
    (
        "static int f(int x) { __asm__ volatile(\"\"); return x < 2 ? 1 : f(x - 1) + f(x - 2); }",
        Cause::NotInlinable,
        "",
    ),
    (
        "static int f(int x) { static const void *const to[] = { &&a, &&b, &&c };\n\
         again: goto *to[x & 1 ? 0 : x & 2 ? 1 : 2]; a: x += 3; goto again; b: x ^= 7; goto again;\n\
         c: return x; }",
        Cause::NotInlinable,
        "",
    ),
    (
        "static __attribute__((target(\"bmi2\"))) int f(int x) { __asm__ volatile(\"\"); return x; }",
        Cause::ConflictingAttribute,
        "bmi2",
    ),
];

fn fixture(c: &str, kernel: bool) -> Fixture {
    let mut fixture = match kernel {
        true => Fixture::new(),
        false => Fixture::hosted(),
    };
    fixture.wrapped = vec!["rust_helper_f".into()];
    fixture.c(&format!("{c}\nint rust_helper_f(int x) {{ return f(x); }}"));
    fixture.rust(CALLER);
    fixture
}

fn is_told(linked: &Linked, cause: Cause, part: &str) {
    let f = linked.helper("rust_helper_f");
    assert_eq!((f.call_sites, f.inlined), (1, 0), "{f:?}");
    let [call] = f.remaining.as_slice() else {
        panic!("{f:?}");
    };
    assert_eq!((call.cause, call.caller.as_str()), (cause, "caller"));
    let attribute = call.attribute.as_deref().unwrap();
    // Of what a unit has no copy of, it does not know the place.
    let withheld = attribute.starts_with("the wrapped `f` is called: ");
    let placed =
        attribute.starts_with("the wrapped `f` (") && attribute.contains("helpers0.c:1) is called");
    assert!(placed || (withheld && part.is_empty()), "{attribute}");
    assert!(attribute.contains(part), "{attribute}");
    let location = call.location.as_deref().unwrap();
    assert!(location.ends_with("module.rs:3:73"), "{location}");
    assert_eq!(
        HelperReport::new(f.clone()).state,
        HelperState::Outlined,
        "what is named is what is proved"
    );
    check(&linked.facts(), &linked.outcome.helpers).unwrap();
}

#[test]
fn a_wrapped_function_that_is_still_called_counts_as_a_call_that_stayed() {
    for (c, cause, part) in STAYING {
        is_told(&fixture(c, true).link(), cause, part);
        for level in [OptLevel::O0, OptLevel::O2] {
            let (_, units) = lowered(&fixture(c, false), level);
            is_told(&units[0], cause, part);
        }
    }
}

#[test]
fn one_that_is_inlined_with_its_wrapper_does_not() {
    // Larger than what LLVM inlines by itself.
    let body = "__asm__ volatile(\"nop\"); x = x * 7 + (x >> 3);".repeat(90);
    let c = format!("static int f(int x) {{ {body} return x; }}");
    let gone = |linked: &Linked| {
        let f = linked.helper("rust_helper_f");
        assert_eq!((f.inlined, f.remaining.len()), (1, 0), "{f:?}");
        assert!(!linked.symbols().contains(&"f".to_owned()));
        check(&linked.facts(), &linked.outcome.helpers).unwrap();
    };
    gone(&fixture(&c, true).link());
    for level in [OptLevel::O0, OptLevel::O2] {
        gone(&lowered(&fixture(&c, false), level).1[0]);
    }
}

#[test]
fn the_object_is_asked_whether_it_calls_the_function() {
    let linked = fixture(STAYING[0].0, true).link();
    let mut facts = linked.facts();
    facts.helper_calls.remove("f");
    let error = check(&facts, &linked.outcome.helpers).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("`f`, which `rust_helper_f` stands for"),
        "{error}"
    );
}

#[test]
fn a_thin_link_knows_the_calls_in_wrappers_and_why_they_stay() {
    for (c, cause, _) in STAYING {
        let mut units = Units::new(&[], &[]);
        units.fixture = fixture(c, true);
        let facts = units.helpers().unwrap();
        let [(mark, call)] = facts.wrapped.iter().collect::<Vec<_>>()[..] else {
            panic!("{facts:?}");
        };
        assert_eq!(mark, "rust_helper_f 0");
        let bar = call.bar.as_ref().map_or(Cause::NotInlinable, |bar| bar.0);
        assert_eq!(bar, cause);
        let symbols = &facts.units[0].symbols;
        assert!(symbols.iter().any(|symbol| symbol.name == call.callee));
    }
}
