//! The probes for the guest to place: those that `dist --probes` prints, of the report
//! beside a module.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use helper_inline_build::prove::{Report, Tracer, probes};

use crate::failure::{Failure, Outcome};

/// The lines for a module that is loaded: not those of code that it has for its
/// beginning alone.
pub fn of(ko: &Path) -> Outcome<String> {
    let mut report = report(ko)?;
    let Some(sites) = &mut report.sites else {
        return Err(Failure::usage(format_args!(
            "{} was made without debug sections, so there are no probes: make it by \
             `cargo xtask dist --debug`",
            ko.display()
        )));
    };
    sites
        .calls
        .retain(|call| !call.ranges[0].section.starts_with(".init"));
    Ok(probes(&report, ko, Tracer::Ftrace))
}

fn report(ko: &Path) -> Outcome<Report> {
    let own = ko.with_extension("report.json");
    let path = match own.is_file() {
        true => own,
        false => ko.with_file_name("report.json"),
    };
    let text = fs::read(&path).map_err(|error| {
        Failure::usage(format_args!(
            "no report beside {} ({}: {error}): make both by `cargo xtask dist --debug`",
            ko.display(),
            path.display()
        ))
    })?;
    let report = serde_json::from_slice(&text);
    Ok(report.with_context(|| format!("reading {}", path.display()))?)
}
