//! The end of the disk, and requests that it does not know.

use super::buffer::Buffer;
use super::disk::Disk;
use super::{MIB, PATH, SIZE};
use crate::checks::Checks;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    for (kind, flags) in [("with", 0), ("around", libc::O_DIRECT)] {
        let disk = Disk::open(PATH, libc::O_RDWR | flags)?;
        let name = |what: &str| format!("{what}, {kind} the cache");
        let last = SIZE - 4096;
        disk.write(last, &Buffer::pattern(last, 4096, 1)?)?;
        let mut buffer = Buffer::zeroed(8192)?;
        checks.returns(
            &name("reading over the end"),
            disk.try_read(last, &mut buffer),
            4096,
        )?;
        checks.returns(
            &name("reading at the end"),
            disk.try_read(SIZE, &mut buffer),
            0,
        )?;
        checks.returns(
            &name("writing over the end"),
            disk.try_write(last, &Buffer::pattern(last, 8192, 2)?),
            4096,
        )?;
        let read = disk.read(last, 4096)?;
        checks.equal(
            &name("what of it fitted is there"),
            &read.differs(last, 2),
            &None,
        )?;
        for position in [SIZE, SIZE + 4096, 1 << 60] {
            checks.fails(
                &name("writing behind the end"),
                disk.try_write(position, &buffer),
                libc::ENOSPC,
            )?;
        }
    }
    let disk = Disk::open(PATH, libc::O_RDWR)?;
    checks.fails(
        "discarding, which it does not do",
        disk.discard(MIB, 4096),
        libc::EOPNOTSUPP,
    )
}
