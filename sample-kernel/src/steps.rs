//! The steps of loading a module, each of which can be made to fail, as it can fail
//! by itself when memory is short.

use crate::error::{Error, Result};

/// How many steps were done.
pub struct Steps {
    done: u8,
    fails: u8,
}

impl Steps {
    /// None yet. The step of the number `fails` will fail; they are counted from 1.
    #[must_use]
    pub const fn new(fails: u8) -> Self {
        Self { done: 0, fails }
    }

    /// Another step begins, unless it is the one that must fail.
    ///
    /// # Errors
    /// [`Error::NO_MEMORY`]
    pub fn begin(&mut self) -> Result {
        self.done += 1;
        if self.done == self.fails {
            return Err(Error::NO_MEMORY);
        }
        Ok(())
    }
}
