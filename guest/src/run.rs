//! The order of what the guest does with the module.

use std::fmt::Display;
use std::fs;

use guest::{INSTRUCTIONS, Instructions, MODULE, Report, Step};

use crate::log::{Console, Records};
use crate::memory::Usage;
use crate::module::Module;
use crate::{block, sample};

/// Goes through all steps. What makes going on senseless is the error; what
/// does not is reported on the way.
pub fn run(console: &Console) -> Result<(), String> {
    let ok = |step: Step, details: &dyn Display| {
        console.say(&Report::Ok(step.to_string(), details.to_string()));
    };
    let text =
        fs::read_to_string(INSTRUCTIONS).map_err(|error| format!("{INSTRUCTIONS}: {error}"))?;
    let instructions = Instructions::parse(&text)?;
    let mut records = Records::from_now()?;
    let module = Module {
        file: MODULE,
        name: instructions.module.clone(),
    };
    ok(Step::Boot, &kernel_release());

    module.load()?;
    ok(Step::Load, &module.name);
    if instructions.exercises() {
        ok(Step::Exercise, &exercise(&module)?);
    }
    module.unload()?;
    ok(Step::Unload, &module.name);

    rounds(console, &instructions, &module)?;

    match bad_taint(&read_taint()?) {
        None => ok(Step::Taint, &"none but out-of-tree and unsigned"),
        Some(text) => console.say(&Report::Fail(text)),
    }
    // Critical or worse, from anyone, since the first load.
    let grave: Vec<String> = records
        .read()?
        .into_iter()
        .filter(|record| record.level <= 2 && !record.text.contains(guest::MARK))
        .map(|record| record.text)
        .collect();
    if grave.is_empty() {
        ok(Step::Log, &"nothing critical");
    }
    for line in grave {
        console.say(&Report::Fail(format!("the kernel logged: {line}")));
    }
    Ok(())
}

/// Uses a module that is loaded, and leaves it loaded.
fn exercise(module: &Module) -> Result<String, String> {
    let outcome = match module.name.as_str() {
        guest::SAMPLE => sample::run().map(|summary| summary.to_string()),
        guest::BLOCK => block::run(module).map(|summary| summary.to_string()),
        other => Err(format!("nobody knows how to use {other}")),
    };
    outcome.map_err(|error| format!("exercising the module: {error}"))
}

/// Loads and unloads; the memory before and after is compared.
fn rounds(console: &Console, instructions: &Instructions, module: &Module) -> Result<(), String> {
    // What the kernel sets up once and keeps is there after the first few.
    for _ in 0..3.min(instructions.rounds) {
        module.load()?;
        module.unload()?;
    }
    let before = Usage::settled()?;
    for round in 1..=instructions.rounds {
        module
            .load()
            .and_then(|()| module.unload())
            .map_err(|error| format!("in round {round} of {}: {error}", instructions.rounds))?;
    }
    let details = format!("{} loads and unloads", instructions.rounds);
    console.say(&Report::Ok(Step::Rounds.to_string(), details));

    let after = Usage::settled()?;
    let leaks = after.leaked_since(&before, instructions.rounds);
    let difference = after.difference(&before);
    if !leaks.is_empty() {
        console.say(&Report::Fail(format!(
            "{} rounds leaked {} ({difference})",
            instructions.rounds,
            leaks.join(", ")
        )));
        return Ok(());
    }
    console.say(&Report::Ok(Step::Memory.to_string(), difference));
    if instructions.exercises() {
        module.load()?;
        exercise(module)?;
        module.unload()?;
        let used = Usage::settled()?.difference(&after);
        console.say(&Report::Note(format!(
            "memory after exercising once more: {used}"
        )));
    }
    Ok(())
}

fn kernel_release() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .map_or_else(|error| error.to_string(), |text| text.trim().to_owned())
}

fn read_taint() -> Result<String, String> {
    let path = "/proc/sys/kernel/tainted";
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

/// Bits of /proc/sys/kernel/tainted that a module of one's own always sets.
const EXPECTED: u64 = 1 << 12 | 1 << 13;

fn bad_taint(tainted: &str) -> Option<String> {
    let Ok(bits) = tainted.trim().parse::<u64>() else {
        return Some(format!("the kernel's taint is no number: {tainted}"));
    };
    let bad = bits & !EXPECTED;
    if bad == 0 {
        return None;
    }
    // The letters of Documentation/admin-guide/tainted-kernels.rst, by bit.
    let letters: String = "PFSRMBUDAWCIOELKXTN"
        .chars()
        .enumerate()
        .filter(|(bit, _)| bad & (1 << bit) != 0)
        .map(|(_, letter)| letter)
        .collect();
    Some(format!("the kernel is tainted: {letters} ({bits})"))
}

#[cfg(test)]
mod tests {
    use super::bad_taint;

    #[test]
    fn only_a_modules_own_taint_is_fine() {
        assert_eq!(bad_taint("0\n"), None);
        assert_eq!(bad_taint("12288\n"), None);
        assert_eq!(
            bad_taint("12928\n").unwrap(),
            "the kernel is tainted: DW (12928)"
        );
        assert!(bad_taint("x").is_some());
    }
}
