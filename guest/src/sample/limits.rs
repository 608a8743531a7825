//! The configuration: limits that are in force at once, and put back.

use super::device::Device;
use super::{abi, nonblocking};
use crate::checks::Checks;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let old = device.config()?;
    let generation = device.stats()?.generation;
    let outcome = small(checks, &device).and_then(|()| large(checks, &device));
    checks.returns(
        "configuring as before",
        device.configure(old.max_message, old.max_queued),
        0,
    )?;
    outcome?;
    checks.equal("as before", &device.config()?, &old)?;
    checks.equal(
        "generations",
        &device.stats()?.generation,
        &(generation + 3),
    )
}

fn small(checks: &mut Checks, device: &Device) -> Result<(), String> {
    checks.returns("configuring small limits", device.configure(64, 2), 0)?;
    let wanted = abi::Config {
        max_message: 64,
        max_queued: 2,
    };
    checks.equal("small limits", &device.config()?, &wanted)?;
    checks.fails("one byte too many", device.write(&[1; 65]), libc::EMSGSIZE)?;
    checks.returns("just enough bytes", device.write(&[1; 64]), 64)?;
    checks.returns("the second message", device.write(b"2"), 1)?;
    checks.fails("the third message", device.write(b"3"), libc::EAGAIN)?;
    checks.returns("polling for room", device.poll(libc::POLLOUT, 0), 0)?;
    checks.returns("reading the first", device.read(&mut [0; 64]), 64)?;
    checks.returns(
        "polling for room again",
        device.poll(libc::POLLOUT, 0),
        libc::POLLOUT,
    )?;
    checks.returns("the third message again", device.write(b"3"), 1)?;
    let outcome = device.read(&mut [0; 64]);
    checks.returns("reading the second", outcome, 1)?;
    let outcome = device.read(&mut [0; 64]);
    checks.returns("reading the third", outcome, 1)
}

/// The largest message and the longest queue that can be allowed.
fn large(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let (message, queued) = (abi::MAX_MESSAGE, abi::MAX_QUEUED);
    checks.returns(
        "configuring large limits",
        device.configure(message, queued),
        0,
    )?;
    let longest: Vec<u8> = (0..message).map(|n| (n % 251) as u8).collect();
    checks.returns("the longest message", device.write(&longest), longest.len())?;
    let read = device
        .read_message()
        .map_err(|error| format!("reading the longest: {error}"))?;
    checks.that(
        "the longest message came through",
        read == longest,
        &read.len(),
    )?;
    for number in 0..queued {
        device
            .write(&number.to_le_bytes())
            .map_err(|error| format!("filling the queue, message {number}: {error}"))?;
    }
    checks.fails(
        "one more than the longest queue",
        device.write(b"x"),
        libc::EAGAIN,
    )?;
    checks.equal("the longest queue", &device.stats()?.queued, &queued.into())?;
    for number in 0..queued {
        let read = device
            .read_message()
            .map_err(|error| format!("emptying the queue, message {number}: {error}"))?;
        if read != number.to_le_bytes() {
            return Err(format!("message {number} of a long queue is {read:?}"));
        }
    }
    checks.ok("a long queue kept its order");
    Ok(())
}
