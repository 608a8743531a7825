//! The steps of loading, each of which can be made to fail, as it can fail by
//! itself when memory is short.

use sample_kernel::error::{Error, Result};

use crate::params;

/// How many steps were done.
pub struct Steps {
    done: u8,
    fails: u8,
}

impl Steps {
    /// None yet.
    pub fn new() -> Self {
        Self {
            done: 0,
            fails: params::fail_step.get(),
        }
    }

    /// Another step begins, unless it is the one that must fail.
    pub fn next(&mut self) -> Result {
        self.done += 1;
        if self.done == self.fails {
            return Err(Error::NO_MEMORY);
        }
        Ok(())
    }
}
