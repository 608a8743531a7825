//! Each module in turn: everything that it does, once, and its life in all its variants.
//! All of them share the machine, whose kernel is started once.

use guest::{Instructions, Step};

use super::{exercise, load_and_unload};
use crate::checks::Checks;
use crate::failing;
use crate::module::Module;
use crate::run::Machine;

pub fn run(machine: &Machine<'_>) -> Result<(), String> {
    for module in &machine.modules {
        one(machine, module)?;
    }
    load_and_unload(machine)
}

fn one(machine: &Machine<'_>, module: &Module) -> Result<(), String> {
    let name = &module.name;
    let is_known = Instructions::exercises(name);
    module.load()?;
    machine.ok(Step::Load, name);
    if is_known {
        let details = exercise(module)?;
        machine.ok(Step::Exercise, &format_args!("{name}, {details}"));
    }
    module.unload()?;
    machine.ok(Step::Unload, name);
    if is_known {
        let failing = failing::of(module)?;
        let mut checks = Checks::default();
        failing
            .run(&mut checks, module)
            .map_err(|error| format!("{name}, loading that is made to fail: {error}"))?;
        let (steps, checks) = (failing.steps, checks.done());
        let details = format!("{name}, each of {steps} steps of loading, {checks} checks");
        machine.ok(Step::Failing, &details);
    }
    Ok(())
}
