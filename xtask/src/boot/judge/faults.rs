//! The log of a machine that is there to have the kernel report faults: each that
//! was asked for is reported as it should be, and nothing else is.

use guest::{Expected, Fault, Report};

use helper_inline_build::cli::boot::signs::{problem, problems as sign_problems, sign_in};

/// What is wrong with the log.
pub fn problems(log: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in without_aftermath(log) {
        match (Report::parse(line), &mut open) {
            (Some(Report::Begin(name)), _) => open = Some((name, Vec::new())),
            (Some(Report::End(_)), segment) => {
                if let Some((name, lines)) = segment.take() {
                    match Fault::ALL.into_iter().find(|fault| fault.name() == name) {
                        Some(fault) => problems.extend(judge(fault, &lines)),
                        None => problems.push(format!("nobody asked for a fault {name}")),
                    }
                    seen.push(name);
                }
            }
            (_, Some((_, lines))) => lines.push(line),
            (_, None) => problems.extend(sign_problems([line].into_iter())),
        }
    }
    if let Some((name, lines)) = open {
        problems.push(format!("the fault {name} has no end"));
        problems.extend(sign_problems(lines.into_iter()));
    }
    for fault in Fault::ALL {
        let times = seen.iter().filter(|name| **name == fault.name()).count();
        if times != 1 {
            problems.push(format!("the fault {} came {times} times", fault.name()));
        }
    }
    problems
}

/// Where arm64 kernels warn, once each, after a process has died of a `BUG()`: it
/// never left the exception, so the next task finds interrupts masked (7.x), and an
/// idle processor another nesting than it should. They warn after a C module's
/// `BUG()` too.
const AFTERMATH: [&str; 2] = ["arch/arm64/kernel/process.c:", "kernel/context_tracking.c:"];

/// The log without these warnings, each if it comes once and after a fault that is
/// fatal.
fn without_aftermath(log: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = log.lines().collect();
    let fatal = |line: &&str| match Report::parse(line) {
        Some(Report::Begin(name)) => Fault::ALL
            .into_iter()
            .any(|fault| fault.name() == name && fault.expected().fatal),
        _ => false,
    };
    if let Some(first_fatal) = lines.iter().position(fatal) {
        for place in AFTERMATH {
            remove_warning(&mut lines, first_fatal, place);
        }
    }
    lines
}

/// Removes the first warning of a place, if it comes after a line.
fn remove_warning(lines: &mut Vec<&str>, after: usize, place: &str) {
    let warning = |line: &&str| line.contains("WARNING:") && line.contains(place);
    let Some(at) = lines.iter().position(warning) else {
        return;
    };
    // The report begins a line or two before, the second of which says why, and has
    // its call trace a few lines below.
    let begins = |at: &usize| lines[*at].contains("[ cut here ]");
    let begin = (at.saturating_sub(2)..at).rev().find(begins);
    let trace = |line: &&str| sign_in(line) == Some("call trace");
    let below = lines[at..].iter().position(trace);
    if let (Some(begin), Some(below)) = (begin.filter(|begin| *begin > after), below) {
        // The guest may have said something meanwhile.
        let range = begin..=at + below;
        let guests = |line: &&&str| Report::parse(line).is_some();
        let kept: Vec<&str> = lines[range.clone()]
            .iter()
            .filter(guests)
            .copied()
            .collect();
        lines.splice(range, kept);
    }
}

/// What is wrong with what the kernel said of one fault.
fn judge(fault: Fault, lines: &[&str]) -> Vec<String> {
    let expected = fault.expected();
    let mut problems: Vec<String> = lines
        .iter()
        .filter_map(|line| Some((sign_in(line)?, line)))
        .filter(|(sign, line)| !may_say(&expected, sign, line))
        .map(|(sign, line)| problem(sign, line))
        .collect();
    let mut count = |what: &str, holds: &dyn Fn(&str) -> bool, enough: &dyn Fn(usize) -> bool| {
        let times = lines.iter().filter(|line| holds(line)).count();
        if !enough(times) {
            let name = fault.name();
            problems.push(format!("of the fault {name}, {what}: {times} lines"));
        }
    };
    let reports = expected.reports;
    count(
        &format!("{reports} reports were to begin"),
        &|line| line.contains("[ cut here ]"),
        &|times| times == reports,
    );
    count(
        &format!("{reports} were to name {}", expected.place.join(" ")),
        &|line| names_place(&expected, line),
        &|times| times == reports,
    );
    count(
        &format!(
            "{reports} were to name the function {} of the module",
            expected.function
        ),
        &|line| line.contains(expected.function) && line.contains("[sample_kmod]"),
        &|times| times >= reports,
    );
    for text in expected.says {
        let wanted = format!("one was to say `{text}`");
        count(&wanted, &|line| line.contains(text), &|times| times == 1);
    }
    problems
}

fn names_place(expected: &Expected, line: &str) -> bool {
    expected.place.iter().all(|part| line.contains(part))
}

/// Whether a line with a sign belongs to the report that is expected.
fn may_say(expected: &Expected, sign: &str, line: &str) -> bool {
    names_place(expected, line)
        || line.contains("[ cut here ]")
        || sign == "call trace"
        || expected.says.iter().any(|text| line.contains(text))
        || expected.fatal && sign == "oops"
}

#[cfg(test)]
mod tests;
