//! `cargo xtask versions`: every rustc with every clang, each pair linked in the
//! newer LLVM of the two: either all helpers are inlined and the program runs
//! right, or the pair is refused.
//!
//! Here are the pairs' order and the table. Not here: finding compilers
//! (`rustcs`, `debian`), one pair (`pair`).

mod debian;
mod pair;
mod rustcs;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::front;
use crate::fuzz::tools::{TARGETS, Tools};
use anyhow::{Context as _, anyhow};
use helper_inline_build::{Clang, Version};
use pair::{Inputs, Verdict};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The major versions of clang that are tried.
pub const CLANGS: [u32; 4] = [14, 16, 19, 22];

/// The oldest rustc that is supported, as rustup names it; its LLVM is the oldest
/// that links.
pub const OLDEST_RUSTC: &str = "1.85";

/// Where the table is kept.
const TABLE: &str = "docs/versions.md";

/// `cargo xtask versions`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rustc to try beside those of rustup's toolchains, of the system and of
    /// Debian; may be given several times
    #[arg(long = "rustc", value_name = "PATH")]
    rustcs: Vec<PathBuf>,
}

/// Runs the command and writes the table anew.
pub fn run(args: Args) -> Outcome {
    let root = front::root();
    let table = try_all(&root, &args.rustcs)?;
    let path = root.join(TABLE);
    std::fs::write(&path, table.text())
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    table.judge()
}

/// Tries every pair without writing anything down.
pub fn check(root: &Path) -> Outcome {
    try_all(root, &[])?.judge()
}

fn try_all(root: &Path, named: &[PathBuf]) -> Outcome<Table> {
    command::catch_interrupts();
    let rustcs = rustcs::find(root, named)?;
    let clangs = clangs()?;
    let temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
    let mut table = Table::default();
    for target in TARGETS {
        let tools = Tools::find(target, temporary.path())?;
        let inputs = Inputs::new(&tools, temporary.path())?;
        for found in &rustcs {
            let Some(callers) = inputs.callers(found)? else {
                continue;
            };
            for clang in &clangs {
                command::check_interrupt()?;
                let row = Row {
                    target,
                    rustc: found.shown(),
                    clang: clang.version,
                    verdict: inputs.pair(found, &callers, clang)?,
                };
                println!("{}", row.line());
                table.0.push(row);
            }
        }
    }
    Ok(table)
}

fn clangs() -> Outcome<Vec<Clang>> {
    CLANGS
        .iter()
        .map(|major| {
            let name = format!("clang-{major}");
            Clang::at(Path::new(&name)).map_err(|error| {
                Failure::need(format!("{error}; install it with `apt-get install {name}`"))
            })
        })
        .collect()
}

struct Row {
    target: &'static str,
    rustc: String,
    clang: Version,
    verdict: Verdict,
}

impl Row {
    fn line(&self) -> String {
        let Row {
            target,
            rustc,
            clang,
            verdict,
        } = self;
        let arch = target.split('-').next().unwrap_or_default();
        let what = match &verdict.wrong {
            None => format!(
                "{} helpers at {} calls inlined, runs right",
                verdict.helpers, verdict.calls
            ),
            Some(wrong) => format!("WRONG: {wrong}"),
        };
        format!(
            "{arch}: rustc {rustc}, clang {clang}, linked in {}: {what}; in the older: {}",
            verdict.link_llvm, verdict.in_older
        )
    }
}

#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    fn text(&self) -> String {
        let mut text = String::from(
            "# Versions of rustc and clang\n\n\
             Written by `cargo xtask versions`; edit nothing here by hand. Each pair is linked in the\n\
             newer LLVM of the two, which the library chooses by itself. The\n\
             [helpers](../xtask/src/versions/helpers.c) take and return structs of every kind and 128-bit\n\
             integers, call back, branch in assembly, and have statics and bit-fields. A pair runs right when\n\
             the inlined and the out-of-line program both print what they should; those for aarch64 run under\n\
             qemu-aarch64. In the older LLVM of a pair, the link has to be refused before anything is read.\n\n\
             | target | rustc (LLVM) | clang | linked in | helpers inlined, of | calls inlined, of | runs right | in the older LLVM |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for row in &self.0 {
            let verdict = &row.verdict;
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {}, {} | {}, {} | {} | {} |",
                row.target.split('-').next().unwrap_or_default(),
                row.rustc,
                row.clang,
                verdict.link_llvm,
                verdict.helpers,
                verdict.all_helpers,
                verdict.calls,
                verdict.all_calls,
                if verdict.runs { "yes" } else { "NO" },
                verdict.in_older,
            );
        }
        text
    }

    fn judge(&self) -> Outcome {
        let wrong = self.0.iter().filter(|row| row.verdict.wrong.is_some());
        let (all, wrong) = (self.0.len(), wrong.count());
        println!("{all} pairs, {wrong} wrong");
        if wrong == 0 {
            return Ok(());
        }
        Err(Failure::step(anyhow!(
            "{wrong} of {all} pairs of a rustc and a clang went wrong, as said above"
        )))
    }
}
