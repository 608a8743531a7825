//! Each kind of failure, as kernels of 6.1 print it, put into a log that is
//! otherwise good.

use super::*;

fn instructions(module: &str) -> Instructions {
    Instructions {
        work: Work::Everyday,
        modules: vec![module.into()],
        rounds: 100,
    }
}

/// The telling lines of a real good run; `trouble` goes where the module is loaded.
fn log(trouble: &str) -> String {
    format!(
        "[    0.000000] Linux version 6.1.0-56-amd64 (debian-kernel@lists.debian.org)\r
[    0.000000] Command line: console=ttyS0 panic=-1 oops=panic slub_debug=FZPU\r
[    0.331946] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on\r
[    0.193121] rcu: Adjusting geometry for rcu_fanout_leaf=16, nr_cpu_ids=2\r
[    2.696738] Run /init as init process\r
[    2.765068] HIB-GUEST: ok boot: 6.1.0-56-amd64\r
[    2.767435] plain: loading out-of-tree module taints kernel.\r
{trouble}[    2.799835] HIB-GUEST: ok load: plain\r
[    2.830415] HIB-GUEST: ok unload: plain\r
[    5.958191] HIB-GUEST: ok rounds: 100 loads and unloads\r
[    6.298149] HIB-GUEST: ok memory: MemAvailable +0 kB, kmalloc-128 +1\r
[    6.306205] HIB-GUEST: ok taint: none but out-of-tree and unsigned\r
[    6.313195] HIB-GUEST: ok log: nothing critical\r
[    6.314233] HIB-GUEST: DONE\r
[    6.322133] reboot: Power down\r
"
    )
}

fn problems(trouble: &str) -> Vec<String> {
    judge(&log(trouble), &instructions("plain")).problems
}

#[test]
fn a_good_run_passes_with_its_facts() {
    let verdict = judge(&log(""), &instructions("plain"));
    assert_eq!(verdict.problems, [""; 0]);
    assert!(
        verdict
            .facts
            .contains(&"rounds: 100 loads and unloads".to_owned())
    );
}

#[test]
fn whatever_a_kernel_says_when_something_is_wrong_fails() {
    let troubles = [
        ("oops", "[ 2.8] Oops: 0002 [#1] PREEMPT SMP NOPTI"),
        (
            "oops",
            "[ 2.8] Internal error: Oops: 0000000096000045 [#1] SMP",
        ),
        (
            "oops",
            "[ 2.8] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008",
        ),
        (
            "oops",
            "[ 2.8] general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000 [#1]",
        ),
        (
            "bug",
            "[ 2.8] BUG: kernel NULL pointer dereference, address: 0000000000000008",
        ),
        ("bug", "[ 2.8] kernel BUG at lib/list_debug.c:26!"),
        (
            "bug",
            "[ 2.8] BUG: sleeping function called from invalid context at mm/slab.h:274",
        ),
        (
            "bug",
            "[ 2.8] BUG: scheduling while atomic: init/1/0x00000002",
        ),
        (
            "warning",
            "[ 2.8] WARNING: CPU: 1 PID: 1 at /m/hib_warn.c:3 hib_init+0x9/0x1000 [hib_warn]",
        ),
        (
            "warning",
            "[ 2.8] WARNING: possible circular locking dependency detected",
        ),
        ("lockdep", "[ 2.8] inconsistent lock state"),
        (
            "warning or bug",
            "[ 2.8] ------------[ cut here ]------------",
        ),
        ("call trace", "[ 2.8] Call Trace:"),
        ("call trace", "[ 2.8] Call trace:"),
        (
            "reference count",
            "[ 2.8] refcount_t: underflow; use-after-free.",
        ),
        (
            "RCU stall",
            "[ 2.8] rcu: INFO: rcu_preempt self-detected stall on CPU",
        ),
        (
            "RCU stall",
            "[ 2.8] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        ),
        (
            "bug",
            "[ 2.8] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]",
        ),
        (
            "hung task",
            "[ 2.8] INFO: task init:1 blocked for more than 120 seconds.",
        ),
        (
            "slab corruption",
            "[ 2.8] BUG kmalloc-64 (Tainted: G           OE     ): Right Redzone overwritten",
        ),
        (
            "slab leak",
            "[ 2.8] Objects remaining in hib_cache on __kmem_cache_shutdown()",
        ),
        (
            "memory leak",
            "[ 2.8] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
        ),
        (
            "list corruption",
            "[ 2.8] list_del corruption. prev->next should be ffff, but was 6b6b",
        ),
        (
            "panic",
            "[ 2.8] Kernel panic - not syncing: Attempted to kill init!",
        ),
        (
            "module not loadable",
            "[ 2.8] plain: Unknown symbol rust_helper_x (err -2)",
        ),
        (
            "module not loadable",
            "[ 2.8] plain: disagrees about version of symbol module_layout",
        ),
        (
            "module not loadable",
            "[ 2.8] plain: version magic '6.1.0 SMP' should be '6.1.0-56-amd64 SMP'",
        ),
    ];
    for (kind, line) in troubles {
        assert_eq!(
            problems(&format!("{line}\r\n")),
            [format!("{kind}: {line}")]
        );
    }
}

#[test]
fn a_failure_that_the_guest_reports_fails() {
    let line = "[ 2.8] HIB-GUEST: FAIL plain still has 1 users before unloading\r\n";
    assert_eq!(
        problems(line),
        ["the guest says: plain still has 1 users before unloading"]
    );
}

#[test]
fn every_line_that_is_missing_is_named() {
    let good = log("");
    for step in instructions("plain").steps() {
        let mark = format!("ok {step}:");
        let without: Vec<&str> = good.lines().filter(|line| !line.contains(&mark)).collect();
        let verdict = judge(&without.join("\n"), &instructions("plain"));
        assert_eq!(
            verdict.problems,
            [format!("the guest did not report `ok {step}`")]
        );
    }
}

#[test]
fn the_sample_must_have_been_exercised() {
    let verdict = judge(&log(""), &instructions(guest::SAMPLE));
    assert_eq!(
        verdict.problems,
        [
            "the guest did not report `ok exercise`",
            "the guest did not report `ok failing`"
        ]
    );
}

#[test]
fn each_module_must_have_been_loaded() {
    let two = Instructions {
        modules: vec!["plain".into(), "other".into()],
        ..instructions("plain")
    };
    assert_eq!(
        judge(&log(""), &two).problems,
        [
            "the guest did not report `ok load`",
            "the guest did not report `ok unload`"
        ]
    );
    let other = "[ 2.8] HIB-GUEST: ok load: other\r\n[ 2.8] HIB-GUEST: ok unload: other\r\n";
    assert_eq!(judge(&log(other), &two).problems, [""; 0]);
}

#[test]
fn another_work_has_other_steps() {
    let work = |work: Work| Instructions {
        work,
        ..instructions(guest::SAMPLE)
    };
    assert_eq!(judge(&log(""), &work(Work::Rounds)).problems, [""; 0]);
    let verdict = judge(&log(""), &work(Work::Pressure));
    assert_eq!(verdict.problems, ["the guest did not report `ok pressure`"]);
    let verdict = judge(&log(""), &work(Work::Faults));
    assert_eq!(verdict.problems.len(), 1 + guest::Fault::ALL.len());
}

#[test]
fn a_log_that_ends_early_fails_wherever_it_ends() {
    let good = log("");
    let done = good.find("DONE").unwrap() + "DONE".len();
    for end in 0..done {
        let verdict = judge(&good[..end], &instructions("plain"));
        assert!(
            !verdict.problems.is_empty(),
            "passed when cut at byte {end}"
        );
    }
    assert!(
        judge(&good[..done], &instructions("plain"))
            .problems
            .is_empty()
    );
}
