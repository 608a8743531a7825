//! What must not happen, made to happen in one module: the kernel reports it and
//! goes on. What it reports is judged by the host, from the whole log.

use std::time::Duration;

use guest::{Fault, Report, Step};

use crate::failing;
use crate::process::Child;
use crate::run::Machine;
use crate::sample;

/// How long what is said of a dead process takes to reach the log, so that it stands
/// where it belongs.
const LAST_WORDS: Duration = Duration::from_millis(300);

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    let module = machine.only_module()?;
    module.load()?;
    machine.ok(Step::Load, &module.name);
    for fault in Fault::ALL {
        machine.console.say(&Report::Begin(fault.name().to_owned()));
        let outcome = if fault.expected().fatal {
            // The kernel ends the process that called.
            let outcome = Child::start(|| sample::faults::cause(fault))?.join_killed(libc::SIGSEGV);
            // Of a dead process the kernel may say more than one thing.
            std::thread::sleep(LAST_WORDS);
            outcome
        } else {
            sample::faults::cause(fault)
        };
        machine.console.say(&Report::End(fault.name().to_owned()));
        outcome.map_err(|error| format!("fault {}: {error}", fault.name()))?;
    }
    let names = Fault::ALL.map(Fault::name).join(", ");
    machine.ok(Step::Faults, &names);
    // The dead processes have left no user behind, and the module still works.
    sample::brief::run(1)?;
    module.unload()?;
    let mut checks = crate::checks::Checks::default();
    failing::of(module)?.nothing_left(&mut checks, module)?;
    machine.ok(Step::Unload, &module.name);
    Ok(())
}
