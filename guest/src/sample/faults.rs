//! Has the module do what it must not do.

use guest::Fault;

use super::{abi, nonblocking};
use crate::checks::Checks;

/// Causes it. A fatal one does not come back.
pub fn cause(fault: Fault) -> Result<(), String> {
    let device = nonblocking()?;
    let mut checks = Checks::default();
    let mut ask = |what: &str, kind: u32, answer: usize| {
        checks.returns(what, device.request(abi::FAULT, kind as usize), answer)
    };
    match fault {
        Fault::Warning => {
            ask("no warning", abi::FAULT_NONE, 0)?;
            ask("a warning", abi::FAULT_WARNING, 1)?;
            ask("another warning", abi::FAULT_WARNING, 1)
        }
        Fault::WarningOnce => {
            for _ in 0..3 {
                ask("a warning, once", abi::FAULT_WARNING_ONCE, 1)?;
            }
            for _ in 0..3 {
                let kind = abi::FAULT_WARNING_ONCE_ELSEWHERE;
                ask("a warning at another place, once", kind, 2)?;
            }
            Ok(())
        }
        Fault::ReferenceToNothing => {
            // The count is where no addition and no subtraction moves it.
            ask("references to nothing", abi::FAULT_REFERENCE, 1)
        }
        Fault::Bug => ask("a bug", abi::FAULT_BUG, 0),
        Fault::Panic => ask("a panic", abi::FAULT_PANIC, 0),
    }
}
