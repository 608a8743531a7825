//! Lines of `kprobe_events` and `uprobe_events`, and commands for perf, which uses such.
//!
//! Not here: what a value is read from (`value`).

use super::{Probe, Spot};
use crate::command::quote;

/// A line to be written to one of the files.
pub(super) fn line(probe: &Probe<'_>, group: &str) -> String {
    let event = &probe.event;
    let spot = match &probe.spot {
        Spot::Kernel {
            module: Some(module),
            symbol,
            offset,
        } => format!("{module}:{symbol}+{offset:#x}"),
        Spot::Kernel {
            module: None,
            symbol,
            offset,
        } => format!("{symbol}+{offset:#x}"),
        Spot::Program {
            path, file_offset, ..
        } => format!("{}:{file_offset:#x}", path.display()),
    };
    format!("p:{group}/{event} {spot}{}", fields(probe))
}

/// A command that places the probe, after which perf knows its event. In the kernel that
/// is not `perf probe`'s to do: where it finds debug sections it writes the demangled
/// name of a function, which the kernel does not know.
pub(super) fn perf(probe: &Probe<'_>, group: &str) -> String {
    let event = &probe.event;
    match &probe.spot {
        Spot::Kernel { .. } => format!(
            "printf '%s\\n' {} >> /sys/kernel/tracing/kprobe_events && perf record -a -e {group}:{event}",
            quote(&line(probe, group))
        ),
        Spot::Program { path, address, .. } => {
            let definition = format!("{group}:{event}={address:#x}{}", fields(probe));
            let path = quote(&path.to_string_lossy());
            format!("perf probe -x {path} --add {}", quote(&definition))
        }
    }
}

fn fields(probe: &Probe<'_>) -> String {
    let fields = probe.values.iter();
    fields
        .map(|(name, value)| format!(" {name}={}", value.of_tracefs()))
        .collect()
}
