//! One machine, from its start to what is said of it.
//!
//! Not here: what the machine is given, and what makes its log a good one.

use super::qemu;
use crate::cli::failure::{Failure, Outcome};
use anyhow::Context as _;
use std::fs;
use std::time::Instant;

/// What came of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why it is bad; empty when it is good.
    pub problems: Vec<String>,
    /// What was reported, for a person.
    pub facts: Vec<String>,
}

/// Runs a machine, has its console judged, and says what came of it.
pub fn attempt(title: &str, run: &qemu::Run, judge: impl Fn(&str) -> Verdict) -> Outcome {
    let started = Instant::now();
    let end = qemu::run(run)?;
    let log = run.log;
    // A kernel that dies may leave anything on its console.
    let bytes = fs::read(log).with_context(|| format!("reading {}", log.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut verdict = judge(&text);
    verdict.problems.extend(end.problem());
    if verdict.problems.is_empty() {
        let seconds = started.elapsed().as_secs_f64();
        let mut lines = vec![format!("boot {title}: ok in {seconds:.1} s")];
        lines.extend(verdict.facts.iter().map(|fact| format!("  {fact}")));
        // In one piece, for others may report at the same time.
        println!("{}", lines.join("\n"));
        return Ok(());
    }
    eprintln!(
        "---- console of {title} ----\n{}\n---- end of the console ({}) ----",
        telling_part(&text),
        log.display()
    );
    // A warning in each of a hundred rounds says nothing new after the first few.
    const SHOWN: usize = 20;
    let mut shown: Vec<String> = verdict.problems.iter().take(SHOWN).cloned().collect();
    if verdict.problems.len() > SHOWN {
        shown.push(format!("and {} more", verdict.problems.len() - SHOWN));
    }
    Err(Failure::step(anyhow::anyhow!(
        "boot {title}:\n  {}",
        shown.join("\n  ")
    )))
}

/// From where the guest takes over: what the kernel says before fills pages. A
/// machine that never got there is shown from its last lines.
fn telling_part(log: &str) -> &str {
    const LAST_BYTES: usize = 8000;
    let start = match log.find("Run /init as init process") {
        Some(at) => at,
        None => log.len().saturating_sub(LAST_BYTES),
    };
    let line = log.as_bytes()[..start]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1);
    log[line..].trim_end()
}
