//! One request whose argument's address and length are known.

use super::{abi, nonblocking};
use crate::checks::Checks;

/// How many bytes the module takes from there.
pub const LENGTH: usize = size_of::<abi::Config>();

/// Sets the limits that are in force, and returns where they were taken from.
pub fn configure() -> Result<usize, String> {
    let mut checks = Checks::default();
    let device = nonblocking()?;
    let config = Box::new(device.config()?);
    let address = std::ptr::from_ref(&*config).addr();
    checks.returns("configuring", device.request(abi::SET_CONFIG, address), 0)?;
    Ok(address)
}
