//! Uses the block module as programs would: reads and writes of every size, by
//! way of the page cache and around it, by many processes at once; its
//! parameters; what it refuses; and that written disks are given back.
//!
//! What a disk should hold is computed here from the place on it, never read
//! back from the module.

mod bounds;
pub mod brief;
pub mod buffer;
mod crowd;
pub mod disk;
mod parameters;
mod reloading;
mod transfers;

use std::fmt;

use crate::checks::Checks;
use crate::failing::Failing;
use crate::log::Records;
use crate::module::Module;
use disk::{Disk, Sectors};

/// The disk when no parameter says otherwise.
const PATH: &str = "/dev/helper_block";
const MIB: u64 = 1 << 20;
const SIZE: u64 = 64 * MIB;

/// Its steps of loading.
pub const FAILING: Failing = Failing {
    steps: 6,
    paths: &[PATH, "/sys/block/helper_block"],
};

/// What was done.
pub struct Summary {
    checks: u32,
    processes: u32,
    bytes: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} checks, {} MiB transferred, {} processes at once",
            self.checks,
            self.bytes / MIB,
            self.processes
        )
    }
}

/// Goes through everything, with the module loaded before and after. The first
/// thing that is not as it should be is the error.
pub fn run(module: &Module) -> Result<Summary, String> {
    let mut checks = Checks::default();
    transfers::run(&mut checks)?;
    bounds::run(&mut checks)?;
    let processes = crowd::run(&mut checks)?;
    let bytes = disk::sectors(PATH)?.all() * 512;
    in_use(&mut checks, module)?;
    parameters::changed_while_loaded(&mut checks, module)?;

    let mut records = Records::from_now()?;
    let counted = disk::sectors(PATH)?;
    module.unload()?;
    told(&mut checks, &mut records, &counted)?;
    parameters::given(&mut checks, module)?;
    reloading::run(&mut checks, module)?;
    module.load()?;
    checks.that(
        "a disk that was loaded again is empty",
        Disk::open(PATH, libc::O_RDONLY)?.read(0, 4096)?.is_zero(),
        &(),
    )?;
    Ok(Summary {
        checks: checks.done(),
        processes,
        bytes,
    })
}

/// A module with an open disk stays.
fn in_use(checks: &mut Checks, module: &Module) -> Result<(), String> {
    checks.equal("users with the disk closed", &module.users()?, &0)?;
    let disk = Disk::open(PATH, libc::O_RDONLY)?;
    checks.equal("users with the disk open", &module.users()?, &1)?;
    checks.fails(
        "unloading with the disk open",
        module.try_unload(),
        libc::EWOULDBLOCK,
    )?;
    checks.equal("bytes read after that", &disk.read(0, 512)?.len(), &512)?;
    drop(disk);
    checks.equal("users with the disk closed again", &module.users()?, &0)
}

/// The module says at its end what it has done, and agrees with the kernel.
fn told(checks: &mut Checks, records: &mut Records, counted: &Sectors) -> Result<(), String> {
    let said: Vec<String> = records.read()?.into_iter().map(|r| r.text).collect();
    let numbers = |verb: &str| -> Result<Vec<u64>, String> {
        let start = format!("sample_block: {verb} ");
        let line = said.iter().find_map(|line| line.strip_prefix(&start));
        let line = line.ok_or_else(|| format!("no line `{start}…` among {said:?}"))?;
        Ok(line
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect())
    };
    let (read, wrote) = (numbers("read")?, numbers("wrote")?);
    let ([_, _, read], [requests, segments, written, errors, pages]) = (&read[..], &wrote[..])
    else {
        return Err(format!("other numbers than expected: {read:?}, {wrote:?}"));
    };
    checks.equal("bytes that it says it read", read, &(counted.read * 512))?;
    // One request was refused, of a page.
    let taken = counted.written * 512 - 4096;
    checks.equal("bytes that it says it wrote", written, &taken)?;
    checks.equal("errors that it says there were", errors, &1)?;
    checks.that("requests had segments", segments > requests, &segments)?;
    let memory = pages * 4096;
    checks.that("its pages", memory > 0 && memory <= SIZE, &pages)
}
