//! Calls that wait in the kernel, and what ends the wait: another process, a
//! new configuration, or a signal.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::device::{Address, Device};
use super::nonblocking;
use crate::checks::Checks;
use crate::process::{Child, Shared};

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    reader(checks)?;
    poller(checks)?;
    writers(checks)?;
    signals(checks)
}

fn reader(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let child = Child::start(|| expect(&Device::open(libc::O_RDONLY)?, b"wake up"))?;
    child.until_asleep()?;
    checks.ok("a reader waits");
    checks.returns("writing to a waiting reader", device.write(b"wake up"), 7)?;
    child.join()?;
    checks.ok("the reader got the message");

    // Readers that were waiting and then cannot take the message leave it.
    let child = Child::start(|| match Device::open(libc::O_RDONLY)?.read(&mut [0; 4]) {
        Err(error) if error.raw_os_error() == Some(libc::EMSGSIZE) => Ok(()),
        other => Err(format!("a read with little room: {other:?}")),
    })?;
    child.until_asleep()?;
    checks.returns(
        "writing to a reader with little room",
        device.write(b"too long"),
        8,
    )?;
    child.join()?;
    expect(&device, b"too long")?;
    checks.ok("the message stayed for another");

    let child = Child::start(|| {
        let device = Device::open(libc::O_RDONLY)?;
        // SAFETY: the address is no memory of this process.
        match unsafe { device.read_at(Address::UNMAPPED, 64) } {
            Err(error) if error.raw_os_error() == Some(libc::EFAULT) => Ok(()),
            other => Err(format!("a read to nowhere: {other:?}")),
        }
    })?;
    child.until_asleep()?;
    checks.returns(
        "writing to a reader without memory",
        device.write(b"put back"),
        8,
    )?;
    child.join()?;
    expect(&device, b"put back")?;
    checks.ok("the message was put back");
    Ok(())
}

fn poller(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let child = Child::start(|| {
        let device = nonblocking()?;
        match device.poll(libc::POLLIN, -1) {
            Ok(libc::POLLIN) => expect(&device, b"poll me"),
            other => Err(format!("poll: {other:?}")),
        }
    })?;
    child.until_asleep()?;
    checks.ok("a poller waits");
    checks.returns("writing to a waiting poller", device.write(b"poll me"), 7)?;
    child.join()?;
    checks.ok("the poller got the message");
    checks.returns(
        "polling with a time limit",
        device.poll(libc::POLLIN, 20),
        0,
    )
}

fn writers(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let old = device.config()?;
    checks.returns("a queue for one", device.configure(64, 1), 0)?;
    let outcome = writers_of_one(checks, &device);
    checks.returns(
        "a queue for many",
        device.configure(old.max_message, old.max_queued),
        0,
    )?;
    outcome
}

fn writers_of_one(checks: &mut Checks, device: &Device) -> Result<(), String> {
    checks.returns("filling it", device.write(b"first"), 5)?;
    let child = Child::start(|| send(&Device::open(libc::O_WRONLY)?, b"second"))?;
    child.until_asleep()?;
    checks.ok("a writer waits for room");
    expect(device, b"first")?;
    child.join()?;
    checks.ok("a reader made room");

    let child = Child::start(|| send(&Device::open(libc::O_WRONLY)?, b"third"))?;
    child.until_asleep()?;
    checks.returns("more room by configuration", device.configure(64, 2), 0)?;
    child.join()?;
    checks.ok("the writer saw the new configuration");

    let child = Child::start(|| send(&Device::open(libc::O_WRONLY)?, b"fourth"))?;
    child.until_asleep()?;
    checks.returns(
        "more room by clearing",
        device.request(super::abi::CLEAR, 0),
        2,
    )?;
    child.join()?;
    expect(device, b"fourth")?;
    checks.ok("the writer saw the cleared queue");
    Ok(())
}

/// A handler that does nothing; the signal is to end a wait.
extern "C" fn nothing(_signal: i32) {}

fn handle(signal: i32, flags: i32) -> Result<(), String> {
    // SAFETY: zeros are an action without flags and with nothing blocked, and
    // the handler does nothing.
    let outcome = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(i32) as usize;
        action.sa_flags = flags;
        libc::sigaction(signal, &action, std::ptr::null_mut())
    };
    if outcome != 0 {
        return Err(format!("sigaction: {}", io::Error::last_os_error()));
    }
    Ok(())
}

fn signals(checks: &mut Checks) -> Result<(), String> {
    let child = Child::start(|| {
        handle(libc::SIGUSR1, 0)?;
        match Device::open(libc::O_RDONLY)?.read(&mut [0; 8]) {
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => Ok(()),
            other => Err(format!("an interrupted read: {other:?}")),
        }
    })?;
    child.until_asleep()?;
    child.signal(libc::SIGUSR1)?;
    child.join()?;
    checks.ok("a signal interrupts a reader");

    let handled = Shared::<AtomicUsize>::new()?;
    let child = Child::start(|| {
        handle(libc::SIGUSR1, libc::SA_RESTART)?;
        let device = Device::open(libc::O_RDONLY)?;
        handled.store(1, Ordering::SeqCst);
        expect(&device, b"restarted")
    })?;
    child.until_asleep()?;
    child.signal(libc::SIGUSR1)?;
    child.until_asleep()?;
    checks.equal("the reader was there", &handled.load(Ordering::SeqCst), &1)?;
    let device = nonblocking()?;
    checks.returns("writing after the signal", device.write(b"restarted"), 9)?;
    child.join()?;
    checks.ok("a read is restarted after a signal");

    let before = device.stats()?;
    let child = Child::start(|| expect(&Device::open(libc::O_RDONLY)?, b"never"))?;
    child.until_asleep()?;
    checks.equal(
        "its file is open",
        &device.stats()?.open_files,
        &(before.open_files + 1),
    )?;
    child.signal(libc::SIGKILL)?;
    child.join_killed(libc::SIGKILL)?;
    checks.equal(
        "its file was released",
        &device.stats()?.open_files,
        &before.open_files,
    )
}

fn send(device: &Device, message: &[u8]) -> Result<(), String> {
    match device.write(message) {
        Ok(length) if length == message.len() => Ok(()),
        other => Err(format!("writing {message:?}: {other:?}")),
    }
}

/// Reads one message, which must be this one.
fn expect(device: &Device, message: &[u8]) -> Result<(), String> {
    let read = device
        .read_message()
        .map_err(|error| format!("reading: {error}"))?;
    if read != message {
        return Err(format!("read {read:?}, should be {message:?}"));
    }
    Ok(())
}
