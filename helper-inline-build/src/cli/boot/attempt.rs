//! One machine, from its start to what is said of it.
//!
//! Not here: what the machine is given, and what makes its log a good one.

use super::{emulator, qemu};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::say;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;
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
    let log = run.log;
    let faulty = emulator::is_faulty(run.arch, run.cpus, qemu::version(run.arch)?);
    let (end, text) = end_and_console(title, log, faulty, || qemu::run(run))?;
    let mut verdict = judge(&text);
    verdict.problems.extend(end.problem());
    if faulty && emulator::shows_in(&text) {
        verdict.problems.push(emulator::EXPLANATION.into());
    }
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

/// Starts a machine, and once more when QEMU's own fault ended it before anything of ours
/// ran there. Returns how it ended, and what its console says.
fn end_and_console(
    title: &str,
    log: &Path,
    faulty: bool,
    mut start: impl FnMut() -> Result<qemu::End>,
) -> Result<(qemu::End, String)> {
    let end = start()?;
    let text = console(log)?;
    if !(faulty && emulator::shows_before_init_in(&text)) {
        return Ok((end, text));
    }
    let first = log.with_extension("first.log");
    fs::rename(log, &first).with_context(|| format!("renaming {}", log.display()))?;
    say::warning(format_args!(
        "boot {title}: the kernel died before the module was loaded, and is booted once more: {}; \
         the first console is in {}",
        emulator::EXPLANATION,
        first.display()
    ));
    Ok((start()?, console(log)?))
}

fn console(log: &Path) -> Result<String> {
    let bytes = fs::read(log).with_context(|| format!("reading {}", log.display()))?;
    // A kernel that dies may leave anything on its console.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// From where the guest takes over: what the kernel says before fills pages. A
/// machine that never got there is shown from its last lines.
fn telling_part(log: &str) -> &str {
    const LAST_BYTES: usize = 8000;
    let start = match log.find(emulator::STARTED) {
        Some(at) => at,
        None => log.len().saturating_sub(LAST_BYTES),
    };
    let line = log.as_bytes()[..start]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1);
    log[line..].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIED_AT_BOOT: &str = "[    1.577113] Oops: int3: 0000 [#1] SMP NOPTI\r\n";
    const DIED_LATER: &str = "[    1.2] Run /init as init process\r\n\
        [    1.577113] Oops: int3: 0000 [#1] SMP NOPTI\r\n";
    const GOOD: &str = "[    1.2] Run /init as init process\r\n";

    /// How often a machine is started whose consoles are these, and the last of them.
    fn starts(faulty: bool, consoles: &[&str]) -> (usize, String) {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("console.log");
        let mut count = 0;
        let (_, last) = end_and_console("disk", &log, faulty, || {
            fs::write(&log, consoles[count])?;
            count += 1;
            Ok(qemu::End::Limit(std::time::Duration::ZERO))
        })
        .unwrap();
        (count, last)
    }

    #[test]
    fn a_kernel_that_qemus_fault_ends_before_init_is_booted_once_more() {
        let two = starts(true, &[DIED_AT_BOOT, GOOD]);
        assert_eq!(two, (2, GOOD.into()));
        let again = starts(true, &[DIED_AT_BOOT, DIED_AT_BOOT]);
        assert_eq!(again, (2, DIED_AT_BOOT.into()));
    }

    #[test]
    fn no_other_end_is_tried_again() {
        assert_eq!(starts(true, &[GOOD]).0, 1);
        assert_eq!(starts(true, &[DIED_LATER]).0, 1);
        assert_eq!(starts(true, &["Oops: 0002 [#1]"]).0, 1);
        assert_eq!(starts(false, &[DIED_AT_BOOT]).0, 1);
    }
}
