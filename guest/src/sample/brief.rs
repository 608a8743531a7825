//! A little use of the module, which may find no memory.

use std::io;

use super::nonblocking;
use crate::checks::Checks;

const MESSAGES: u32 = 16;

/// Writes messages and reads them again. Each that was taken must come back whole.
pub fn run(number: u32) -> Result<(), String> {
    let mut checks = Checks::default();
    let device = nonblocking()?;
    let compose = |message: u32| vec![(number + message) as u8; 200 + 90 * message as usize];
    let mut taken = Vec::new();
    for message in 0..MESSAGES {
        let text = compose(message);
        match device.write(&text) {
            Ok(written) => {
                checks.equal("bytes written", &written, &text.len())?;
                taken.push(text);
            }
            Err(error) if is_short_of_memory(&error) => (),
            Err(error) => return Err(format!("writing message {message}: {error}")),
        }
    }
    for text in taken {
        let read = device
            .read_message()
            .map_err(|error| format!("reading: {error}"))?;
        checks.that("a message came through", read == text, &read.len())?;
    }
    checks.fails("reading nothing", device.read(&mut [0; 8]), libc::EAGAIN)
}

fn is_short_of_memory(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOMEM)
}
