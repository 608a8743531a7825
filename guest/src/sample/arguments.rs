//! Arguments that are no good: addresses, numbers, requests.

use super::abi;
use super::device::{Address, Device};
use super::nonblocking;
use crate::checks::Checks;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    addresses(checks, &device)?;
    partly_mapped(checks, &device)?;
    numbers(checks, &device)
}

const BAD: [(&str, Address); 2] = [
    ("unmapped", Address::UNMAPPED),
    ("the kernel's", Address::KERNEL),
];

fn addresses(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let before = device.stats()?;
    for (kind, bad) in BAD {
        let what = format!("writing from an address that is {kind}");
        checks.fails(&what, device.write_at(bad, 16), libc::EFAULT)?;
    }
    checks.equal(
        "no message came of it",
        &device.stats()?.live_messages,
        &before.live_messages,
    )?;

    checks.returns("writing to keep", device.write(b"keep me"), 7)?;
    for (kind, bad) in BAD {
        let what = format!("reading to an address that is {kind}");
        // SAFETY: the address is no memory of this process.
        checks.fails(&what, unsafe { device.read_at(bad, 16) }, libc::EFAULT)?;
        for (name, request) in [
            ("GET_STATS", abi::GET_STATS),
            ("GET_CONFIG", abi::GET_CONFIG),
            ("SET_CONFIG", abi::SET_CONFIG),
            ("SET_TRACE", abi::SET_TRACE),
            ("NEXT_LENGTH", abi::NEXT_LENGTH),
            ("PEEK", abi::PEEK),
            ("BENCH", abi::BENCH),
        ] {
            let what = format!("{name} with an address that is {kind}");
            // SAFETY: the address is no memory of this process.
            let outcome = unsafe { device.request_at(request, bad) };
            checks.fails(&what, outcome, libc::EFAULT)?;
        }
        let mut peek = abi::Peek {
            buffer: bad.0 as u64,
            capacity: 16,
            length: 0,
        };
        let what = format!("PEEK into a buffer that is {kind}");
        let outcome = device.request_with(abi::PEEK, &mut peek);
        checks.fails(&what, outcome, libc::EFAULT)?;
    }
    let after = device.stats()?;
    // The kernel itself refuses read and write with an address of its own, so
    // the module sees these two of the four, and all of the 2 * 8 requests.
    checks.equal(
        "faults were counted",
        &(after.faults - before.faults),
        &(2 + 2 * 8),
    )?;
    checks.equal("the message is still queued", &after.queued, &1)?;
    let mut kept = [0; 7];
    checks.returns("reading what was kept", device.read(&mut kept), 7)?;
    checks.equal("what was kept", &kept, b"keep me")
}

/// A buffer whose end is missing: the copy stops in the middle.
fn partly_mapped(checks: &mut Checks, device: &Device) -> Result<(), String> {
    // SAFETY: asks for memory that nothing else uses, and makes half of it
    // unusable.
    let (start, page) = unsafe {
        let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
        let start = libc::mmap(
            std::ptr::null_mut(),
            2 * page,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if start == libc::MAP_FAILED
            || libc::mprotect(start.byte_add(page), page, libc::PROT_NONE) != 0
        {
            return Err(format!(
                "mapping two pages: {}",
                std::io::Error::last_os_error()
            ));
        }
        (start, page)
    };
    let near_end = Address(start as usize + page - 8);
    checks.fails(
        "writing over the end of memory",
        device.write_at(near_end, 16),
        libc::EFAULT,
    )?;
    checks.returns(
        "writing up to the end of memory",
        device.write_at(near_end, 8),
        8,
    )?;
    checks.returns(
        "another message behind it",
        device.write(b"longer than eight"),
        17,
    )?;
    checks.returns("reading the first", device.read(&mut [0; 8]), 8)?;
    // SAFETY: what can be written there is this function's own.
    let outcome = unsafe { device.read_at(near_end, 32) };
    checks.fails("reading over the end of memory", outcome, libc::EFAULT)?;
    let mut whole = [0; 17];
    checks.returns("reading it after all", device.read(&mut whole), 17)?;
    checks.equal("it is whole", &whole, b"longer than eight")?;
    // SAFETY: nothing refers to the memory any more.
    unsafe { libc::munmap(start, 2 * page) };
    Ok(())
}

fn numbers(checks: &mut Checks, device: &Device) -> Result<(), String> {
    let config = device.config()?;
    let (message, queued) = (config.max_message, config.max_queued);
    for (name, max_message, max_queued) in [
        ("no message", 0, queued),
        ("a message too long", abi::MAX_MESSAGE + 1, queued),
        ("no queue", message, 0),
        ("a queue too long", message, abi::MAX_QUEUED + 1),
    ] {
        let what = format!("configuring {name}");
        checks.fails(
            &what,
            device.configure(max_message, max_queued),
            libc::EINVAL,
        )?;
    }
    checks.equal("the configuration stayed", &device.config()?, &config)?;
    checks.fails(
        "an unknown request",
        device.request(abi::UNKNOWN, 0),
        libc::ENOTTY,
    )?;
    // One of terminals: of another type altogether.
    checks.fails("a foreign request", device.request(0x5401, 0), libc::ENOTTY)?;
    let too_long = vec![0; message as usize + 1];
    checks.fails(
        "a message too long",
        device.write(&too_long),
        libc::EMSGSIZE,
    )
}
