//! The hot loops: instructions of an iteration, time, calls of C functions that are
//! left in the loops, and the size of the program.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::prove::read_object;
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionKind, SymbolKind,
};

use super::ways::{LOOPS as PACKAGE, Tools, Way};
use crate::bench::{instructions, median};
use crate::command;

/// The loops, each with what it does.
pub const LOOPS: &[(&str, &str)] = &[
    ("uring", "liburing: get_sqe, prep_read, peek_cqe, cqe_seen"),
    ("hash", "xxhash: XXH64 of 4 to 11 bytes"),
    ("rcu", "userspace RCU: read lock, dereference, read unlock"),
];

/// The levels of the C twin, the first of which all is compared to.
pub const LEVELS: &[&str] = &["2", "3"];

/// Iterations counted, by the difference of two runs, and timed.
const COUNTED: u64 = 10_000;
const TIMED: u64 = 8_000_000;

/// Rounds of timing, in turn.
const ROUNDS: usize = 9;

/// One loop in one way.
#[derive(Clone)]
pub struct Loop {
    /// Instructions of an iteration.
    pub instructions: f64,
    /// To C at the first level.
    pub ratio: f64,
    /// The same of time.
    pub time: f64,
    /// Calls of C functions of the program that are left in it.
    pub calls: usize,
}

/// One program.
pub struct Row {
    pub what: String,
    pub is_ours: bool,
    /// As [`LOOPS`].
    pub loops: Vec<Loop>,
    /// Code, in bytes; of the twin none.
    pub text: Option<u64>,
}

/// All programs, C first.
pub struct Loops {
    pub rows: Vec<Row>,
}

/// A program and which of its two languages is run.
struct Program {
    what: String,
    file: PathBuf,
    language: &'static str,
    is_ours: bool,
}

/// Builds and measures.
pub fn measure(tools: &Tools, ways: &'static [Way]) -> Result<Loops> {
    let mut programs = Vec::new();
    let kept = tempfile::tempdir().context("making a directory")?;
    for level in LEVELS {
        eprintln!("building the loops in C, -O{level}");
        let way = &ways[0];
        command::run(&mut tools.cargo(way, PACKAGE, level))?;
        let file = kept.path().join(format!("c{level}"));
        std::fs::copy(tools.programs(way).join("loops"), &file).context("keeping a program")?;
        programs.push(Program {
            what: format!("C, clang -O{level}"),
            file,
            language: "c",
            is_ours: false,
        });
    }
    for way in ways {
        eprintln!("building the loops: {}", way.name);
        command::run(&mut tools.cargo(way, PACKAGE, LEVELS[0]))?;
        programs.push(Program {
            what: way.what.to_owned(),
            file: tools.programs(way).join("loops"),
            language: "rust",
            is_ours: way.wrapper,
        });
    }
    let mut rows: Vec<Row> = programs
        .iter()
        .map(|program| {
            let text =
                (program.language == "rust").then(|| read_object(&program.file, &BTreeSet::new()));
            Ok(Row {
                what: program.what.clone(),
                is_ours: program.is_ours,
                loops: Vec::new(),
                text: text.transpose()?.map(|facts| facts.text_bytes),
            })
        })
        .collect::<Result<_>>()?;
    for (name, _) in LOOPS {
        eprintln!("running the loop {name}");
        let times = time_all(&programs, name)?;
        let mut first = None;
        for (index, program) in programs.iter().enumerate() {
            let instructions = count(program, name)?;
            let to = *first.get_or_insert(instructions);
            rows[index].loops.push(Loop {
                instructions,
                ratio: instructions / to,
                time: median(times[index].iter().zip(&times[0]).map(|(own, c)| own / c)),
                calls: calls(program, name)?,
            });
        }
    }
    Ok(Loops { rows })
}

/// Instructions of one iteration, by callgrind.
fn count(program: &Program, name: &str) -> Result<f64> {
    let collected = |n: u64| -> Result<f64> {
        let mut run = Command::new(&program.file);
        run.args([program.language, name, &n.to_string()]);
        Ok(instructions(&run)? as f64)
    };
    Ok((collected(2 * COUNTED)? - collected(COUNTED)?) / COUNTED as f64)
}

/// Nanoseconds of each program's runs, round after round; all must print the same sum.
fn time_all(programs: &[Program], name: &str) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); programs.len()];
    let mut sums = BTreeSet::new();
    for round in 0..=ROUNDS {
        for (program, times) in programs.iter().zip(&mut times) {
            let mut run = Command::new(&program.file);
            run.args([program.language, name, &TIMED.to_string()]);
            let text = command::output(&mut run)?;
            let (sum, nanoseconds) = text.trim().split_once(' ').context("no sum and time")?;
            sums.insert(sum.to_owned());
            if round > 0 {
                times.push(nanoseconds.parse()?);
            }
        }
    }
    ensure!(
        sums.len() == 1,
        "the loops `{name}` differ in what they compute: {sums:?}"
    );
    Ok(times)
}

/// References, in a loop's function, to functions in C that the program defines. Not
/// by disassembly: what is called through a register has no name there.
fn calls(program: &Program, name: &str) -> Result<usize> {
    let data = std::fs::read(&program.file)
        .with_context(|| format!("reading {}", program.file.display()))?;
    let file = object::File::parse(data.as_slice())?;
    let is_loop = |symbol: &str| match program.language {
        "c" => symbol == format!("c_{name}"),
        _ => symbol.contains(&format!("5loops{}{name}3run", name.len())),
    };
    let functions: Vec<_> = file
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition())
        .collect();
    let own = functions
        .iter()
        .find(|symbol| symbol.name().is_ok_and(is_loop))
        .with_context(|| format!("`{}` has no loop `{name}`", program.file.display()))?;
    let own = own.address()..own.address() + own.size();
    let in_c = |address: u64| {
        let mut there = functions
            .iter()
            .filter(|symbol| symbol.address() == address);
        let name = there.find_map(|symbol| symbol.name().ok());
        name.is_some_and(|name| !name.starts_with("_ZN") && !name.starts_with("_R"))
    };
    let mut calls = 0;
    let mut relocations = 0;
    for section in file.sections().filter(|s| s.kind() == SectionKind::Text) {
        for (place, relocation) in section.relocations() {
            relocations += 1;
            let RelocationTarget::Symbol(index) = relocation.target() else {
                continue;
            };
            let symbol = file.symbol_by_index(index)?;
            if !own.contains(&place) || symbol.is_undefined() {
                continue;
            }
            // Of what is local the section is named, and the place in it, counted from
            // the end of the instruction's four bytes.
            let address = match symbol.kind() {
                SymbolKind::Section => symbol
                    .address()
                    .wrapping_add_signed(relocation.addend() + 4),
                _ => symbol.address(),
            };
            calls += usize::from(in_c(address));
        }
    }
    ensure!(
        relocations > 0,
        "`{}` was linked without --emit-relocs",
        program.file.display()
    );
    Ok(calls)
}
