//! Whether a console's log is that of a good run. A pure function of the text:
//! everything expected must be there, and nothing that a kernel says when
//! something is wrong.

use guest::{Instructions, Report};

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why the run is bad; empty when it is good.
    pub problems: Vec<String>,
    /// What the guest reported, for a person.
    pub facts: Vec<String>,
}

/// What a kernel says when something is wrong: text that only then appears, and a name for it.
const SIGNS: [(&str, &str); 32] = [
    ("Oops:", "oops"),
    ("Oops -", "oops"),
    ("Internal error:", "oops"),
    ("BUG:", "bug"),
    ("kernel BUG at", "bug"),
    ("BUG kmalloc", "slab corruption"),
    (
        "=============================================================================",
        "slab corruption",
    ),
    ("Objects remaining in", "slab leak"),
    ("WARNING:", "warning"),
    ("[ cut here ]", "warning or bug"),
    ("Call Trace:", "call trace"),
    ("Call trace:", "call trace"),
    ("general protection fault", "oops"),
    ("Unable to handle kernel", "oops"),
    ("unable to handle page fault", "oops"),
    ("Kernel panic", "panic"),
    ("refcount_t:", "reference count"),
    ("detected stall", "RCU stall"),
    ("soft lockup", "lock-up"),
    ("hard LOCKUP", "lock-up"),
    ("blocked for more than", "hung task"),
    ("possible circular locking", "lockdep"),
    ("possible recursive locking", "lockdep"),
    ("inconsistent lock state", "lockdep"),
    ("suspicious RCU usage", "lockdep"),
    ("lock held when returning to user space", "lockdep"),
    ("scheduling while atomic", "sleep in atomic context"),
    (
        "sleeping function called from invalid context",
        "sleep in atomic context",
    ),
    ("list_add corruption", "list corruption"),
    ("list_del corruption", "list corruption"),
    ("UBSAN:", "undefined behaviour"),
    ("Unknown symbol", "module not loadable"),
];

/// More of these, which name the module loader's complaints.
const LOADER_SIGNS: [(&str, &str); 7] = [
    ("disagrees about version of symbol", "module not loadable"),
    ("version magic", "module not loadable"),
    ("section size must match", "module not loadable"),
    ("Invalid relocation target", "module not loadable"),
    ("Unknown rela relocation", "module not loadable"),
    ("unsupported RELA relocation", "module not loadable"),
    ("Unpatched return thunk in use", "mitigation missing"),
];

/// Lines that a healthy kernel prints at boot although they look like a sign.
const HARMLESS: [&str; 2] = [
    "Spectre V2 : WARNING: Unprivileged eBPF is enabled",
    "MDS: WARNING:",
];

/// Judges the log of a run with these instructions.
pub fn judge(log: &str, instructions: &Instructions) -> Verdict {
    let mut verdict = Verdict::default();
    let reports: Vec<Report> = log.lines().filter_map(Report::parse).collect();
    for report in &reports {
        match report {
            Report::Fail(text) => verdict.problems.push(format!("the guest says: {text}")),
            Report::Ok(step, details) => verdict.facts.push(format!("{step}: {details}")),
            Report::Note(text) => verdict.facts.push(text.clone()),
            Report::Done => {}
        }
    }
    verdict.problems.extend(signs(log));
    for step in instructions.steps() {
        let name = step.to_string();
        let reported = |report: &Report| matches!(report, Report::Ok(step, _) if *step == name);
        if !reports.iter().any(reported) {
            verdict
                .problems
                .push(format!("the guest did not report `ok {name}`"));
        }
    }
    if !reports.contains(&Report::Done) {
        verdict
            .problems
            .push("the guest did not get to its end (no DONE line)".into());
    }
    verdict
}

/// The lines of a log that say that something is wrong, each with a name for it.
pub fn signs(log: &str) -> impl Iterator<Item = String> {
    let lines = log.lines();
    lines.filter_map(|line| Some(format!("{}: {}", sign_in(line)?, line.trim())))
}

fn sign_in(line: &str) -> Option<&'static str> {
    // The guest quotes what it saw; it has its own word for a failure.
    if line.contains(guest::MARK) || HARMLESS.iter().any(|text| line.contains(text)) {
        return None;
    }
    let found = SIGNS
        .iter()
        .chain(&LOADER_SIGNS)
        .find(|(text, _)| line.contains(text));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests;
