//! Many machines, some of them at once: an emulated machine with two CPUs leaves one
//! of the host's idle most of the time, and both while its kernel waits, as for RCU when a
//! module is unloaded.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::choose::Machine;
use super::{Args, one};
use crate::command;
use crate::failure::{Failure, Outcome};
use guest::Work;
use helper_inline_build::cli::say;

/// In the order in which none of the host's processors waits long for the last one.
fn longest_first(machines: &[Machine]) -> Vec<&Machine> {
    let mut machines: Vec<&Machine> = machines.iter().collect();
    machines.sort_by_key(|machine| match machine.work {
        Work::Rounds => 0,
        Work::Everyday => 1,
        Work::Pressure => 2,
        Work::Probes | Work::Faults => 3,
    });
    machines
}

/// Boots all to their end, whatever becomes of the others.
pub fn boot(root: &Path, machines: &[Machine], args: &Args) -> Outcome {
    let started = Instant::now();
    let machines = longest_first(machines);
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(machine) = machines.get(next.fetch_add(1, Ordering::Relaxed)) {
            if command::check_interrupt().is_err() {
                return;
            }
            if let Err(failure) = one(root, machine, args) {
                let text = format!("{failure:#}");
                say::error(&text);
                if let Ok(mut failed) = failed.lock() {
                    failed.push(text);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..(args.jobs as usize).min(machines.len()) {
            scope.spawn(work);
        }
    });
    command::check_interrupt()?;
    let failed = failed.into_inner().unwrap_or_default();
    let (all, took) = (machines.len(), started.elapsed().as_secs_f64());
    println!("{all} machines in {took:.0} s, {} failed", failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::step(anyhow::anyhow!(
        "machines failed:\n{}",
        failed.join("\n")
    )))
}
