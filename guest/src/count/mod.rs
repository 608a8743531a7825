//! Counts the instructions of operations in the kernel: of loops in a module, and
//! of reads from a disk. Only where the processor's counter counts instructions is
//! that what comes out.
//!
//! Modules come in two builds, and each can do the work in Rust and in C. What the
//! counts mean is the host's part.

mod clock;
mod loops;
mod reads;

use std::fs;

use guest::Report;
use guest::counts::abi::Side;
use guest::counts::{Build, Count, ORDER, Order};

use crate::block::buffer::Buffer;
use crate::log::Console;

/// Counts everything that was ordered, and says each count on the console.
pub fn run(console: &Console) -> Result<(), String> {
    let text = fs::read_to_string(ORDER).map_err(|error| format!("{ORDER}: {error}"))?;
    let order = Order::parse(&text)?;
    let say = |count: Count| console.say(&Report::Note(count.to_string()));
    let mut buffer = Buffer::zeroed(reads::LEN)?;
    for _ in 0..order.loads {
        for build in Build::ALL {
            for side in Side::ALL {
                let of = |error| {
                    format!("counting {side:?} in the module with helpers {build:?}: {error}")
                };
                loops::run(&order, build, side, &say).map_err(of)?;
                reads::run(&order, build, side, &mut buffer, &say).map_err(of)?;
            }
        }
    }
    Ok(())
}
