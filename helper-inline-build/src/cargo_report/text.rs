//! The report on a terminal.
//!
//! Not here: finding out.

use super::BuildReport;
use crate::prove::{HelperReport, HelperState};
use crate::rustc_wrapper::{Left, Record};
use std::fmt;

impl fmt::Display for BuildReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.owners.is_empty() {
            return writeln!(f, "No crate of this build has helpers.");
        }
        if !self.is_wrapped() {
            return out_of_line(f, self);
        }
        let width = |text: &dyn Fn(&Record, &HelperReport) -> usize, least: usize| {
            let rows = self
                .crates
                .iter()
                .flat_map(|c| c.helpers.iter().map(move |h| (c, h)));
            rows.map(|(c, h)| text(c, h)).max().unwrap_or(0).max(least)
        };
        let helper = width(&|_, helper| self.name(helper).len(), "helper".len());
        let krate = width(&|krate, _| title(krate).len(), "crate".len());
        writeln!(
            f,
            "{:helper$}  {:krate$}  calls  inlined",
            "helper", "crate"
        )?;
        let (mut calls, mut inlined) = (0, 0);
        for record in &self.crates {
            for row in &record.helpers {
                let note = match row.state {
                    HelperState::Outlined => "  OUT OF LINE",
                    HelperState::Exempt => "  exempt",
                    HelperState::Inlined | HelperState::Unused => "",
                };
                writeln!(
                    f,
                    "{:helper$}  {:krate$}  {:>5}  {:>7}{note}",
                    self.name(row),
                    title(record),
                    row.call_sites,
                    row.inlined
                )?;
                calls += row.call_sites;
                inlined += row.inlined;
            }
        }
        for record in &self.crates {
            details(f, self, record)?;
        }
        refused(f, self)?;
        writeln!(
            f,
            "\n{calls} call sites, {inlined} inlined, {} out of line",
            calls - inlined
        )
    }
}

impl BuildReport {
    /// Whether the build went through the rustc wrapper, which leaves a record of the
    /// crate itself that brings helpers at least.
    fn is_wrapped(&self) -> bool {
        !self.crates.is_empty()
    }

    /// What a helper is called in the headers, or its own symbol.
    fn name<'a>(&'a self, helper: &'a HelperReport) -> &'a str {
        self.names.get(&helper.name).unwrap_or(&helper.name)
    }
}

fn title(record: &Record) -> String {
    format!("{} ({})", record.name, record.kinds.join(", "))
}

/// What a build without the wrapper is told.
fn out_of_line(f: &mut fmt::Formatter<'_>, report: &BuildReport) -> fmt::Result {
    for (package, owner) in &report.owners {
        let helpers = owner.helpers;
        write!(
            f,
            "{package}: {helpers} helpers, called out of line everywhere"
        )?;
        match &owner.out_of_line {
            Some(reason) => writeln!(f, ": {reason}")?,
            None => writeln!(f)?,
        }
    }
    refused(f, report)?;
    if report
        .owners
        .values()
        .all(|owner| owner.out_of_line.is_some())
    {
        return Ok(());
    }
    writeln!(
        f,
        "\nThe build did not go through the rustc wrapper. To have helpers inlined, put this \
         into .cargo/config.toml:\n\n[build]\nrustc-wrapper = \"cargo-helper-inline\""
    )
}

fn details(f: &mut fmt::Formatter<'_>, report: &BuildReport, record: &Record) -> fmt::Result {
    for helper in record.helpers.iter().filter(|h| !h.remaining.is_empty()) {
        let (name, fate) = (report.name(helper), helper.fate());
        writeln!(f, "\n{name} {fate} in {}:", title(record))?;
        for call in &helper.remaining {
            writeln!(f, "  {call}")?;
        }
    }
    let left = match record.left {
        None => return Ok(()),
        Some(Left::ForLto) => {
            "is read by rustc's LTO, and its calls are counted in what is linked from it"
        }
        Some(Left::ForLinker) => {
            "is compiled by the linker (`-Clinker-plugin-lto`), and nothing is known of its calls"
        }
    };
    writeln!(f, "\n{} {left}", title(record))?;
    Ok(())
}

fn refused(f: &mut fmt::Formatter<'_>, report: &BuildReport) -> fmt::Result {
    for [package, name, reason] in &report.refused {
        writeln!(f, "\n{package}: `{name}` is not wrapped: {reason}")?;
    }
    Ok(())
}
