//! Loops in the module: it counts while it is loaded.

use guest::counts::abi::{Figures, Operation, Record, Side};
use guest::counts::{Build, Count, LOOPS, Order};

use crate::module::Module;

/// Counts each operation but the disk's, and sees to it that it was done.
pub fn run(order: &Order, build: Build, side: Side, say: &dyn Fn(Count)) -> Result<(), String> {
    for operation in Operation::ALL {
        if operation == Operation::BlockRead {
            continue;
        }
        let mut copied = UNTOUCHED;
        let scratch = (&raw mut copied).expose_provenance();
        let arguments = format!("side={} scratch={scratch}", side.number());
        let figures = one(order, build, operation, order.rounds, &arguments)
            .and_then(|figures| {
                // SAFETY: it is live, and the kernel has written numbers to it.
                let copied = unsafe { (&raw const copied).read_volatile() };
                check_copy(order, operation, side, copied).map(|()| figures)
            })
            .map_err(|error| format!("{}: {error}", operation.name()))?;
        say(Count {
            build,
            side,
            what: operation.name().to_owned(),
            rounds: order.rounds,
            once: figures.once,
            twice: figures.twice,
        });
    }
    Ok(())
}

/// Has the module count an operation, with arguments of the operation's own.
pub fn one(
    order: &Order,
    build: Build,
    operation: Operation,
    rounds: u32,
    arguments: &str,
) -> Result<Figures, String> {
    let module = Module {
        file: build.loops().to_owned(),
        name: LOOPS.to_owned(),
    };
    let mut figures = Figures::default();
    let at = &raw mut figures;
    // The kernel writes to it while it loads the module.
    module.load_with(&format!(
        "operation={} rounds={rounds} repetitions={} figures={} {arguments}",
        operation.number(),
        order.repetitions,
        at.expose_provenance()
    ))?;
    module.unload()?;
    // SAFETY: it is live, and the kernel has written numbers to it.
    let figures = unsafe { at.read_volatile() };
    let all = 3 * u64::from(rounds) * u64::from(order.repetitions);
    match figures.rounds_seen == all {
        true => Ok(figures),
        false => Err(format!("of {all} rounds {} were done", figures.rounds_seen)),
    }
}

/// What a record holds that nobody has copied to.
const UNTOUCHED: Record = Record {
    round: 0,
    more: [0; 3],
};

fn check_copy(
    order: &Order,
    operation: Operation,
    side: Side,
    copied: Record,
) -> Result<(), String> {
    let wanted = match operation {
        Operation::CopyToUser => Record {
            round: u64::from(2 * order.rounds - 1),
            ..Record::new(side)
        },
        _ => UNTOUCHED,
    };
    match copied == wanted {
        true => Ok(()),
        false => Err(format!("copied {copied:?}, should be {wanted:?}")),
    }
}
