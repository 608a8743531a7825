//! Reports as kernels of 6.1 and 7.3 print them, and each way to be wrong.

use guest::Fault;

use super::problems;

/// The log of a machine on which everything was reported.
fn log() -> String {
    let mut log = String::from("[ 1.0] Run /init as init process\r\n");
    for fault in Fault::ALL {
        let expected = fault.expected();
        log += &format!("[ 2.0] HIB-GUEST: BEGIN {}\r\n", fault.name());
        for number in 0..expected.reports {
            if let Some(text) = expected.says.get(number) {
                log += &format!("[ 2.0] {text}\r\n");
            }
            log += "[ 2.0] ------------[ cut here ]------------\r\n";
            let place = expected.place.join(" CPU: 1 PID: 1 at /source/");
            let function = format!("_RNvNtCs1_11sample_kmod6{}", expected.function);
            log += &format!("[ 2.0] {place} {function}+0x9/0x20 [sample_kmod]\r\n");
            if expected.fatal {
                log += "[ 2.0] Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\r\n";
            }
            log += "[ 2.0] Call Trace:\r\n";
            log += &format!("[ 2.0]  {function}+0x9/0x20 [sample_kmod]\r\n");
        }
        log += &format!("[ 2.0] HIB-GUEST: END {}\r\n", fault.name());
    }
    log
}

#[test]
fn every_report_as_it_should_be_is_no_problem() {
    assert_eq!(problems(&log()), [""; 0]);
}

#[test]
fn a_line_that_is_missing_is_a_problem() {
    let log = log();
    let lines: Vec<&str> = log.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        // Not every kernel has each of these everywhere.
        if line.contains("Call Trace") || line.contains("Oops:") || line.contains("/init") {
            continue;
        }
        // Named twice in each report, and once is enough.
        if line.ends_with("[sample_kmod]") && line.starts_with("[ 2.0]  ") {
            continue;
        }
        let mut without = lines.clone();
        without.remove(number);
        assert_ne!(problems(&without.join("\n")), [""; 0], "without {line}");
    }
}

#[test]
fn a_report_of_something_else_is_a_problem() {
    let other = "[ 2.0] WARNING: CPU: 0 PID: 1 at mm/slub.c:1 f+0x1/0x2 [sample_kmod]\r\n";
    let begin = "HIB-GUEST: BEGIN warning\r\n";
    let inside = log().replace(begin, &format!("{begin}{other}"));
    assert_eq!(problems(&inside), [format!("warning: {}", other.trim())]);
    let outside = log() + other;
    assert_eq!(problems(&outside), [format!("warning: {}", other.trim())]);
    let oops = "[ 2.0] Oops: 0002 [#1] PREEMPT SMP NOPTI\r\n";
    let inside = log().replace(begin, &format!("{begin}{oops}"));
    assert_eq!(problems(&inside), [format!("oops: {}", oops.trim())]);
}

#[test]
fn one_report_too_many_is_a_problem() {
    let name = Fault::WarningOnce.name();
    let end = format!("[ 2.0] HIB-GUEST: END {name}\r\n");
    let log = log();
    let begin = log.find(&format!("BEGIN {name}")).unwrap();
    let report = &log[begin..log.find(&end).unwrap()];
    let report = report.split_once('\n').unwrap().1;
    let first = &report[..report.len() / 2];
    let more = log.replace(&end, &format!("{first}{end}"));
    assert_eq!(problems(&more).len(), 2, "{:?}", problems(&more));
}

#[test]
fn a_wrong_line_of_the_source_is_a_problem() {
    let place = &Fault::Bug.expected().place[1];
    let log = log().replace(place, "helpers/bug.c:1");
    assert!(!problems(&log).is_empty());
}

#[test]
fn what_arm64_says_after_a_dead_process_is_no_problem_once() {
    let idle = "[ 2.0] ------------[ cut here ]------------\r
[ 2.0] WARNING: CPU: 1 PID: 0 at kernel/context_tracking.c:128 ct_kernel_exit.constprop.0+0xa0/0xb0\r
[ 2.0] pstate: 200003c5 (nzCv DAIF -PAN -UAO -TCO -DIT -SSBS BTYPE=--)\r
[ 2.0] Call trace:\r
[ 2.0]  ct_kernel_exit.constprop.0+0xa0/0xb0\r
";
    let next = "[ 2.0] ------------[ cut here ]------------\r
[ 2.0] Unexpected DAIF value: 0x3c0 (expected 0xc0)\r
[ 2.0] WARNING: arch/arm64/kernel/process.c:738 at __switch_to+0x2c0/0x348, CPU#1: init/90\r
[ 2.0] Call trace:\r
[ 2.0]  __switch_to+0x2c0/0x348\r
";
    let both = next.to_owned() + idle;
    let end = "[ 2.0] HIB-GUEST: END bug";
    for aftermath in [idle, next, &both] {
        let inside = log().replace(end, &format!("{aftermath}{end}"));
        assert_eq!(problems(&inside), [""; 0]);
        assert_eq!(problems(&(log() + aftermath)), [""; 0]);
        let early = aftermath.to_owned() + &log();
        assert!(!problems(&early).is_empty());
        let twice = log() + aftermath + aftermath;
        assert!(!problems(&twice).is_empty());
    }
    // The guest goes on meanwhile.
    let (first, rest) = next.split_at(next.find("[ 2.0] Call trace").unwrap());
    let across = log().replace(end, &format!("{first}{end}"));
    let after = "[ 2.0] HIB-GUEST: BEGIN panic\r\n";
    let across = across.replace(after, &format!("{after}{rest}"));
    assert_eq!(across.matches(rest).count(), 1);
    assert_eq!(problems(&across), [""; 0]);
    // A warning of another place is one.
    let other = next.replace("process.c", "traps.c");
    assert!(!problems(&(log() + &other)).is_empty());
}
