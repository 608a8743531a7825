//! The device's own requests. Their numbers and structures are in `abi`.

use crate::abi::{self, Bench, Chars, Config, Patched, Peek, Stats};
use crate::alternatives;
use crate::bench;
use crate::chars;
use crate::device::Device;
use crate::faults;
use crate::static_call;
use crate::static_key;
use sample_kernel::error::{Error, Result};
use sample_kernel::uaccess::{self, UserMemory};

/// Runs one request with its argument, mostly an address of the caller's.
pub fn run(device: &Device, command: u32, argument: usize) -> Result<u32> {
    match command {
        abi::GET_STATS => {
            UserMemory::of::<Stats>(argument).write_value(&device.stats())?;
        }
        abi::GET_CONFIG => {
            let config = device.config.read(|config| *config);
            UserMemory::of::<Config>(argument).write_value(&config)?;
        }
        abi::SET_CONFIG => {
            device.configure(UserMemory::of::<Config>(argument).read_value()?)?;
        }
        abi::SET_TRACE => match uaccess::get_u32(argument)? {
            on @ 0..=1 => static_key::set_tracing(on == 1),
            _ => return Err(Error::INVALID),
        },
        abi::CLEAR => return device.clear(),
        abi::NEXT_LENGTH => {
            let message = device.queue.peek().ok_or(Error::AGAIN)?;
            uaccess::put_u32(argument, message.body().len() as u32)?;
        }
        abi::PEEK => peek(device, UserMemory::of::<Peek>(argument))?,
        abi::BENCH => measure(device, UserMemory::of::<Bench>(argument))?,
        abi::FAULT => return faults::cause(argument),
        abi::GET_PATCHED => {
            UserMemory::of::<Patched>(argument).write_value(&patched())?;
        }
        abi::SET_CALL => match uaccess::get_u32(argument)? {
            second @ 0..=1 => static_call::set_second(second == 1),
            _ => return Err(Error::INVALID),
        },
        abi::INVERT => {
            let value = uaccess::get_u32_inline(argument)?;
            uaccess::put_u32_inline(argument, !value)?;
        }
        abi::CHARS => {
            let argument = UserMemory::of::<Chars>(argument);
            let mut chars: Chars = argument.read_value()?;
            chars::fill_in(&mut chars);
            argument.write_value(&chars)?;
        }
        _ => return Err(Error::NOT_A_TTY),
    }
    Ok(0)
}

fn peek(device: &Device, argument: UserMemory) -> Result {
    let mut peek: Peek = argument.read_value()?;
    // Nobody has looked at this address yet, as the kernel has at those of read
    // and write.
    let buffer = UserMemory::new(peek.buffer as usize, peek.capacity as usize);
    buffer.check()?;
    let message = device.queue.peek().ok_or(Error::AGAIN)?;
    let body = message.body();
    if body.len() > peek.capacity as usize {
        return Err(Error::MESSAGE_SIZE);
    }
    buffer.write(body)?;
    buffer.clear_from(body.len())?;
    peek.length = body.len() as u32;
    argument.write_value(&peek)
}

fn patched() -> Patched {
    Patched {
        branch: static_key::tracing().into(),
        key: static_key::is_set().into(),
        call: static_call::call(abi::CALLED_WITH),
        common: alternatives::common(),
        rare: alternatives::rare(),
        reserved: 0,
    }
}

fn measure(device: &Device, argument: UserMemory) -> Result {
    let mut bench: Bench = argument.read_value()?;
    bench::run(device, &mut bench)?;
    argument.write_value(&bench)
}
