//! The probes that `dist --probes` prints for the inlined calls of the first sample, all
//! of them placed, and what they show of a call whose parameters are known.

use std::collections::BTreeSet;
use std::fs;

use guest::{PROBES, Step};

use crate::run::Machine;
use crate::sample;
use crate::tracing::Tracing;

/// A call that the guest knows the parameters of.
const KNOWN: &str = "rust_helper_copy_from_user";

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    let module = machine.only_module()?;
    let text = fs::read_to_string(PROBES).map_err(|error| format!("{PROBES}: {error}"))?;
    module.load()?;
    machine.ok(Step::Load, &module.name);
    let tracing = Tracing::open()?;
    let mut placed = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        tracing
            .place(line)
            .map_err(|error| format!("the kernel refuses `{line}`: {error}"))?;
        placed += 1;
    }
    // Nothing is seen before it happens.
    tracing.turn(&module.name, true)?;
    if let Some(line) = seen(&tracing, 0)?.first() {
        return Err(format!("nothing was done, and the trace has {line}"));
    }
    let address = sample::known::configure()?;
    let known = seen(&tracing, address)?;
    sample::brief::run(1)?;
    let events = tracing.events()?;
    let fired: BTreeSet<String> = events.iter().filter_map(|line| event(line)).collect();
    tracing.turn(&module.name, false)?;
    tracing.clear()?;

    let [event] = &known[..] else {
        let events = events.join("\n");
        return Err(format!(
            "{KNOWN} from {address:#x}, {} bytes, was seen {} times in\n{events}",
            sample::known::LENGTH,
            known.len()
        ));
    };
    machine.note(format!("seen: {}", event.trim()));
    let details = format!("{placed} placed, {} of them fired", fired.len());
    machine.ok(Step::Probes, &details);
    module.unload()?;
    machine.ok(Step::Unload, &module.name);
    Ok(())
}

/// The events of the known call, with this address if it is one.
fn seen(tracing: &Tracing, address: usize) -> Result<Vec<String>, String> {
    let (from, n) = (
        format!(" from={address:#x} "),
        format!(" n={} ", sample::known::LENGTH),
    );
    let is_it = |line: &String| {
        let padded = format!("{line} ");
        event(line).is_some_and(|name| name.starts_with(KNOWN))
            && (address == 0 || (padded.contains(&from) && padded.contains(&n)))
    };
    let mut lines = tracing.events()?;
    lines.retain(is_it);
    Ok(lines)
}

/// The name of an event's line: `init-1 [000] .... 1.2: name: (function+0x1/0x2) a=1`.
fn event(line: &str) -> Option<String> {
    let (before, _) = line.split_once(": (")?;
    before.rsplit(' ').next().map(str::to_owned)
}
