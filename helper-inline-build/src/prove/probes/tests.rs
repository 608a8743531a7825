//! The lines of every kind of probe, word by word.

use super::{Tracer, probes};
use crate::prove::{
    CodeRange, InlinedCall, Parameter, Place, Recoverable, Refusal, Report, SiteTotals, SitesReport,
};
use expect_test::{Expect, expect};
use serde_json::json;
use std::path::Path;

/// A report of a module or, with a place in its file, of a program.
fn report(target: &str, kernel: Option<bool>, file_offset: Option<u64>) -> Report {
    let kernel =
        kernel.map(|built_in| json!({"release": "6.1.0", "dir": "/k", "built_in": built_in}));
    let value = json!({
        "schema": 1, "module": "my-module", "target": target, "kernel": kernel,
        "toolchain": {"rustc": "", "rustc_llvm": "", "clang": "", "link_llvm": ""},
        "helpers": [],
        "summary": {"helpers": 0, "used": 0, "call_sites": 0, "inlined": 0, "outlined": 0},
        "object": {"text_bytes": 0, "file_bytes": 0, "undefined": [], "helper_calls": {}},
        "harmonized": [], "timings_ms": {},
    });
    let mut report: Report = serde_json::from_value(value).unwrap();
    let (rdi, rbx, rsp, r10) = match target.starts_with("x86_64") {
        true => ("rdi", "rbx", "rsp", "r10"),
        false => ("x0", "x19", "sp", "x10"),
    };
    let parameters = vec![
        parameter("n", "s32", Place::Register(rdi.into())),
        parameter("lock", "x64", Place::Register(format!("{rbx}+16"))),
        parameter("saved", "u8", Place::Stack(format!("{rsp}-24"))),
        parameter("flags", "s64", Place::Constant("-3264".into())),
        parameter("r", "x64", Place::Register(r10.into())),
        parameter("gone", "x64", Place::Lost),
    ];
    let call = |section: &str, refused, parameters: Vec<Parameter>| InlinedCall {
        helper: "rust_helper_f".into(),
        caller: "m::f".into(),
        location: Some("/src/a.rs:1:2".into()),
        ranges: vec![CodeRange {
            symbol: "_RNvCs1_1m1f".into(),
            offset: 28,
            section: section.into(),
            address: 0x40_101c,
            bytes: 3,
            file_offset,
        }],
        refused,
        recoverable: Recoverable::of(&parameters),
        parameters,
    };
    report.sites = Some(SitesReport {
        totals: SiteTotals {
            fully: 2,
            partly: 1,
            not: 0,
        },
        calls: vec![
            call(".text", None, parameters),
            call(".init.text", None, Vec::new()),
            call(".text", Some(Refusal::Bug), Vec::new()),
        ],
    });
    report
}

fn parameter(name: &str, value_type: &str, place: Place) -> Parameter {
    Parameter {
        name: name.into(),
        value_type: Some(value_type.into()),
        place,
    }
}

fn check(report: &Report, tracer: Tracer, expected: &Expect) {
    expected.assert_eq(&probes(report, Path::new("/opt/program"), tracer));
}

#[test]
fn lines_for_tracefs() {
    let module = report("x86_64-unknown-none", Some(false), None);
    check(
        &module,
        Tracer::Ftrace,
        &expect![[r#"
        # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
        # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
        p:my_module/rust_helper_f_1 my_module:_RNvCs1_1m1f+0x1c n=%di:s32 lock_minus_16=%bx:x64 saved=-24(%sp):u8 flags=\-3264:s64 r=%r10:x64
        # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
        p:my_module/rust_helper_f_2 my_module:_RNvCs1_1m1f+0x1c
        # rust_helper_f in m::f at /src/a.rs:1:2
        # no probe: the instruction there reports a bug or a warning
    "#]],
    );
    let module = report("aarch64-unknown-none-softfloat", Some(true), None);
    check(
        &module,
        Tracer::Ftrace,
        &expect![[r#"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            p:my_module/rust_helper_f_1 _RNvCs1_1m1f+0x1c n=%x0:s32 lock_minus_16=%x19:x64 saved=-24(%sp):u8 flags=\-3264:s64 r=%x10:x64
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            p:my_module/rust_helper_f_2 _RNvCs1_1m1f+0x1c
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "#]],
    );
    let program = report("x86_64-unknown-linux-gnu", None, Some(0x101c));
    check(
        &program,
        Tracer::Ftrace,
        &expect![[r#"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            p:my_module/rust_helper_f_1 /opt/program:0x101c n=%di:s32 lock_minus_16=%bx:x64 saved=-24(%sp):u8 flags=\-3264:s64 r=%r10:x64
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            p:my_module/rust_helper_f_2 /opt/program:0x101c
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "#]],
    );
}

#[test]
fn commands_for_perf() {
    let module = report("x86_64-unknown-none", Some(false), None);
    check(
        &module,
        Tracer::Perf,
        &expect![[r#"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            printf '%s\n' 'p:my_module/rust_helper_f_1 my_module:_RNvCs1_1m1f+0x1c n=%di:s32 lock_minus_16=%bx:x64 saved=-24(%sp):u8 flags=\-3264:s64 r=%r10:x64' >> /sys/kernel/tracing/kprobe_events && perf record -a -e my_module:rust_helper_f_1
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            printf '%s\n' 'p:my_module/rust_helper_f_2 my_module:_RNvCs1_1m1f+0x1c' >> /sys/kernel/tracing/kprobe_events && perf record -a -e my_module:rust_helper_f_2
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "#]],
    );
    let program = report("x86_64-unknown-linux-gnu", None, Some(0x101c));
    check(
        &program,
        Tracer::Perf,
        &expect![[r#"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            perf probe -x /opt/program --add 'my_module:rust_helper_f_1=0x40101c n=%di:s32 lock_minus_16=%bx:x64 saved=-24(%sp):u8 flags=\-3264:s64 r=%r10:x64'
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            perf probe -x /opt/program --add my_module:rust_helper_f_2=0x40101c
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "#]],
    );
}

#[test]
fn commands_for_bpftrace() {
    let module = report("x86_64-unknown-none", Some(false), None);
    check(
        &module,
        Tracer::Bpftrace,
        &expect![[r##"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            bpftrace --unsafe -e 'kprobe:"_RNvCs1_1m1f"+28 { printf("rust_helper_f_1 n=%ld lock=0x%lx saved=%lu flags=%ld r=0x%lx\n", (int32)(reg("di")), (uint64)(reg("bx") + 16), *(uint8 *)(reg("sp") - 24), -3264, (uint64)(reg("r10"))); }'
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            bpftrace --unsafe -e 'kprobe:"_RNvCs1_1m1f"+28 { printf("rust_helper_f_2\n"); }'
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "##]],
    );
    let program = report("aarch64-unknown-linux-gnu", None, Some(0x101c));
    check(
        &program,
        Tracer::Bpftrace,
        &expect![[r##"
            # my-module: 3 inlined calls; parameters known: all of 2, some of 1, none of 0
            # rust_helper_f in m::f at /src/a.rs:1:2; lost: gone
            bpftrace -e 'uprobe:"/opt/program":"_RNvCs1_1m1f"+28 { printf("rust_helper_f_1 n=%ld lock=0x%lx saved=%lu flags=%ld r=0x%lx\n", (int32)(reg("r0")), (uint64)(reg("r19") + 16), *(uint8 *)(reg("sp") - 24), -3264, (uint64)(reg("r10"))); }'
            # rust_helper_f in m::f at /src/a.rs:1:2; only before the module is loaded
            bpftrace -e 'uprobe:"/opt/program":"_RNvCs1_1m1f"+28 { printf("rust_helper_f_2\n"); }'
            # rust_helper_f in m::f at /src/a.rs:1:2
            # no probe: the instruction there reports a bug or a warning
        "##]],
    );
}

#[test]
fn what_has_no_probes_says_why() {
    let mut object = report("x86_64-unknown-linux-gnu", None, None);
    let text = probes(&object, Path::new("o"), Tracer::Ftrace);
    assert_eq!(text.matches("yet to be linked").count(), 2, "{text}");
    let program = report("x86_64-unknown-linux-gnu", None, Some(0x101c));
    let text = probes(&program, Path::new("/my program"), Tracer::Ftrace);
    assert_eq!(text.matches("path with a space").count(), 2, "{text}");
    let text = probes(&program, Path::new("/my program"), Tracer::Perf);
    assert!(text.contains("perf probe -x '/my program' --add"), "{text}");
    object.sites = None;
    let text = probes(&object, Path::new("o"), Tracer::Ftrace);
    assert!(
        text.contains("--debug") && text.lines().count() == 1,
        "{text}"
    );
}
