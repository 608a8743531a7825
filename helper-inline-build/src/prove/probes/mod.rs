//! Probes for the inlined calls of a report, ready for ftrace, perf or bpftrace.
//!
//! A module's and the kernel's are kprobes, a program's are uprobes. Each reads those
//! parameters that are known where the call's code begins. Not here: finding calls and
//! parameters (`dwarf`).

mod bpftrace;
mod names;
mod tracefs;
mod value;

use super::report::Report;
use super::site::{InlinedCall, Place};
use names::Names;
use std::fmt::Write as _;
use std::path::Path;
use value::Value;

/// Who is to place the probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracer {
    /// The kernel itself: lines for `kprobe_events` or `uprobe_events` of tracefs.
    Ftrace,
    /// perf.
    Perf,
    /// bpftrace.
    Bpftrace,
}

impl Tracer {
    /// All there are.
    pub const ALL: [Tracer; 3] = [Tracer::Ftrace, Tracer::Perf, Tracer::Bpftrace];
}

/// A probe on one call.
struct Probe<'a> {
    /// The name of its event, no longer than the kernel allows.
    event: String,
    spot: Spot<'a>,
    /// The parameters that are known, each with a name of its own.
    values: Vec<(String, Value)>,
}

/// Where a probe is placed.
enum Spot<'a> {
    Kernel {
        /// None in the kernel's own image.
        module: Option<&'a str>,
        symbol: &'a str,
        offset: u64,
    },
    Program {
        path: &'a Path,
        symbol: &'a str,
        offset: u64,
        address: u64,
        file_offset: u64,
    },
}

/// The probes of a report's inlined calls, for a tracer: a comment of what each is, and
/// below it a line, or a command. `file` is the packaged file, whose path uprobes need.
///
/// Lines that begin with `#` are for people; tracefs skips them too. Code that a module
/// has for its beginning alone (`.init.text`) is gone when it is loaded, so probes there
/// are to be placed before, as their comments say.
#[must_use]
pub fn probes(report: &Report, file: &Path, tracer: Tracer) -> String {
    let group = names::identifier(&report.module);
    let mut text = String::new();
    let mut line = |line: &str| writeln!(text, "{line}").expect("a String takes all");
    let Some(sites) = &report.sites else {
        line(&format!(
            "# {}: no inlined call is known, because it has no debug sections (--debug)",
            report.module
        ));
        return text;
    };
    let totals = sites.totals;
    line(&format!(
        "# {}: {} inlined calls; parameters known: all of {}, some of {}, none of {}",
        report.module,
        sites.calls.len(),
        totals.fully,
        totals.partly,
        totals.not
    ));
    let mut events = Names::default();
    for call in &sites.calls {
        line(&comment(call));
        if let Some(refusal) = call.refused {
            line(&format!("# no probe: {}", refusal.reason()));
            continue;
        }
        let event = events.unused(&call.helper, names::EVENT);
        let Some(spot) = spot(report, call, &group, file) else {
            line("# no probe: it is in an object that is yet to be linked");
            continue;
        };
        if let (Spot::Program { path, .. }, Tracer::Ftrace) = (&spot, tracer) {
            if path.to_string_lossy().contains(char::is_whitespace) {
                line("# no probe: uprobe_events takes no path with a space in it");
                continue;
            }
        }
        let probe = Probe {
            event,
            spot,
            values: values(report, call, tracer),
        };
        line(&match tracer {
            Tracer::Ftrace => tracefs::line(&probe, &group),
            Tracer::Perf => tracefs::perf(&probe, &group),
            Tracer::Bpftrace => bpftrace::command(&probe),
        });
    }
    text
}

fn spot<'a>(
    report: &'a Report,
    call: &'a InlinedCall,
    module: &'a str,
    file: &'a Path,
) -> Option<Spot<'a>> {
    let entry = &call.ranges[0];
    let (symbol, offset) = (entry.symbol.as_str(), entry.offset);
    match (&report.kernel, entry.file_offset) {
        (Some(kernel), _) => Some(Spot::Kernel {
            module: (!kernel.built_in).then_some(module),
            symbol,
            offset,
        }),
        (None, Some(file_offset)) => Some(Spot::Program {
            path: file,
            symbol,
            offset,
            address: entry.address,
            file_offset,
        }),
        (None, None) => None,
    }
}

/// What a probe is, for a person.
fn comment(call: &InlinedCall) -> String {
    let mut text = format!("# {} in {}", call.helper, call.caller);
    if let Some(location) = &call.location {
        text += &format!(" at {location}");
    }
    let lost = call.parameters.iter().filter(|p| p.place == Place::Lost);
    let lost: Vec<&str> = lost.map(|p| p.name.as_str()).collect();
    if !lost.is_empty() {
        text += &format!("; lost: {}", lost.join(", "));
    }
    if call.ranges[0].section.starts_with(".init") {
        text += "; only before the module is loaded";
    }
    text
}

/// The known parameters.
fn values(report: &Report, call: &InlinedCall, tracer: Tracer) -> Vec<(String, Value)> {
    let is_x86 = report.target.starts_with("x86_64");
    let mut names = Names::default();
    let known = call.parameters.iter().filter_map(|parameter| {
        let value = Value::of(parameter, is_x86)?;
        let mut name = parameter.name.clone();
        if tracer != Tracer::Bpftrace {
            name += &value.difference();
        }
        let name = names.unused_first(&names::identifier(&name), names::ARGUMENT);
        Some((name, value))
    });
    known.collect()
}

#[cfg(test)]
mod tests;
