//! The link engine on real bitcode: what becomes of small helpers, read from the
//! object itself.
//!
//! In this process, not in a child: an abort of LLVM's fails the test run, which
//! is what it should do. Not here: kernels (`xtask`'s tests).

mod adapted;
mod atomics;
mod below;
mod checks;
mod copies;
mod debug;
mod definitions;
mod fixture;
mod frames;
mod mitigations;
mod named;
mod reference;
mod refused;
mod several_units;
mod sites;
mod stayed;
mod thin;
mod units;

pub(super) use fixture::{Fixture, file_name, run};

#[test]
fn a_helper_vanishes_and_a_noinline_one_stays_counted_and_named() {
    let mut fixture = Fixture::new();
    fixture.c("
        unsigned rust_helper_add(unsigned a, unsigned b) { return a + b; }
        __attribute__((noinline)) unsigned rust_helper_stays(unsigned a) {
            __asm__ volatile(\"\" : \"+r\"(a)); return a; }
        unsigned rust_helper_unused(void) { return 1; }
    ");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_add(a: u32, b: u32) -> u32; fn rust_helper_stays(a: u32) -> u32; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn first(a: u32) -> u32 { unsafe { rust_helper_add(a, 1) } }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn second(a: u32) -> u32 {\n    \
             unsafe { rust_helper_stays(rust_helper_add(a, 2)) + rust_helper_stays(3) }\n}",
    );
    let linked = fixture.link();

    let add = linked.helper("rust_helper_add");
    assert_eq!(
        (add.call_sites, add.inlined, add.remaining.len()),
        (2, 2, 0)
    );
    let unused = linked.helper("rust_helper_unused");
    assert_eq!((unused.call_sites, unused.remaining.len()), (0, 0));
    let stays = linked.helper("rust_helper_stays");
    assert_eq!((stays.call_sites, stays.inlined), (2, 0));
    let places: Vec<String> = stays
        .remaining
        .iter()
        .map(|call| {
            let location = call.location.as_deref().unwrap();
            let place = location.rsplit('/').next().unwrap();
            format!("{} {place} {}", call.caller, call.cause.name())
        })
        .collect();
    assert_eq!(
        places,
        [
            "second module.rs:5:14 noinline",
            "second module.rs:5:57 noinline"
        ]
    );

    // The object says the same by itself.
    let facts = linked.facts();
    assert_eq!(
        facts.helpers.iter().collect::<Vec<_>>(),
        ["rust_helper_stays"]
    );
    assert_eq!(facts.helper_calls.get("rust_helper_stays"), Some(&2));
    crate::prove::check(&facts, &linked.outcome.helpers).unwrap();
}

#[test]
fn switched_off_every_helper_stays_and_is_called_as_often() {
    let mut fixture = Fixture::new();
    fixture.c("unsigned rust_helper_one(void) { return 1; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_one() -> u32; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn sum() -> u32 { unsafe { rust_helper_one() + rust_helper_one() } }",
    );
    fixture.inline = false;
    let linked = fixture.link();
    let one = linked.helper("rust_helper_one");
    assert_eq!((one.call_sites, one.inlined), (2, 0));
    assert_eq!(one.remaining[0].cause.name(), "inlining-off");
    assert_eq!(linked.facts().helper_calls.get("rust_helper_one"), Some(&2));
}

#[test]
fn a_call_that_turns_out_dead_leaves_no_helper_either_way() {
    for inline in [true, false] {
        let mut fixture = Fixture::new();
        fixture.c("unsigned rust_helper_one(void) { return 1; }");
        // Only the linked module shows that the branch is never taken.
        fixture.rust("#[unsafe(no_mangle)] pub extern \"C\" fn flag() -> bool { false }");
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_one() -> u32; safe fn flag() -> bool; }\n\
             #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u32 { if flag() { unsafe { rust_helper_one() } } else { 0 } }",
        );
        fixture.inline = inline;
        let linked = fixture.link();
        let one = linked.helper("rust_helper_one");
        assert_eq!((one.call_sites, one.remaining.len()), (1, 0));
        crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
        let mut symbols = linked.symbols();
        symbols.sort();
        assert_eq!(symbols, ["caller", "flag"]);
    }
}

#[test]
fn what_is_constant_only_after_inlining_picks_the_constant_path() {
    let mut fixture = Fixture::new();
    fixture.c("
        extern int constant_path(void), variable_path(unsigned long);
        static inline int alloc(unsigned long size) {
            return __builtin_constant_p(size) ? constant_path() : variable_path(size); }
        int rust_helper_alloc(unsigned long size) { return alloc(size); }
    ");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_alloc(size: usize) -> i32; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn fixed() -> i32 { unsafe { rust_helper_alloc(64) } }",
    );
    let undefined = fixture.link().facts().undefined;
    assert_eq!(undefined, ["constant_path"]);
}

#[test]
fn a_helpers_mutable_static_exists_once_for_two_crates() {
    let mut fixture = Fixture::new();
    fixture.c("unsigned rust_helper_count(void) { static unsigned counter; return ++counter; }");
    for function in ["first", "second"] {
        fixture.rust(&format!(
            "unsafe extern \"C\" {{ fn rust_helper_count() -> u32; }}\n\
             #[unsafe(no_mangle)] pub extern \"C\" fn {function}() -> u32 {{ unsafe {{ rust_helper_count() }} }}"
        ));
    }
    let linked = fixture.link();
    let counters = linked
        .symbols()
        .into_iter()
        .filter(|name| name.contains("counter"))
        .count();
    assert_eq!(counters, 1, "{:?}", linked.symbols());
    // It is named after the helper, and is none.
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
}

#[test]
fn only_the_authors_own_names_are_visible() {
    let mut fixture = Fixture::new();
    fixture.c("int rust_helper_f(void) { return 1; } int stray(void) { return 2; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f() -> i32; }\n\
         pub fn inner() -> i32 { unsafe { rust_helper_f() } }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn exported() -> i32 { inner() }",
    );
    let linked = fixture.link();
    assert_eq!(linked.outcome.exports, ["exported"]);
    assert_eq!(linked.global_symbols(), ["exported"]);
}

#[test]
fn a_unit_compiled_without_optimization_or_inlining_is_inlined_all_the_same() {
    for flags in [
        &["-O0"][..],
        &["-Os"],
        &["-fno-inline"],
        &["-O0", "-fno-inline"],
    ] {
        let mut fixture = Fixture::new();
        fixture.flags.extend(flags);
        fixture.c("
            static unsigned long triple(unsigned long a) { return a * 3; }
            unsigned long rust_helper_f(unsigned long a) {
                __asm__ volatile(\"\" : \"+r\"(a)); return triple(a); }
        ");
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
             #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u64) -> u64 { unsafe { rust_helper_f(a) } }",
        );
        let linked = fixture.link();
        let f = linked.helper("rust_helper_f");
        assert_eq!(
            (f.call_sites, f.inlined, f.remaining.len()),
            (1, 1, 0),
            "{flags:?}"
        );
        // What only the helper calls is gone as well.
        assert_eq!(linked.symbols(), ["caller"], "{flags:?}");
        let reported = linked
            .outcome
            .harmonized
            .iter()
            .any(|h| h.attribute == "noinline");
        assert_eq!(reported, flags != ["-Os"], "{flags:?}");
    }
}

#[test]
fn a_helper_whose_address_is_taken_is_inlined_and_kept_once_and_local() {
    let mut fixture = Fixture::new();
    fixture.c("unsigned long rust_helper_f(unsigned long a) {
        __asm__ volatile(\"\" : \"+r\"(a)); return a; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; fn take(f: unsafe extern \"C\" fn(u64) -> u64); }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn first(a: u64) -> u64 { unsafe { take(rust_helper_f); rust_helper_f(a) } }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn second() { unsafe { take(rust_helper_f) } }",
    );
    let linked = fixture.link();
    let report = crate::prove::HelperReport::new(linked.helper("rust_helper_f").clone());
    assert_eq!(report.state, crate::prove::HelperState::Inlined);
    assert_eq!((report.call_sites, report.inlined), (1, 1));
    let holders: Vec<&str> = report.remaining.iter().map(|r| r.caller.as_str()).collect();
    assert_eq!(holders, ["first", "second"]);
    let copies = linked
        .symbols()
        .into_iter()
        .filter(|s| s == "rust_helper_f");
    assert_eq!(copies.count(), 1);
    assert_eq!(linked.global_symbols(), ["first", "second"]);
    assert_eq!(linked.facts().helper_calls.get("rust_helper_f"), None);
}

#[test]
fn an_exempt_helper_is_left_to_llvm_and_shown_as_such() {
    // Large enough that LLVM by itself does not inline it twice.
    let body = "__asm__ volatile(\"nop\"); a = a * 7 + (a >> 3); if (a & 1) a ^= g(a);".repeat(40);
    let large = format!(
        "unsigned long g(unsigned long);\n\
         unsigned long rust_helper_large(unsigned long a) {{ {body} return a; }}\n\
         unsigned long rust_helper_small(unsigned long a) {{ return a + 1; }}"
    );
    let rust = "unsafe extern \"C\" { fn rust_helper_large(a: u64) -> u64; fn rust_helper_small(a: u64) -> u64; }\n\
        #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u64) -> u64 { unsafe {\n\
        rust_helper_small(rust_helper_large(a) + rust_helper_large(a + 1)) } }";
    let states = |exempt: &[&str]| {
        let mut fixture = Fixture::new();
        fixture.exempt = exempt.iter().map(|e| (*e).to_owned()).collect();
        fixture.c(&large);
        fixture.rust(rust);
        let linked = fixture.link();
        ["rust_helper_large", "rust_helper_small"].map(|name| {
            let report = crate::prove::HelperReport::new(linked.helper(name).clone());
            (
                report.state,
                report.remaining.first().map(|call| call.cause),
            )
        })
    };
    use crate::link::job::Cause;
    use crate::prove::HelperState::{Exempt, Inlined};
    let both = ["rust_helper_large", "rust_helper_small"];
    assert_eq!(
        states(&both),
        [(Exempt, Some(Cause::Exempt)), (Inlined, None)]
    );
    // The control: without it, it is inlined however large.
    assert_eq!(states(&[]), [(Inlined, None), (Inlined, None)]);
}

#[test]
fn flags_that_stop_ordinary_inlining_stop_nothing_here() {
    for flag in [
        "-ffreestanding",
        "-fno-builtin",
        "-fno-builtin-wcslen",
        "-fno-delete-null-pointer-checks",
        "-mretpoline",
        "-mspeculative-load-hardening",
        "-fstack-protector-all",
        "-fwrapv",
        "-mno-red-zone",
    ] {
        let mut fixture = Fixture::new();
        fixture.flags.push(flag);
        fixture.c("unsigned long rust_helper_f(unsigned long *a) {
            __asm__ volatile(\"\" : \"+r\"(a)); return *a; }");
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_f(a: *const u64) -> u64; }\n\
             #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(a: *const u64) -> u64 { unsafe { rust_helper_f(a) } }",
        );
        let f = fixture.link().helper("rust_helper_f").clone();
        assert_eq!((f.inlined, f.remaining), (1, vec![]), "{flag}");
    }
}

#[test]
fn what_a_header_marks_as_used_is_reported_by_name() {
    let mut fixture = Fixture::new();
    fixture.c(
        "static const char note[] __attribute__((used, section(\".modinfo\"))) = \"x=1\";
               __asm__(\".globl stray\\nstray = 7\");
               int rust_helper_f(void) { return 1; }",
    );
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f() -> i32; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> i32 { unsafe { rust_helper_f() } }",
    );
    let linked = fixture.link();
    let lines = linked.outcome.harmonized.iter();
    let lines: Vec<String> = lines
        .filter(|line| line.action.starts_with("kept"))
        .map(|line| format!("{}: {}", line.attribute, line.action))
        .collect();
    assert_eq!(
        lines,
        [
            "used note: kept: the C source marks it as used, in section .modinfo",
            "assembly outside of functions: kept, 2 lines",
        ]
    );
}
