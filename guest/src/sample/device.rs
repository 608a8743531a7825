//! System calls on an open device, bad pointers included.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use super::abi;

/// An open file of the sample's.
pub struct Device(OwnedFd);

/// Where a call takes its bytes from or puts them: maybe nowhere.
#[derive(Clone, Copy)]
pub struct Address(pub usize);

impl Address {
    /// An address in this process that holds nothing: the first page is never
    /// mapped, and this is inside what a process may name.
    pub const UNMAPPED: Self = Self(0x10);
    /// An address of the kernel's.
    pub const KERNEL: Self = Self(usize::MAX - 0xfff);
}

impl Device {
    /// Opens the device anew.
    pub fn open(flags: i32) -> Result<Self, String> {
        let path = CString::new(abi::DEVICE_PATH).map_err(|error| error.to_string())?;
        // SAFETY: the path ends in NUL.
        let fd = length(unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC) as isize })
            .map_err(|error| format!("opening {}: {error}", abi::DEVICE_PATH))?;
        // SAFETY: open() has just given the descriptor to this process.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
    }

    /// Another descriptor of the same open file.
    pub fn duplicate(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the buffer can be written for its length.
        unsafe { self.read_at(Address(buffer.as_mut_ptr() as usize), buffer.len()) }
    }

    /// The next message, whatever its length.
    pub fn read_message(&self) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; abi::MAX_MESSAGE as usize];
        let length = self.read(&mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    /// # Safety
    /// The memory may be written, or is no memory of this process.
    pub unsafe fn read_at(&self, to: Address, len: usize) -> io::Result<usize> {
        // SAFETY: the caller's promise.
        length(unsafe { libc::read(self.0.as_raw_fd(), to.0 as *mut libc::c_void, len) })
    }

    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(Address(bytes.as_ptr() as usize), bytes.len())
    }

    /// The kernel only reads, so any address may be tried.
    pub fn write_at(&self, from: Address, len: usize) -> io::Result<usize> {
        // SAFETY: the kernel reads what it can and reports the rest.
        length(unsafe { libc::write(self.0.as_raw_fd(), from.0 as *const libc::c_void, len) })
    }

    pub fn seek(&self, offset: i64, whence: i32) -> io::Result<i64> {
        // SAFETY: numbers only.
        let position = unsafe { libc::lseek(self.0.as_raw_fd(), offset, whence) };
        if position < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(position)
    }

    /// Waits up to `timeout_ms`, -1 for ever; returns the events there are.
    pub fn poll(&self, events: i16, timeout_ms: i32) -> io::Result<i16> {
        let mut entry = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events,
            revents: 0,
        };
        // SAFETY: one entry, as said.
        length(unsafe { libc::poll(&mut entry, 1, timeout_ms) as isize })?;
        Ok(entry.revents)
    }

    /// A request whose argument the kernel ignores or only reads.
    pub fn request(&self, command: u32, argument: usize) -> io::Result<usize> {
        // SAFETY: see above.
        unsafe { self.request_at(command, Address(argument)) }
    }

    /// A request whose argument is a value that the kernel may change.
    pub fn request_with<T>(&self, command: u32, value: &mut T) -> io::Result<usize> {
        // SAFETY: the value is exclusive and as large as the command says.
        unsafe { self.request_at(command, Address(ptr::from_mut(value) as usize)) }
    }

    /// # Safety
    /// What the request writes at the address may be written, or is no memory
    /// of this process.
    pub unsafe fn request_at(&self, command: u32, argument: Address) -> io::Result<usize> {
        // The C libraries disagree on the type of the command.
        #[allow(clippy::useless_conversion)]
        // SAFETY: the caller's promise.
        length(unsafe { libc::ioctl(self.0.as_raw_fd(), command as _, argument.0) as isize })
    }

    pub fn stats(&self) -> Result<abi::Stats, String> {
        let mut stats = abi::Stats::default();
        self.request_with(abi::GET_STATS, &mut stats)
            .map_err(|error| format!("GET_STATS: {error}"))?;
        Ok(stats)
    }

    pub fn config(&self) -> Result<abi::Config, String> {
        let mut config = abi::Config {
            max_message: 0,
            max_queued: 0,
        };
        self.request_with(abi::GET_CONFIG, &mut config)
            .map_err(|error| format!("GET_CONFIG: {error}"))?;
        Ok(config)
    }

    pub fn configure(&self, max_message: u32, max_queued: u32) -> io::Result<usize> {
        let mut config = abi::Config {
            max_message,
            max_queued,
        };
        self.request_with(abi::SET_CONFIG, &mut config)
    }

    pub fn trace(&self, mut on: u32) -> io::Result<usize> {
        self.request_with(abi::SET_TRACE, &mut on)
    }

    /// The next message into `buffer`, leaving it in the queue.
    pub fn peek(&self, buffer: &mut [u8]) -> io::Result<u32> {
        let mut peek = abi::Peek {
            buffer: buffer.as_mut_ptr() as u64,
            capacity: buffer.len() as u32,
            length: u32::MAX,
        };
        self.request_with(abi::PEEK, &mut peek)?;
        Ok(peek.length)
    }
}

fn length(returned: isize) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| io::Error::last_os_error())
}
