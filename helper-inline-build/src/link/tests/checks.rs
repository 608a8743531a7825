//! Checks that clang adds to helpers, in what is inlined and in what is called, and
//! helpers that stay because Rust's side means something else.
//!
//! Not here: each attribute by itself (`harmonize`).

use super::fixture::{Fixture, Linked};
use crate::link::job::{Cause, HelperOutcome, Job, OptLevel, PrepareJob, RemainingCall, UnitJob};
use crate::link::{prepare, unit};

/// A caller of `rust_helper_f` and `rust_helper_g`, hosted, with C compiled by these flags.
fn linked(flags: &[&'static str], c: &str, rust: &str) -> Linked {
    let mut fixture = Fixture::hosted();
    fixture.flags.extend(flags);
    fixture.c(c);
    fixture.rust(rust);
    let linked = fixture.link();
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
    linked
}

const READS: &str = "
    static int table[4] = {1, 2, 3, 4};
    int rust_helper_f(int i) { return table[i]++; }
    int rust_helper_g(int *p) { return *p * 3; }";
const READER: &str = "
    unsafe extern \"C\" { fn rust_helper_f(i: i32) -> i32; fn rust_helper_g(p: *const i32) -> i32; }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(i: i32, p: *const i32) -> i32 {
        unsafe { rust_helper_f(i) + rust_helper_g(p) }
    }";

fn inlined(helper: &HelperOutcome) -> bool {
    helper.call_sites == 1 && helper.inlined == 1 && helper.remaining.is_empty()
}

/// The same where what counts or traces has the helper's address.
fn no_call_stays(helper: &HelperOutcome) -> bool {
    let is_address = |call: &RemainingCall| call.cause == Cause::AddressTaken;
    helper.inlined == 1 && helper.remaining.iter().all(is_address)
}

/// The cause and the attribute of a helper's one call that stayed.
fn stayed(helper: &HelperOutcome) -> (Cause, String) {
    assert_eq!(helper.remaining.len(), 1, "{helper:?}");
    let call = &helper.remaining[0];
    (call.cause, call.attribute.clone().unwrap_or_default())
}

#[test]
fn what_a_runtime_serves_is_called_from_inlined_helpers() {
    for (flags, calls) in [
        (
            &["-fsanitize=address"][..],
            &["__asan_report_load4", "__asan_init"][..],
        ),
        (
            &["-fsanitize=kernel-address"],
            &["__asan_report_load4_noabort"],
        ),
        (
            &["-fsanitize=thread"],
            &["__tsan_read4", "__tsan_func_entry"],
        ),
        (&["-fsanitize=memory"], &["__msan_warning_noreturn"]),
        (&["-fsanitize=undefined"], &["__ubsan_handle_out_of_bounds"]),
        (
            &["-fsanitize-coverage=trace-pc-guard"],
            &["__sanitizer_cov_trace_pc_guard"],
        ),
        (
            &["-fsanitize-coverage=trace-pc"],
            &["__sanitizer_cov_trace_pc"],
        ),
        (&["--coverage"], &["llvm_gcov_init"]),
        (&["-finstrument-functions"], &["__cyg_profile_func_enter"]),
    ] {
        let linked = linked(flags, READS, READER);
        for helper in ["rust_helper_f", "rust_helper_g"] {
            let helper = linked.helper(helper);
            assert!(no_call_stays(helper), "{flags:?}: {helper:?}");
        }
        let undefined = linked.undefined_symbols();
        for call in calls {
            assert!(
                undefined.iter().any(|u| u == call),
                "{flags:?}: {undefined:?}"
            );
        }
    }
    // The control.
    assert_eq!(linked(&[], READS, READER).undefined_symbols(), [""; 0]);
}

#[test]
fn bounds_trap_in_the_inlined_helper() {
    let c = "int rust_helper_f(int i) { int a[4] = {1, 2, 3, 4};
             __asm__ volatile(\"\" :: \"r\"(a) : \"memory\"); return a[i]; }";
    let rust = "unsafe extern \"C\" { fn rust_helper_f(i: i32) -> i32; }
        #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(i: i32) -> i32 { unsafe { rust_helper_f(i) } }";
    let traps = |flags: &[&'static str]| {
        let linked = linked(flags, c, rust);
        assert!(inlined(linked.helper("rust_helper_f")));
        linked.disassembly().contains("ud1")
    };
    assert!(traps(&[
        "-fsanitize=local-bounds",
        "-fsanitize-trap=local-bounds"
    ]));
    assert!(traps(&[
        "-fsanitize=undefined",
        "-fsanitize-trap=undefined"
    ]));
    assert!(!traps(&[]));
}

#[test]
fn counters_count_in_the_inlined_helper() {
    for flags in [
        &["-fprofile-instr-generate", "-fcoverage-mapping"][..],
        &["-fprofile-generate"],
    ] {
        let linked = linked(flags, READS, READER);
        assert!(no_call_stays(linked.helper("rust_helper_f")));
        let sections = linked.sections();
        assert!(
            sections.iter().any(|s| s == "__llvm_prf_cnts"),
            "{sections:?}"
        );
        let text = linked.disassembly();
        assert!(text.contains("inc"), "{text}");
    }
}

#[test]
fn a_check_of_the_code_generator_keeps_its_helper_with_it() {
    let c = "void fill(char *p);
        __attribute__((noinline)) static void use(char *p) { fill(p); }
        int rust_helper_f(int i) { char a[64]; use(a); return a[i]; }";
    let rust = "unsafe extern \"C\" { fn rust_helper_f(i: i32) -> i32; }
        #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(i: i32) -> i32 { unsafe { rust_helper_f(i) } }";
    let linked = linked(&["-fsanitize=safe-stack"], c, rust);
    let (cause, attribute) = stayed(linked.helper("rust_helper_f"));
    assert_eq!(cause, Cause::ConflictingAttribute);
    assert!(
        attribute.starts_with("safestack: C has `set`"),
        "{attribute}"
    );
    let undefined = linked.undefined_symbols();
    let pointer = "__safestack_unsafe_stack_ptr".to_owned();
    assert!(undefined.contains(&pointer), "{undefined:?}");
}

const DIVIDES: &str = "
    double rust_helper_f(double a, double b) { return a / b; }
    unsigned long rust_helper_g(unsigned long a) { return a * 3; }";
const DIVIDER: &str = "
    unsafe extern \"C\" { fn rust_helper_f(a: f64, b: f64) -> f64; fn rust_helper_g(a: u64) -> u64; }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(a: f64, b: f64) -> bool {
        unsafe { rust_helper_f(a, b).is_nan() }
    }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn other(a: u64) -> u64 { unsafe { rust_helper_g(a) } }";

#[test]
fn strict_floating_point_keeps_only_what_computes() {
    for flags in [&["-ffp-model=strict"][..], &["-frounding-math"]] {
        let linked = linked(flags, DIVIDES, DIVIDER);
        let (cause, attribute) = stayed(linked.helper("rust_helper_f"));
        assert_eq!(cause, Cause::ConflictingAttribute, "{flags:?}");
        assert!(
            attribute.starts_with("strictfp: C has `set`"),
            "{attribute}"
        );
        assert!(inlined(linked.helper("rust_helper_g")), "{flags:?}");
    }
}

#[test]
fn denormals_are_compared_by_meaning() {
    let modes = |flag| linked(&[flag], DIVIDES, DIVIDER);
    let ieee = modes("-fdenormal-fp-math=ieee");
    assert!(inlined(ieee.helper("rust_helper_f")));
    let (cause, attribute) =
        stayed(modes("-fdenormal-fp-math=preserve-sign").helper("rust_helper_f"));
    assert_eq!(cause, Cause::ConflictingAttribute);
    assert!(
        attribute.starts_with("denormal-fp-math: C has `preserve-sign,preserve-sign`"),
        "{attribute}"
    );
}

#[test]
fn a_nan_of_a_fast_helper_is_one() {
    for flags in [
        &["-ffast-math", "-fdenormal-fp-math=ieee"][..],
        &["-ffinite-math-only"],
    ] {
        let linked = linked(flags, DIVIDES, DIVIDER);
        assert!(inlined(linked.helper("rust_helper_f")), "{flags:?}");
        let text = linked.disassembly();
        // Where no value may be a NaN, this is false without a look.
        let compares = text.contains("ucomisd") || text.contains("cmpunordsd");
        assert!(compares && text.contains("divsd"), "{text}");
    }
}

#[test]
fn a_nan_of_a_fast_helper_that_is_called_is_one() {
    let mut fixture = Fixture::hosted();
    fixture.inline = false;
    fixture.flags.push("-ffinite-math-only");
    fixture.c(DIVIDES);
    fixture.rust(DIVIDER);
    let text = fixture.link().disassembly();
    assert!(
        text.contains("ucomisd") || text.contains("cmpunordsd"),
        "{text}"
    );
}

/// The archive's object and the only unit's, as the wrapper makes them.
fn lowered(flags: &[&'static str], c: &str, rust: &str, level: OptLevel) -> [Linked; 2] {
    let mut fixture = Fixture::hosted();
    fixture.flags.extend(flags);
    fixture.c(c);
    fixture.rust(rust);
    let job = fixture.job();
    let mut helper = job.helpers[0].clone();
    let request = PrepareJob {
        llvm: job.llvm.clone(),
        helper: helper.clone(),
        tag: helper.package.clone(),
        bitcode: helper.bitcode.with_extension("prepared.bc"),
        object: helper.bitcode.with_extension("prepared.o"),
    };
    prepare::run(&request, &mut |_| {}).unwrap_or_else(|failure| panic!("{failure:?}"));
    helper.bitcode = request.bitcode;
    let object = job.object.clone();
    let helpers = vec![helper];
    let request = UnitJob {
        job: Job { helpers, ..job },
        level,
    };
    let outcome = unit::run(&request, &mut |_| {});
    let outcome = outcome.unwrap_or_else(|failure| panic!("{failure:?}"));
    let of_archive = fixture.linked(helper_object(&request), Fixture::outcome_of_nothing());
    [of_archive, fixture.linked(object, outcome)]
}

fn helper_object(request: &UnitJob) -> std::path::PathBuf {
    // `helpers0.prepared.bc` has it beside itself.
    request.job.helpers[0].bitcode.with_extension("o")
}

#[test]
fn a_unit_and_the_archive_keep_their_checks() {
    let c = "int rust_helper_f(int i) { int a[4] = {1, 2, 3, 4};
             __asm__ volatile(\"\" :: \"r\"(a) : \"memory\"); return a[i]; }";
    let rust = "unsafe extern \"C\" { fn rust_helper_f(i: i32) -> i32; }
        #[unsafe(no_mangle)] pub unsafe extern \"C\" fn caller(i: i32) -> i32 { unsafe { rust_helper_f(i) } }";
    let traps = |flags: &[&'static str], level| {
        let objects = lowered(flags, c, rust, level);
        assert!(inlined(objects[1].helper("rust_helper_f")));
        objects.map(|object| object.disassembly().contains("ud1"))
    };
    let flags = &["-fsanitize=local-bounds", "-fsanitize-trap=local-bounds"];
    for level in [OptLevel::O0, OptLevel::O3] {
        assert_eq!(traps(flags, level), [true; 2]);
    }
    assert_eq!(traps(&[], OptLevel::O3), [false; 2]);
}

#[test]
fn strict_floating_point_keeps_one_helper_out_of_its_unit() {
    let [_, unit] = lowered(&["-ffp-model=strict"], DIVIDES, DIVIDER, OptLevel::O3);
    let (cause, attribute) = stayed(unit.helper("rust_helper_f"));
    assert_eq!(cause, Cause::ConflictingAttribute);
    assert!(attribute.starts_with("strictfp"), "{attribute}");
    assert!(inlined(unit.helper("rust_helper_g")));
}

#[test]
fn a_unit_and_the_archive_call_the_same_runtime() {
    for (flag, call) in [
        ("-fsanitize=address", "__asan_report_load4"),
        ("-fsanitize=thread", "__tsan_read4"),
        (
            "-fsanitize-coverage=trace-pc-guard",
            "__sanitizer_cov_trace_pc_guard",
        ),
    ] {
        let objects = lowered(&[flag], READS, READER, OptLevel::O3);
        for name in ["rust_helper_f", "rust_helper_g"] {
            let helper = objects[1].helper(name);
            assert!(no_call_stays(helper), "{flag}: {helper:?}");
        }
        for object in objects {
            let undefined = object.undefined_symbols();
            assert!(undefined.iter().any(|u| u == call), "{flag}: {undefined:?}");
        }
    }
}
