//! One module: everything that it does, once, and its life in all its variants.

use guest::Step;

use super::{exercise, load_and_unload};
use crate::checks::Checks;
use crate::failing;
use crate::run::Machine;

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    let module = machine.only_module()?;
    module.load()?;
    machine.ok(Step::Load, &module.name);
    if machine.exercises {
        machine.ok(Step::Exercise, &exercise(module)?);
    }
    module.unload()?;
    machine.ok(Step::Unload, &module.name);
    if machine.exercises {
        let failing = failing::of(module)?;
        let mut checks = Checks::default();
        failing
            .run(&mut checks, module)
            .map_err(|error| format!("loading that is made to fail: {error}"))?;
        let (steps, checks) = (failing.steps, checks.done());
        let details = format!("each of {steps} steps of loading, {checks} checks");
        machine.ok(Step::Failing, &details);
    }
    load_and_unload(machine)
}
