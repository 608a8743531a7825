//! The log of a machine whose memory was taken away: the kernel may say that there
//! is none, with a call trace, and may end the process that took it. Nothing else.

use helper_inline_build::cli::boot::signs::{problem, sign_in};

/// What the kernel says when it has found no memory for someone. A call trace and
/// numbers follow.
const SHORT: [&str; 4] = [
    "invoked oom-killer:",
    "page allocation failure:",
    "vmalloc error:",
    "percpu: allocation failed",
];

/// What is wrong with the log.
pub fn problems(log: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut traces_to_come = 0;
    for line in log.lines() {
        if SHORT.iter().any(|text| line.contains(text)) {
            traces_to_come += 1;
        }
        if let Some(name) = ended(line) {
            if name != guest::HOG {
                problems.push(format!("the kernel ended {name} for want of memory"));
            }
        }
        match sign_in(line) {
            None => (),
            Some("call trace") if traces_to_come > 0 => traces_to_come -= 1,
            Some(sign) => problems.push(problem(sign, line)),
        }
    }
    problems
}

/// `Out of memory: Killed process 77 (memory-hog) total-vm:…`
fn ended(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("Killed process ")?;
    let (_, rest) = rest.split_once('(')?;
    Some(rest.split_once(") ").map_or(rest, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::problems;

    const KILLED: &str = "[ 9.1] init invoked oom-killer: gfp_mask=0x100cca, order=0\r
[ 9.1] CPU: 0 PID: 1 Comm: init Tainted: G OE 6.1.0-56-amd64\r
[ 9.1] Call Trace:\r
[ 9.1]  <TASK>\r
[ 9.1] Out of memory: Killed process 77 (memory-hog) total-vm:161000kB, anon-rss:1kB\r
[ 9.1] oom_reaper: reaped process 77 (memory-hog), now anon-rss:0kB\r
";

    #[test]
    fn the_end_of_the_hog_is_expected() {
        assert_eq!(problems(KILLED), [""; 0]);
        assert_eq!(problems(&KILLED.repeat(3)), [""; 0]);
    }

    #[test]
    fn the_end_of_another_is_not() {
        let log = KILLED.replace("77 (memory-hog) total", "78 (init) total");
        assert_eq!(problems(&log), ["the kernel ended init for want of memory"]);
    }

    #[test]
    fn a_call_trace_without_a_reason_is_a_problem() {
        let log = format!("{KILLED}[ 9.2] Call Trace:\r\n");
        assert_eq!(problems(&log), ["call trace: [ 9.2] Call Trace:"]);
        let log = format!("{KILLED}[ 9.2] BUG: unable to handle page fault\r\n");
        assert_eq!(problems(&log).len(), 1);
    }
}
