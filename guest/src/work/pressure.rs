//! All modules, loaded, used and unloaded while another process takes all memory
//! that it can get. What the kernel refuses for want of memory must leave nothing.

use std::fmt;

use guest::Step;

use super::memory;
use crate::checks::Checks;
use crate::failing;
use crate::hog::{self, Hog, Outcome};
use crate::memory::Usage;
use crate::module::Module;
use crate::process::Child;
use crate::run::Machine;
use crate::{block, sample};

/// What came of it.
#[derive(Default)]
struct Counts {
    loads: u32,
    /// Loads that failed for want of memory.
    refused: u32,
    checks: Checks,
}

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    // Whoever is ended for want of memory, it must not be the one who looks.
    hog::spare_this_process()?;
    // What the kernel does once when memory is short is done before it is measured.
    rounds(machine, 4, &mut Counts::default())?;
    let before = Usage::settled()?;
    let mut counts = Counts::default();
    let hog = rounds(machine, machine.rounds, &mut counts)?;
    if hog.ended == 0 && counts.refused == 0 {
        return Err(format!("memory was never short: {hog}"));
    }
    machine.ok(
        Step::Pressure,
        &format_args!("{counts} in {} rounds, {hog}", machine.rounds),
    );
    memory(machine, &before, &"loading while memory was short")
}

/// So many rounds while a hog takes all memory.
fn rounds(machine: &Machine<'_>, count: u32, counts: &mut Counts) -> Result<Outcome, String> {
    let hog = Hog::start()?;
    for number in 1..=count {
        round(machine, number, counts)
            .map_err(|error| format!("in round {number} of {count}: {error}"))?;
    }
    hog.stop()
}

/// Loads all, has each used as soon as it is there, and unloads all. In every other
/// round the last comes first.
fn round(machine: &Machine<'_>, number: u32, counts: &mut Counts) -> Result<(), String> {
    let mut modules: Vec<&Module> = machine.modules.iter().collect();
    if number % 2 == 1 {
        modules.reverse();
    }
    let mut used = Vec::new();
    for module in modules {
        counts.loads += 1;
        match module.try_load(parameters(module)) {
            Ok(()) => used.push((module, Child::start(|| use_briefly(module, number))?)),
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {
                counts.refused += 1;
                failing::of(module)?.nothing_left(&mut counts.checks, module)?;
            }
            Err(error) => return Err(format!("loading {}: {error}", module.name)),
        }
    }
    for (module, user) in used {
        user.join()
            .map_err(|error| format!("using {}: {error}", module.name))?;
        module.unload()?;
        failing::of(module)?.nothing_left(&mut counts.checks, module)?;
    }
    Ok(())
}

/// The disk takes much memory when it is loaded, in pieces that the kernel would
/// rather refuse than find.
fn parameters(module: &Module) -> &'static str {
    match module.name.as_str() {
        guest::BLOCK => "depth=1024",
        _ => "",
    }
}

fn use_briefly(module: &Module, number: u32) -> Result<(), String> {
    match module.name.as_str() {
        guest::SAMPLE => sample::brief::run(number),
        guest::BLOCK => block::brief::run(number),
        other => Err(format!("nobody knows how to use {other}")),
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} loads, {} of them refused for want of memory",
            self.loads, self.refused
        )
    }
}
