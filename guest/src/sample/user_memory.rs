//! Numbers of four bytes that the module reads and writes by instructions of its own:
//! where the memory cannot be used the exception leads to an error number, and no
//! further.

use super::device::{Address, Device};
use super::{abi, nonblocking};
use crate::checks::Checks;

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let pages = Pages::new()?;
    let before = device.stats()?.faults;
    let mut faults = 0;
    for (kind, start) in [
        ("aligned", pages.usable),
        ("at an odd address", pages.usable + 13),
        ("over the end of a page", pages.usable + pages.size - 2),
    ] {
        let place = start as *mut u32;
        // SAFETY: the first two pages can be written, and are this function's own.
        unsafe { place.write_unaligned(0x1234_5678) };
        checks.returns(kind, invert(&device, start), 0)?;
        // SAFETY: as above; the kernel has written there.
        let is = unsafe { place.read_unaligned() };
        checks.equal("inverted", &is, &!0x1234_5678)?;
    }
    for (kind, address) in [
        ("unmapped", Address::UNMAPPED.0),
        ("of the kernel's end", Address::KERNEL.0),
        ("of the kernel's beginning", 0xffff_8880_0000_0000),
        ("of nobody", 1 << 62),
        ("the last there is", usize::MAX - 1),
        ("closed", pages.closed),
        ("half closed, before a closed page", pages.closed - 2),
    ] {
        for (name, request) in [
            ("INVERT", abi::INVERT),
            ("SET_TRACE", abi::SET_TRACE),
            ("SET_CALL", abi::SET_CALL),
        ] {
            // SAFETY: nothing can be written at the address, as a whole at least.
            let outcome = unsafe { device.request_at(request, Address(address)) };
            checks.fails(&format!("{name} of memory {kind}"), outcome, libc::EFAULT)?;
            faults += 1;
        }
    }
    faults += readable_only(checks, &device, &pages)?;
    let counted = device.stats()?.faults - before;
    checks.equal("faults were counted", &counted, &faults)
}

/// Reading goes well, and writing fails.
fn readable_only(checks: &mut Checks, device: &Device, pages: &Pages) -> Result<u64, String> {
    checks.returns("writing to keep", device.write(b"kept"), 4)?;
    let mut faults = 0;
    for (kind, address) in [
        ("readable", pages.readable),
        ("half readable only", pages.readable - 2),
    ] {
        for (name, request) in [("INVERT", abi::INVERT), ("NEXT_LENGTH", abi::NEXT_LENGTH)] {
            // SAFETY: what can be written there is this function's own.
            let outcome = unsafe { device.request_at(request, Address(address)) };
            checks.fails(&format!("{name} of memory {kind}"), outcome, libc::EFAULT)?;
            faults += 1;
        }
        let mut peek = abi::Peek {
            buffer: address as u64,
            capacity: 16,
            length: 0,
        };
        let outcome = device.request_with(abi::PEEK, &mut peek);
        checks.fails(&format!("PEEK into memory {kind}"), outcome, libc::EFAULT)?;
        // SAFETY: as above.
        let outcome = unsafe { device.read_at(Address(address), 16) };
        checks.fails(&format!("reading to memory {kind}"), outcome, libc::EFAULT)?;
        faults += 2;
    }
    // SAFETY: the page can be read.
    let is = unsafe { (pages.readable as *const [u8; 16]).read() };
    checks.equal("memory that can only be read", &is, &[0; 16])?;
    checks.returns("reading what was kept", device.read(&mut [0; 4]), 4)?;
    Ok(faults)
}

fn invert(device: &Device, address: usize) -> std::io::Result<usize> {
    // SAFETY: the caller's memory can be written there.
    unsafe { device.request_at(abi::INVERT, Address(address)) }
}

/// Pages in a row: two that can be used, one that can only be read, one to be
/// used, and one that is closed.
struct Pages {
    size: usize,
    usable: usize,
    readable: usize,
    closed: usize,
}

const COUNT: usize = 5;

impl Pages {
    fn new() -> Result<Self, String> {
        // SAFETY: asks for memory that nothing else uses, and changes what may be done
        // with some of it.
        unsafe {
            let size = libc::sysconf(libc::_SC_PAGESIZE) as usize;
            let start = libc::mmap(
                std::ptr::null_mut(),
                COUNT * size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            let protect = |page: usize, how| libc::mprotect(start.byte_add(page * size), size, how);
            if start == libc::MAP_FAILED
                || protect(2, libc::PROT_READ) != 0
                || protect(4, libc::PROT_NONE) != 0
            {
                let error = std::io::Error::last_os_error();
                return Err(format!("mapping pages: {error}"));
            }
            let usable = start as usize;
            Ok(Self {
                size,
                usable,
                readable: usable + 2 * size,
                closed: usable + 4 * size,
            })
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the memory any more.
        unsafe { libc::munmap(self.usable as *mut libc::c_void, COUNT * self.size) };
    }
}
