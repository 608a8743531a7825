//! Helpers inlined into one code-generation unit at a time: what the units have of
//! their own, and what is left to the one object of the archive.
//!
//! Not here: the wrapper around rustc (`tests/cargo_build`).

use super::fixture::{Fixture, Linked};
use crate::link::job::{Cause, Failure, Job, OptLevel, PrepareJob, UnitJob};
use crate::link::{prepare, unit};
use crate::prove::{Bodies, check_with};

/// A caller of `rust_helper_f`, by its own name.
pub(super) fn caller(name: &str) -> String {
    format!(
        "unsafe extern \"C\" {{ fn rust_helper_f(a: u64) -> u64; }}\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn {name}(a: u64) -> u64 {{ unsafe {{ rust_helper_f(a) }} }}"
    )
}

/// The archive's object for each unit of helpers, and the job with the prepared ones.
fn prepared(fixture: &Fixture) -> Result<(Vec<Linked>, Job), Failure> {
    let mut job = fixture.job();
    let mut archive = Vec::new();
    for helper in &mut job.helpers {
        let request = PrepareJob {
            llvm: job.llvm.clone(),
            helper: helper.clone(),
            tag: helper.package.clone(),
            bitcode: helper.bitcode.with_extension("prepared.bc"),
            object: helper.bitcode.with_extension("prepared.o"),
        };
        let result = prepare::run(&request, &mut |_| {});
        if result.is_err() {
            assert!(!request.bitcode.exists() && !request.object.exists());
        }
        result?;
        helper.bitcode = request.bitcode;
        archive.push(fixture.linked(request.object, Fixture::outcome_of_nothing()));
    }
    Ok((archive, job))
}

/// The archive's objects, and that of each crate.
pub(super) fn lowered(fixture: &Fixture, level: OptLevel) -> (Vec<Linked>, Vec<Linked>) {
    let (archive, job) = prepared(fixture).unwrap_or_else(|failure| panic!("{failure:?}"));
    let units = job.crates.iter().map(|krate| {
        let request = UnitJob {
            job: Job {
                crates: vec![krate.clone()],
                object: krate.bitcode.with_extension("unit.o"),
                ..job.clone()
            },
            level,
        };
        let outcome = unit::run(&request, &mut |_| {});
        let outcome = outcome.unwrap_or_else(|failure| panic!("{failure:?}"));
        let linked = fixture.linked(request.job.object, outcome);
        check_with(&linked.facts(), &linked.outcome.helpers, Bodies::Archive).unwrap();
        linked
    });
    let units = units.collect();
    (archive, units)
}

/// Two crates that call the helper of one source: their objects are to need `symbol`
/// and to have nothing but the caller; the archive's is to have it.
fn is_the_archives(c: &str, symbol: &str) {
    for level in [OptLevel::O0, OptLevel::O2, OptLevel::Os] {
        let mut fixture = Fixture::hosted();
        fixture.c(c);
        fixture.rust(&caller("first"));
        fixture.rust(&caller("second"));
        let (archive, units) = lowered(&fixture, level);
        assert!(archive[0].global_symbols().contains(&symbol.to_owned()));
        for (unit, name) in units.iter().zip(["first", "second"]) {
            let f = unit.helper("rust_helper_f");
            assert_eq!((f.inlined, f.remaining.len()), (1, 0));
            assert_eq!(unit.undefined_symbols(), [symbol], "{level:?}");
            assert_eq!(unit.global_labels(), [name], "{level:?}");
        }
    }
}

#[test]
fn a_static_is_the_archives_for_every_unit() {
    is_the_archives(
        "unsigned long rust_helper_f(unsigned long a) { static unsigned long counter; return counter += a; }",
        "helper_inline.package0.rust_helper_f.counter",
    );
    is_the_archives(
        "static unsigned long sum; unsigned long rust_helper_f(unsigned long a) { return sum += a; }",
        "helper_inline.package0.sum",
    );
}

#[test]
fn a_variable_that_is_no_static_is_the_archives_too() {
    is_the_archives(
        "unsigned long total = 3; unsigned long rust_helper_f(unsigned long a) { return total += a; }",
        "total",
    );
}

#[test]
fn a_function_whose_address_is_taken_has_one_address() {
    let source = |scope: &str| {
        format!(
            "{scope} unsigned long twice(unsigned long a) {{ return a * 2; }}\n\
             unsigned long rust_helper_f(unsigned long a) {{ return a + (unsigned long)&twice; }}"
        )
    };
    is_the_archives(&source("static"), "helper_inline.package0.twice");
    is_the_archives(&source(""), "twice");
}

#[test]
fn the_text_of_a_string_is_copied_and_needs_no_archive() {
    let mut fixture = Fixture::hosted();
    fixture.c("unsigned long rust_helper_f(unsigned long a) { return \"inline\"[a & 3]; }");
    fixture.rust(&caller("first"));
    let (_, units) = lowered(&fixture, OptLevel::O2);
    assert_eq!(units[0].undefined_symbols(), [""; 0]);
}

#[test]
fn where_the_bitcode_cannot_be_written_there_is_no_object_either() {
    let mut fixture = Fixture::hosted();
    let input = fixture.c("int rust_helper_f(void) { return 1; }");
    let job = fixture.job();
    let mut request = PrepareJob {
        llvm: job.llvm.clone(),
        helper: job.helpers[0].clone(),
        tag: "t".into(),
        bitcode: input.join("prepared.bc"),
        object: input.with_extension("prepared.o"),
    };
    let Err(Failure::Write { path, .. }) = prepare::run(&request, &mut |_| {}) else {
        panic!("it was written into a file");
    };
    assert_eq!(path, request.bitcode);
    assert!(!request.object.exists());
    // The control: nothing else keeps it from being there.
    request.bitcode = input.with_extension("prepared.bc");
    prepare::run(&request, &mut |_| {}).unwrap();
    assert!(request.object.exists());
}

#[test]
fn what_is_marked_as_used_has_the_archives_object_linked() {
    const ANCHOR: &str = "helper_inline.package0.anchor";
    let f = "unsigned long rust_helper_f(unsigned long a) { return a + 1; }";
    for (more, anchored) in [
        ("", false),
        (
            "static const char note[] __attribute__((used)) = \"x\";",
            true,
        ),
        ("__asm__(\".globl stray\\nstray = 7\");", true),
    ] {
        let mut fixture = Fixture::hosted();
        fixture.c(&format!("{more}\n{f}"));
        fixture.rust(&caller("first"));
        let (archive, units) = lowered(&fixture, OptLevel::O2);
        let has = |names: Vec<String>| names.iter().any(|name| name == ANCHOR);
        assert_eq!(has(archive[0].global_labels()), anchored, "{more}");
        assert_eq!(has(units[0].undefined_symbols()), anchored, "{more}");
        // Assembly stands in the archive alone: it may define things.
        assert_eq!(units[0].global_labels(), ["first"], "{more}");
    }
}

#[test]
fn what_a_wrapper_stands_for_is_inlined_with_it() {
    let c = "static inline unsigned long inner(unsigned long a) { return a * 3; }\n\
             unsigned long rust_helper_f(unsigned long a) { return inner(a); }";
    let keeps_inner = |wrapped: &[&str]| {
        let mut fixture = Fixture::hosted();
        fixture.wrapped = wrapped.iter().map(|w| (*w).to_owned()).collect();
        fixture.c(c);
        fixture.rust(&caller("first"));
        // Without optimization, which would inline both anyhow.
        let (_, units) = lowered(&fixture, OptLevel::O0);
        assert_eq!(units[0].helper("rust_helper_f").inlined, 1);
        units[0].symbols().iter().any(|name| name == "inner")
    };
    assert!(!keeps_inner(&["rust_helper_f"]));
    assert!(keeps_inner(&[]));
}

#[test]
fn calls_that_stay_are_counted_as_the_object_has_them() {
    let mut fixture = Fixture::hosted();
    fixture.c("
        __attribute__((noinline)) unsigned long rust_helper_f(unsigned long a) {
            __asm__ volatile(\"\" : \"+r\"(a)); return a; }
        unsigned long rust_helper_g(unsigned long a) { return a + 1; }
    ");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; fn rust_helper_g(a: u64) -> u64; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn both(a: u64) -> u64 {\n\
         unsafe { rust_helper_f(a) ^ rust_helper_f(rust_helper_g(a)) } }",
    );
    for level in [OptLevel::O0, OptLevel::O3] {
        let (_, units) = lowered(&fixture, level);
        let f = units[0].helper("rust_helper_f");
        let causes: Vec<Cause> = f.remaining.iter().map(|call| call.cause).collect();
        assert_eq!((f.call_sites, f.inlined), (2, 0));
        assert_eq!(causes, [Cause::Noinline, Cause::Noinline]);
        let g = units[0].helper("rust_helper_g");
        assert_eq!((g.call_sites, g.inlined), (1, 1));
        let facts = units[0].facts();
        assert_eq!(facts.helper_calls.get("rust_helper_f"), Some(&2));
        assert_eq!(facts.helper_calls.get("rust_helper_g"), None);
        // The body that is called is the archive's.
        assert_eq!(units[0].global_symbols(), ["both"]);
        assert_eq!(units[0].undefined_symbols(), ["rust_helper_f"]);
    }
}

#[test]
fn without_optimization_helpers_are_inlined_and_nothing_else() {
    let mut fixture = Fixture::hosted();
    fixture.level = "0";
    fixture.c("unsigned long rust_helper_f(unsigned long a) { return a + 1; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
         fn plain(a: u64) -> u64 { 5 ^ unsafe { rust_helper_f(a) } }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn first(a: u64) -> u64 { plain(a) }",
    );
    let has_plain = |level| {
        let (_, units) = lowered(&fixture, level);
        assert_eq!(units[0].helper("rust_helper_f").inlined, 1);
        units[0].symbols().iter().any(|name| name.contains("plain"))
    };
    assert!(has_plain(OptLevel::O0));
    assert!(!has_plain(OptLevel::O2));
}

#[test]
fn what_no_helper_reaches_is_left_as_rustc_made_it() {
    let mut fixture = Fixture::hosted();
    fixture.level = "0";
    fixture.c("unsigned long rust_helper_f(unsigned long a) { return a + 1; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
         fn near(a: u64) -> u64 { 5 ^ unsafe { rust_helper_f(a) } }\n\
         fn far(a: u64) -> u64 { a ^ 7 }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn first(a: u64) -> u64 { near(a) }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn second(a: u64) -> u64 { far(a) }",
    );
    let (_, units) = lowered(&fixture, OptLevel::O2);
    let has = |part: &str| units[0].symbols().iter().any(|name| name.contains(part));
    // It is rustc that optimized, or here did not.
    assert!(has("far") && !has("near"));
}

#[test]
fn a_unit_takes_helpers_of_two_crates() {
    let mut fixture = Fixture::hosted();
    fixture.c("unsigned long shared = 7; static unsigned long n;\n\
         unsigned long rust_helper_g(unsigned long a) { return a ^ shared++ ^ n++; }");
    fixture.c("extern unsigned long shared; static unsigned long n; unsigned long rust_helper_g(unsigned long);\n\
         unsigned long rust_helper_f(unsigned long a) { return rust_helper_g(a) + shared + n++; }");
    fixture.rust(&caller("first"));
    let (_, units) = lowered(&fixture, OptLevel::O2);
    for helper in ["rust_helper_f", "rust_helper_g"] {
        assert_eq!(units[0].helper(helper).inlined, 1, "{helper}");
    }
    let mut undefined = units[0].undefined_symbols();
    undefined.sort();
    let [first, second] = [0, 1].map(|n| format!("helper_inline.package{n}.n"));
    assert_eq!(undefined, [first.as_str(), second.as_str(), "shared"]);
}

#[test]
fn an_attribute_that_differs_is_named_with_both_values() {
    let mut fixture = Fixture::hosted();
    fixture.c(
        "__attribute__((target(\"bmi2\"))) unsigned long rust_helper_f(unsigned long a) {
        __asm__ volatile(\"\" : \"+r\"(a)); return a; }",
    );
    fixture.rust(&caller("first"));
    let (_, units) = lowered(&fixture, OptLevel::O2);
    let remaining = &units[0].helper("rust_helper_f").remaining;
    assert_eq!(remaining.len(), 1);
    assert_eq!(remaining[0].cause, Cause::ConflictingAttribute);
    assert_eq!(
        remaining[0].attribute.as_deref(),
        Some("target-features: C has `+bmi2`, which the caller has not")
    );
}

#[test]
fn debug_sections_are_there_where_the_unit_has_them() {
    for debug in [false, true] {
        let mut fixture = Fixture::hosted();
        fixture.debug = debug;
        fixture.c("unsigned long rust_helper_f(unsigned long a) { return a + 1; }");
        fixture.rust(&caller("first"));
        let (_, units) = lowered(&fixture, OptLevel::O2);
        let sections = units[0].sections();
        let debugs = sections.iter().any(|name| name.starts_with(".debug_info"));
        assert_eq!(debugs, debug, "{sections:?}");
    }
}
