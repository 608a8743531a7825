//! A little use of the disk, which may find no memory.

use std::io;

use super::buffer::Buffer;
use super::disk::Disk;
use super::{MIB, PATH};

/// Bytes of a piece.
const LEN: usize = MIB as usize / 4;
const PIECES: u64 = 8;

/// Dirties the page cache in several places, has it written out, and reads the disk
/// itself. What was written without an error must be there.
pub fn run(number: u32) -> Result<(), String> {
    let disk = Disk::open(PATH, libc::O_RDWR)?;
    let place = |piece: u64| piece * 3 * MIB + u64::from(number % 64) * 4096;
    let pattern = |piece: u64| Buffer::pattern(place(piece), LEN, number as u8);
    let mut written = Vec::new();
    for piece in 0..PIECES {
        match disk.try_write(place(piece), &pattern(piece)?) {
            Ok(LEN) => written.push(piece),
            Ok(_) => (),
            Err(error) if is_short_of_memory(&error) => (),
            Err(error) => return Err(format!("writing piece {piece}: {error}")),
        }
    }
    match disk.sync().and_then(|()| disk.forget_cached()) {
        Ok(()) => (),
        // Then nobody knows what has got there.
        Err(error) if is_short_of_memory(&error) => return Ok(()),
        Err(error) => return Err(format!("writing out: {error}")),
    }
    for piece in written {
        let mut buffer = Buffer::zeroed(LEN)?;
        match disk.try_read(place(piece), &mut buffer) {
            Ok(LEN) if buffer[..] == pattern(piece)?[..] => (),
            Ok(LEN) => return Err(format!("piece {piece} is not what was written")),
            Ok(_) => (),
            Err(error) if is_short_of_memory(&error) => (),
            Err(error) => return Err(format!("reading piece {piece}: {error}")),
        }
    }
    Ok(())
}

/// The module answers a write with an input/output error when there is no memory.
fn is_short_of_memory(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOMEM | libc::EIO))
}
