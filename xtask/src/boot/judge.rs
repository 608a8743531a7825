//! Whether a console's log is that of a good run. A pure function of the text:
//! everything expected must be there, and nothing that a kernel says when
//! something is wrong, unless the machine is there to have it say that.

mod faults;
mod shortage;

use helper_inline_build::cli::boot::{Verdict, signs};

use guest::{Instructions, Report, Work};

/// Judges the log of a run with these instructions.
pub fn judge(log: &str, instructions: &Instructions) -> Verdict {
    let mut verdict = Verdict::default();
    let reports: Vec<Report> = log.lines().filter_map(Report::parse).collect();
    for report in &reports {
        match report {
            Report::Fail(text) => verdict.problems.push(format!("the guest says: {text}")),
            Report::Ok(step, details) => verdict.facts.push(format!("{step}: {details}")),
            Report::Note(text) => verdict.facts.push(text.clone()),
            Report::Begin(_) | Report::End(_) | Report::Done => {}
        }
    }
    let mut problems = match instructions.work {
        Work::Everyday | Work::Rounds | Work::Probes => signs::problems(log.lines()),
        Work::Pressure => shortage::problems(log),
        Work::Faults => faults::problems(log),
    };
    verdict.problems.append(&mut problems);
    let mut reported: Vec<&str> = reports.iter().filter_map(step_of).collect();
    for step in instructions.steps() {
        let name = step.to_string();
        // A step that each module has is to be reported as often.
        match reported.iter().position(|reported| **reported == name) {
            Some(index) => drop(reported.remove(index)),
            None => verdict
                .problems
                .push(format!("the guest did not report `ok {name}`")),
        }
    }
    if !reports.contains(&Report::Done) {
        verdict
            .problems
            .push("the guest did not get to its end (no DONE line)".into());
    }
    verdict
}

/// The step that a report says is done.
fn step_of(report: &Report) -> Option<&str> {
    match report {
        Report::Ok(step, _) => Some(step),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
