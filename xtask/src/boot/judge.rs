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

#[cfg(test)]
mod tests;
