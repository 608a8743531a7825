//! Writing, reading, looking and asking, by one process.

use super::abi;
use super::device::Device;
use super::nonblocking;
use crate::checks::Checks;

const IN: i16 = libc::POLLIN | libc::POLLRDNORM;
const OUT: i16 = libc::POLLOUT | libc::POLLWRNORM;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let before = device.stats()?;
    empty(checks, &device)?;
    one(checks, &device)?;
    several(checks, &device)?;
    seeking(checks, &device)?;
    clearing(checks, &device)?;
    files(checks, &device)?;
    tracing(checks, &device)?;
    let after = device.stats()?;
    checks.equal(
        "bytes read are bytes written, less those cleared",
        &(after.bytes_written - before.bytes_written),
        &(after.bytes_read - before.bytes_read + CLEARED.concat().len() as u64),
    )?;
    checks.that(
        "messages waited for some time",
        after.waited_ns > before.waited_ns,
        &(before.waited_ns, after.waited_ns),
    )
}

fn empty(checks: &mut Checks, device: &Device) -> Result<(), String> {
    checks.fails("reading nothing", device.read(&mut [0; 8]), libc::EAGAIN)?;
    checks.fails("peeking at nothing", device.peek(&mut [0; 8]), libc::EAGAIN)?;
    let mut length = 0u32;
    checks.fails(
        "length of nothing",
        device.request_with(abi::NEXT_LENGTH, &mut length),
        libc::EAGAIN,
    )?;
    checks.returns("polling an empty queue", device.poll(IN | OUT, 0), OUT)?;
    checks.returns("writing no bytes", device.write(b""), 0)?;
    checks.returns("reading no bytes", device.read(&mut []), 0)?;
    checks.returns("still empty", device.poll(IN, 0), 0)
}

fn one(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let before = device.stats()?;
    checks.returns("writing", device.write(b"hello"), 5)?;
    let between = device.stats()?;
    checks.equal("one is queued", &between.queued, &1)?;
    checks.equal(
        "one lives",
        &between.live_messages,
        &(before.live_messages + 1),
    )?;
    checks.returns("polling a message", device.poll(IN | OUT, 0), IN | OUT)?;

    let mut length = 0u32;
    checks.returns(
        "asking for its length",
        device.request_with(abi::NEXT_LENGTH, &mut length),
        0,
    )?;
    checks.equal("its length", &length, &5)?;
    let mut seen = [0xff; 12];
    checks.returns("peeking", device.peek(&mut seen), 5)?;
    checks.equal(
        "what was peeked, the rest cleared",
        &seen,
        b"hello\0\0\0\0\0\0\0",
    )?;
    checks.fails(
        "peeking with little room",
        device.peek(&mut [0; 4]),
        libc::EMSGSIZE,
    )?;
    checks.fails(
        "reading with little room",
        device.read(&mut [0; 4]),
        libc::EMSGSIZE,
    )?;

    let mut buffer = [0xff; 8];
    checks.returns("reading", device.read(&mut buffer), 5)?;
    checks.equal(
        "what was read, the rest untouched",
        &buffer,
        b"hello\xff\xff\xff",
    )?;
    let after = device.stats()?;
    checks.equal("none is queued", &after.queued, &0)?;
    checks.equal("none lives", &after.live_messages, &before.live_messages)?;
    checks.equal("one was read", &after.reads, &(before.reads + 1))?;
    checks.equal("one was written", &after.writes, &(before.writes + 1))
}

fn several(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let longest = vec![b'x'; device.config()?.max_message as usize];
    let messages: [&[u8]; 4] = [b"first", b"2", &longest, b"last"];
    for message in messages {
        checks.returns(
            "writing one of several",
            device.write(message),
            message.len(),
        )?;
    }
    // Another file reads from the same queue.
    let other = nonblocking()?;
    for (number, message) in messages.iter().enumerate() {
        let from = if number % 2 == 0 { device } else { &other };
        let read = from
            .read_message()
            .map_err(|error| format!("reading in order: {error}"))?;
        checks.that(
            "messages keep their order",
            read == *message,
            &(number, read.len()),
        )?;
    }
    Ok(())
}

fn seeking(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let fresh = nonblocking()?;
    checks.returns("position of a new file", fresh.seek(0, libc::SEEK_CUR), 0)?;
    checks.returns("writing to seek", device.write(b"seek me"), 7)?;
    checks.returns("reading to seek", fresh.read(&mut [0; 7]), 7)?;
    checks.returns("position after reading", fresh.seek(0, libc::SEEK_CUR), 7)?;
    for (offset, whence) in [
        (0, libc::SEEK_SET),
        (0, libc::SEEK_END),
        (1, libc::SEEK_CUR),
    ] {
        checks.fails(
            "seeking in a queue",
            fresh.seek(offset, whence),
            libc::ESPIPE,
        )?;
    }
    Ok(())
}

const CLEARED: [&[u8]; 3] = [b"one", b"two", b"three"];

fn clearing(checks: &mut Checks, device: &Device) -> Result<(), String> {
    for message in CLEARED {
        checks.returns("writing to clear", device.write(message), message.len())?;
    }
    checks.returns("clearing", device.request(abi::CLEAR, 0), CLEARED.len())?;
    checks.returns("clearing nothing", device.request(abi::CLEAR, 0), 0)?;
    checks.fails(
        "reading what was cleared",
        device.read(&mut [0; 8]),
        libc::EAGAIN,
    )
}

fn files(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let before = device.stats()?;
    let file = Device::open(libc::O_RDONLY)?;
    let twin = file.duplicate().map_err(|error| format!("dup: {error}"))?;
    let open = device.stats()?;
    checks.equal(
        "one more open file, not two",
        &open.open_files,
        &(before.open_files + 1),
    )?;
    checks.equal("one more open", &open.opens, &(before.opens + 1))?;
    drop(file);
    checks.equal(
        "not released yet",
        &device.stats()?.releases,
        &before.releases,
    )?;
    drop(twin);
    let after = device.stats()?;
    checks.equal("released once", &after.releases, &(before.releases + 1))?;
    checks.equal(
        "as many open files as before",
        &after.open_files,
        &before.open_files,
    )?;
    let reader = Device::open(libc::O_RDONLY | libc::O_NONBLOCK)?;
    checks.fails(
        "writing to a reader's file",
        reader.write(b"x"),
        libc::EBADF,
    )?;
    let writer = Device::open(libc::O_WRONLY | libc::O_NONBLOCK)?;
    checks.fails(
        "reading from a writer's file",
        writer.read(&mut [0; 1]),
        libc::EBADF,
    )
}

fn tracing(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let through = |checks: &mut Checks, what: &str| {
        checks.returns(what, device.write(b"trace"), 5)?;
        checks.returns(what, device.read(&mut [0; 5]), 5)
    };
    let before = device.stats()?;
    through(checks, "a message that is not traced")?;
    checks.equal(
        "nothing was traced",
        &device.stats()?.traced,
        &before.traced,
    )?;
    checks.returns("tracing on", device.trace(1), 0)?;
    // An open and a release of which the kernel's log has a line each.
    drop(nonblocking()?);
    through(checks, "a message that is traced")?;
    checks.equal(
        "both were traced",
        &device.stats()?.traced,
        &(before.traced + 2),
    )?;
    checks.returns("tracing off", device.trace(0), 0)?;
    through(checks, "a message that is not traced any more")?;
    checks.equal(
        "no more was traced",
        &device.stats()?.traced,
        &(before.traced + 2),
    )?;
    checks.fails("tracing by half", device.trace(2), libc::EINVAL)
}
