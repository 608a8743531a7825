//! A disk that was written to and taken back, again and again: its pages go with
//! it.

use super::buffer::Buffer;
use super::disk::Disk;
use super::{MIB, PATH};
use crate::checks::Checks;
use crate::memory::Usage;
use crate::module::Module;

/// How often. All rounds together write more than [`Usage::leaked_since`] takes
/// for noise, which is 16 MiB.
const ROUNDS: u32 = 24;

/// Goes through these, with the module unloaded before and after.
pub fn run(checks: &mut Checks, module: &Module) -> Result<(), String> {
    let pattern = Buffer::pattern(0, MIB as usize, 1)?;
    round(module, &pattern)?;
    let before = Usage::settled()?;
    for _ in 0..ROUNDS {
        round(module, &pattern)?;
    }
    let leaked = Usage::settled()?.leaked_since(&before, ROUNDS);
    let what = format!("what {ROUNDS} written disks leak");
    checks.equal(&what, &leaked, &Vec::new())
}

fn round(module: &Module, pattern: &Buffer) -> Result<(), String> {
    module.load()?;
    let disk = Disk::open(PATH, libc::O_RDWR | libc::O_DIRECT)?;
    // The first of it has its own pages, the rest is far away.
    disk.write(512, &pattern[..4096])?;
    disk.write(16 * MIB, pattern)?;
    drop(disk);
    module.unload()
}
