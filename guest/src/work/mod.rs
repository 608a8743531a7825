//! What a machine can be for. Each work has a file; what a module is and does is
//! known elsewhere.

pub mod everyday;
pub mod faults;
pub mod pressure;
pub mod probes;
pub mod rounds;

use std::fmt::Display;

use guest::Step;

use crate::memory::Usage;
use crate::module::Module;
use crate::run::Machine;
use crate::{block, sample};

/// Uses a module that is loaded, and leaves it loaded.
fn exercise(module: &Module) -> Result<String, String> {
    let outcome = match module.name.as_str() {
        guest::SAMPLE => sample::run(module).map(|summary| summary.to_string()),
        guest::BLOCK => block::run(module).map(|summary| summary.to_string()),
        other => Err(format!("nobody knows how to use {other}")),
    };
    outcome.map_err(|error| format!("exercising {}: {error}", module.name))
}

/// Loads and unloads all modules in turn, again and again, and compares the memory
/// before and after.
fn load_and_unload(machine: &Machine<'_>) -> Result<(), String> {
    let round = || {
        for module in &machine.modules {
            module.load()?;
            module.unload()?;
        }
        Ok::<(), String>(())
    };
    // What the kernel sets up once and keeps is there after the first few.
    for _ in 0..3.min(machine.rounds) {
        round()?;
    }
    let before = Usage::settled()?;
    for number in 1..=machine.rounds {
        round().map_err(|error| format!("in round {number} of {}: {error}", machine.rounds))?;
    }
    let names: Vec<&str> = machine.modules.iter().map(|m| m.name.as_str()).collect();
    let details = format!(
        "{} loads and unloads of {}",
        machine.rounds,
        names.join(" and ")
    );
    machine.ok(Step::Rounds, &details);
    memory(machine, &before, &format_args!("{} rounds", machine.rounds))
}

/// Says what the work has done to memory since `before`.
fn memory(machine: &Machine<'_>, before: &Usage, what: &dyn Display) -> Result<(), String> {
    let after = Usage::settled()?;
    let leaks = after.leaked_since(before, machine.rounds);
    let difference = after.difference(before);
    if leaks.is_empty() {
        machine.ok(Step::Memory, &difference);
    } else {
        let leaks = leaks.join(", ");
        machine.fail(format!("{what} leaked {leaks} ({difference})"));
    }
    Ok(())
}
