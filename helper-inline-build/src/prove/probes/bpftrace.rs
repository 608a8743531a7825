//! Commands for bpftrace.
//!
//! Not here: what a value is read from (`value`).

use super::{Probe, Spot};
use crate::command::quote;

/// A command that prints the event's name and its parameters each time.
pub(super) fn command(probe: &Probe<'_>) -> String {
    let spot = match &probe.spot {
        // Versions before 0.18 know no module there. Rust's symbols may have a `$`.
        Spot::Kernel { symbol, offset, .. } => format!("kprobe:\"{symbol}\"+{offset}"),
        Spot::Program {
            path,
            symbol,
            offset,
            ..
        } => format!("uprobe:\"{}\":\"{symbol}\"+{offset}", path.display()),
    };
    let mut format = probe.event.clone();
    let mut arguments = String::new();
    for (name, value) in &probe.values {
        let (expression, how) = value.of_bpftrace();
        format += &format!(" {}={how}", name);
        arguments += &format!(", {expression}");
    }
    let script = format!("{spot} {{ printf(\"{format}\\n\"{arguments}); }}");
    // bpftrace cannot look at a module's instructions, which is what it asks leave for.
    let unsafe_flag = match probe.spot {
        Spot::Kernel { .. } => "--unsafe ",
        Spot::Program { .. } => "",
    };
    format!("bpftrace {unsafe_flag}-e {}", quote(&script))
}
