//! `cargo xtask fuzz`: random helpers and callers, whose inlined and out-of-line
//! builds must print what an ordinary build prints; and damaged inputs, which must
//! be refused.
//!
//! Here are the arguments and how it ends. Not here: programs (`campaign`),
//! damaged inputs (`mutation`).

mod body;
mod callers;
mod campaign;
mod flags;
mod helper;
mod kinds;
mod levels;
mod model;
mod mutation;
mod pool;
mod program;
mod record;
mod shapes;
mod state;
pub mod tools;
mod trial;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::front;
use anyhow::{Context as _, Result, anyhow};
use campaign::{Campaign, Totals};
use record::{Record, made_with};
use std::path::Path;
use tools::{TARGETS, Tools};

/// `cargo xtask fuzz`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many programs for each target; 100 when neither this nor --mutations
    /// is given
    #[arg(long)]
    count: Option<u64>,
    /// How many damaged inputs, of bitcode, manifests and job files
    #[arg(long, conflicts_with = "plant")]
    mutations: Option<u64>,
    /// The first program's and input's seed, the next ones count on from it; the
    /// time when not given
    #[arg(long)]
    seed: Option<u64>,
    /// A target; may be given several times. All when not given
    #[arg(long = "target", value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    targets: Vec<String>,
    /// Give the link engine one wrong helper in each program; succeeds when every
    /// one of them is caught
    #[arg(long)]
    plant: bool,
    /// Write the numbers to docs/fuzz.json and docs/fuzz.md
    #[arg(long, conflicts_with = "plant")]
    record: bool,
    /// With --record: add them to those of earlier runs with the same compilers and other
    /// seeds
    #[arg(long, requires = "record")]
    add: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    command::catch_interrupts();
    let seed = args.seed.unwrap_or_else(now);
    let temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
    let chosen = |target: &&str| {
        args.targets.is_empty() || args.targets.iter().any(|chosen| chosen == target)
    };
    let mut tools = Vec::new();
    for target in TARGETS.into_iter().filter(chosen) {
        tools.push(Tools::find(target, temporary.path())?);
    }
    let keep = front::root().join("target/fuzz");
    let (programs, inputs) = match (args.count, args.mutations) {
        (None, None) => (100, 0),
        (programs, inputs) => (programs.unwrap_or(0), inputs.unwrap_or(0)),
    };
    // What cannot be recorded is told before it is run.
    let record = match args.record {
        true => {
            let kept = if args.add { Some(front::root()) } else { None };
            let record = Record::new(kept.as_deref(), made_with(&tools[0]))?;
            let targets: Vec<&str> = tools.iter().map(|tools| tools.target).collect();
            record.check_new(seed, programs, &targets, inputs)?;
            Some(record)
        }
        false => None,
    };
    let mut all = Vec::new();
    if programs > 0 {
        for tools in &tools {
            println!("{}: {programs} programs from seed {seed}", tools.target);
            let campaign = Campaign::new(tools, temporary.path(), &keep, seed, args.plant);
            let totals = campaign.run(programs)?;
            print!("{totals}");
            all.push((tools.target, totals));
        }
    }
    let mut damaged = None;
    if inputs > 0 {
        println!("{inputs} damaged inputs from seed {seed}");
        let campaign = mutation::Campaign::new(&tools, temporary.path(), &keep, seed)?;
        let totals = campaign.run(inputs)?;
        println!("{} damaged inputs, {} faults", totals.inputs, totals.faults);
        print!("{}", totals.table());
        damaged = Some(totals);
    }
    let verdict = verdict(&all, args.plant, &keep).and_then(|()| match &damaged {
        Some(totals) => mutation::verdict(totals, &keep),
        None => Ok(()),
    });
    if let Some(mut record) = record {
        record.add(seed, all, damaged);
        record.write(&front::root())?;
    }
    verdict
}

fn verdict(all: &[(&str, Totals)], plant: bool, keep: &Path) -> Outcome {
    let sum = |of: fn(&Totals) -> u64| all.iter().map(|(_, totals)| of(totals)).sum::<u64>();
    let (programs, wrong) = (sum(|t| t.programs), sum(|t| t.wrong));
    match plant {
        false if wrong == 0 => Ok(()),
        false => Err(Failure::step(anyhow!(
            "{wrong} of {programs} programs went wrong; they are in `{}`",
            keep.display()
        ))),
        true if wrong == programs => Ok(()),
        true => Err(Failure::step(anyhow!(
            "of {programs} planted faults only {wrong} were caught"
        ))),
    }
}

fn now() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_secs()
}

/// Copies a directory to a place that may hold an older one. The temporary
/// directory can be on another file system.
fn replace(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| format!("cannot remove `{}`", to.display()))?;
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
    let entries = from
        .read_dir()
        .with_context(|| format!("cannot read `{}`", from.display()))?;
    for entry in entries {
        let (from, to) = {
            let entry = entry.context("cannot read a directory")?;
            (entry.path(), to.join(entry.file_name()))
        };
        // Links lead to inputs that others share.
        if from.is_symlink() {
            continue;
        } else if from.is_dir() {
            copy(&from, &to)?;
        } else {
            std::fs::copy(&from, &to)
                .with_context(|| format!("cannot copy to `{}`", to.display()))?;
        }
    }
    Ok(())
}
