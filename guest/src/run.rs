//! What the guest does from its first step to its last: it reads what the machine
//! is for, has that done, and looks at what the kernel says of it all.

use std::fmt::Display;
use std::fs;

use guest::{INSTRUCTIONS, Instructions, Report, Step, Work};

use crate::kmemleak;
use crate::log::{Console, Record, Records};
use crate::module::Module;
use crate::system;
use crate::taint;
use crate::work::{everyday, faults, pressure, probes, rounds};

/// What a machine's work is given.
pub struct Machine<'a> {
    pub modules: Vec<Module>,
    pub rounds: u32,
    pub console: &'a Console,
}

impl Machine<'_> {
    /// A step is done.
    pub fn ok(&self, step: Step, details: &dyn Display) {
        let report = Report::Ok(step.to_string(), details.to_string());
        self.console.say(&report);
    }

    /// Something went wrong, and going on still makes sense.
    pub fn fail(&self, text: String) {
        self.console.say(&Report::Fail(text));
    }

    /// Something that a person may want to know.
    pub fn note(&self, text: String) {
        self.console.say(&Report::Note(text));
    }

    /// The one module of a machine that has one.
    pub fn only_module(&self) -> Result<&Module, String> {
        match &self.modules[..] {
            [module] => Ok(module),
            other => Err(format!("{} modules for the work of one", other.len())),
        }
    }
}

/// Goes through all steps. What makes going on senseless is the error; what
/// does not is reported on the way.
pub fn run(console: &Console) -> Result<(), String> {
    let text =
        fs::read_to_string(INSTRUCTIONS).map_err(|error| format!("{INSTRUCTIONS}: {error}"))?;
    let instructions = Instructions::parse(&text)?;
    let mut records = Records::from_now()?;
    let machine = Machine {
        modules: instructions
            .modules
            .iter()
            .map(|name| Module::named(name))
            .collect(),
        rounds: instructions.rounds,
        console,
    };
    machine.ok(Step::Boot, &system::kernel_release());
    let leaks = kmemleak::from_now()?;

    match instructions.work {
        Work::Everyday => everyday::run(&machine)?,
        Work::Rounds => rounds::run(&machine)?,
        Work::Pressure => pressure::run(&machine)?,
        Work::Faults => faults::run(&machine)?,
        Work::Probes => probes::run(&machine)?,
    }

    if let Some(leaks) = leaks {
        match leaks.found()? {
            None => machine.note("kmemleak: nothing".into()),
            Some(text) => machine.fail(format!("kmemleak found {text}")),
        }
    }
    let asked_for = match instructions.work {
        Work::Faults => taint::FAULTS,
        _ => 0,
    };
    match taint::read(asked_for)? {
        None => machine.ok(Step::Taint, &taint::explained(asked_for)),
        Some(text) => machine.fail(text),
    }
    let grave = grave(records.read()?);
    if grave.is_empty() {
        machine.ok(Step::Log, &"nothing critical");
    }
    for line in grave {
        machine.fail(format!("the kernel logged: {line}"));
    }
    Ok(())
}

/// Critical or worse, from anyone but the guest, and not while a fault that was
/// asked for is reported.
fn grave(records: Vec<Record>) -> Vec<String> {
    let mut asked_for = false;
    let mut grave = Vec::new();
    for record in records {
        match Report::parse(&record.text) {
            Some(Report::Begin(_)) => asked_for = true,
            Some(Report::End(_)) => asked_for = false,
            Some(_) => (),
            None if record.level <= 2 && !asked_for => grave.push(record.text),
            None => (),
        }
    }
    grave
}

#[cfg(test)]
mod tests {
    use super::grave;
    use crate::log::Record;

    #[test]
    fn what_is_grave_counts_unless_it_was_asked_for() {
        let record = |level, text: &str| Record {
            level,
            text: text.to_owned(),
        };
        let records = vec![
            record(6, "usb: new device"),
            record(1, "first"),
            record(4, "HIB-GUEST: BEGIN bug"),
            record(2, "kernel BUG at helpers/bug.c:11!"),
            record(4, "HIB-GUEST: END bug"),
            record(2, "last"),
        ];
        assert_eq!(grave(records), ["first", "last"]);
    }
}
