//! One random program: structs, units of helpers in C, crates of callers in Rust.
//!
//! All of it follows from one seed. Not here: one helper (`helper`), how they are
//! called (`callers`), building it (`trial`).

use super::callers;
use super::flags;
use super::helper::{Helper, Place};
use super::kinds::{self, Chosen};
use super::levels::Levels;
use super::model::Struct;
use super::shapes::structure;
use super::state::state;
use fastrand::Rng;
use std::collections::BTreeMap;

const PRELUDE: &str = include_str!("prelude.h");

/// How many helpers a program has: enough to be worth its build.
const HELPERS: std::ops::Range<usize> = 8..20;

/// Prefixes of helpers' symbols; each unit has one.
pub const PREFIXES: [&str; 2] = ["rust_helper_", "bound_"];

/// A program's sources and how to compile them.
#[derive(Debug)]
pub struct Program {
    pub seed: u64,
    /// Units of helpers.
    pub units: Vec<Unit>,
    /// Crates that call them, dependencies first; each depends on all before it.
    pub crates: Vec<String>,
    /// What an ordinary object of the program's defines, if there is one.
    pub native: String,
    /// clang's flags, for all units alike.
    pub flags: Vec<&'static str>,
    /// Whether a check of C's ends the program.
    pub ends_in_trap: bool,
    /// Optimization of the bitcode.
    pub levels: Levels,
    /// clang's optimization in the ordinary build, low so that little can go wrong
    /// in it; rustc's is that of the bitcode.
    pub ordinary: &'static str,
    /// rustc's relocation model.
    pub relocation: &'static str,
    /// Whether the engine links `core` too, or leaves it to the linker, which is
    /// faster.
    pub core: bool,
    /// Whether there are line tables, and debug sections of them.
    pub lines: bool,
    /// Whether it is also built crate by crate, which costs as much as two of the
    /// other ways.
    pub unit_wise: bool,
    /// Whether it is also linked as many jobs.
    pub thin: bool,
    /// For each helper, the causes for which its calls may stay.
    pub may_stay: BTreeMap<String, Vec<&'static str>>,
    pub calls: usize,
}

/// A unit of helpers.
#[derive(Debug)]
pub struct Unit {
    pub prefix: &'static str,
    pub text: String,
}

impl Program {
    pub fn new(seed: u64) -> Program {
        let mut rng = Rng::with_seed(seed);
        let structs: Vec<Struct> = (0..6).map(|number| structure(&mut rng, number)).collect();
        let flags = flags::choose(&mut rng);
        let ends_in_trap = flags.contains(&flags::LOCAL_BOUNDS);
        let mut units: Vec<Unit> = Vec::new();
        let mut helpers: Vec<Helper> = Vec::new();
        let mut functions = Vec::new();
        let mut native = String::new();
        for number in 0..rng.usize(1..4) {
            let (mut unit, chosen) = unit(&mut rng, number, &structs);
            for helper in chosen.helpers {
                unit.text.push_str(&helper.c(&structs));
                helpers.push(helper);
            }
            units.push(unit);
            functions.push(chosen.functions);
            native.push_str(&chosen.native);
        }
        let count = rng.usize(HELPERS);
        for number in 0..count {
            // Each unit has some: one that nothing needs is not linked in all ways.
            let unit = match number < units.len() {
                true => number,
                false => rng.usize(0..units.len()),
            };
            let place = Place {
                number,
                unit,
                prefix: units[unit].prefix,
                planted: number + 1 == count,
                functions: &functions[unit],
            };
            let mut helper = Helper::random(&mut rng, &place, &structs, &helpers);
            if rng.u32(0..4) == 0 {
                helper.share_name(&helpers);
            }
            units[unit].text.push_str(&helper.c(&structs));
            helpers.push(helper);
        }
        let crates = rng.usize(1..4);
        let trap = ends_in_trap.then(|| {
            let last = units.last_mut().expect("there is one");
            last.text.push_str(&flags::out_of_bounds(last.prefix));
            format!("{}{}", last.prefix, flags::OUT_OF_BOUNDS)
        });
        let callers = callers::generate(&mut rng, &structs, &mut helpers, crates, trap.as_deref());
        Program {
            seed,
            units,
            crates: callers.crates,
            native,
            flags,
            ends_in_trap,
            levels: Levels::of(seed),
            ordinary: ["-O0", "-O1"][rng.usize(0..2)],
            relocation: ["static", "pic"][rng.usize(0..2)],
            core: rng.u32(0..6) == 0,
            lines: rng.u32(0..3) == 0,
            unit_wise: rng.u32(0..3) != 0,
            thin: rng.u32(0..2) == 0,
            may_stay: helpers
                .into_iter()
                .map(|h| (h.symbol, h.may_stay))
                .collect(),
            calls: callers.calls,
        }
    }
}

impl Program {
    /// The helpers of a prefix that are exempt from being inlined.
    pub fn exempt(&self, prefix: &str) -> Vec<String> {
        let exempt = self
            .may_stay
            .iter()
            .filter(|(symbol, causes)| symbol.starts_with(prefix) && causes.contains(&"exempt"));
        exempt.map(|(symbol, _)| symbol.clone()).collect()
    }
}

fn unit(rng: &mut Rng, number: usize, structs: &[Struct]) -> (Unit, Chosen) {
    let mut text = PRELUDE.to_owned();
    for structure in structs {
        text.push_str(&structure.c());
    }
    text.push_str(&state(rng, number));
    text.push('\n');
    let prefix = PREFIXES[usize::from(rng.u32(0..4) == 0)];
    let chosen = kinds::choose(rng, number, prefix);
    text.push_str(&chosen.text);
    (Unit { prefix, text }, chosen)
}

#[cfg(test)]
mod tests {
    use super::{PREFIXES, Program};

    #[test]
    fn one_seed_is_one_program() {
        let text = |seed| {
            let program = Program::new(seed);
            let units: String = program.units.into_iter().map(|u| u.text).collect();
            (units, program.crates)
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7).0, text(8).0);
    }

    #[test]
    fn programs_have_what_abis_and_builds_differ_in_and_the_constant_to_plant() {
        let programs: Vec<Program> = (0..50).map(Program::new).collect();
        let units = programs.iter().flat_map(|p| &p.units);
        let c: String = units.map(|unit| unit.text.as_str()).collect();
        for construct in [
            "struct S0 p0",
            ":3;",
            "s128",
            "f32",
            "(*p0)(u64)",
            "noinline",
            "static inline struct S",
            "__atomic",
            "volatile",
            "switch",
            "triple(",
            "sum_of(2",
            "bound_f",
            "extern u64 shared_a",
            "operations[(",
            "names[(",
            "= tick(",
            "&&one",
            "__attribute__((weak))",
            "redefine_extname",
            "constructor",
            "address_is",
            "out_of_bounds",
        ] {
            assert!(c.contains(construct), "{construct}");
        }
        assert_eq!(c.matches("^ PLANT;").count(), 50);
        let exempt = |p: &Program| PREFIXES.iter().any(|prefix| !p.exempt(prefix).is_empty());
        assert!(programs.iter().any(exempt));
        let rust: String = programs.iter().flat_map(|p| p.crates.clone()).collect();
        for construct in [
            "use c1::*",
            "<S: Report>",
            "#[inline]\npub fn call",
            "link_name",
        ] {
            assert!(rust.contains(construct), "{construct}");
        }
        for several in [1, 2, 3] {
            assert!(programs.iter().any(|p| p.units.len() == several));
            assert!(programs.iter().any(|p| p.crates.len() == several));
        }
    }
}
