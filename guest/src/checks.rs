//! Comparing what is with what should be, and saying so.

use std::fmt::Debug;
use std::io;

/// How many comparisons went well.
#[derive(Default)]
pub struct Checks(u32);

impl Checks {
    /// How many there were.
    pub fn done(&self) -> u32 {
        self.0
    }

    /// Something went as it should.
    pub fn ok(&mut self, what: &str) {
        self.0 += 1;
        println!("ok: {what}");
    }

    /// Two things are the same.
    pub fn equal<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        is: &T,
        should_be: &T,
    ) -> Result<(), String> {
        if is != should_be {
            return Err(format!("{what}: is {is:?}, should be {should_be:?}"));
        }
        self.ok(what);
        Ok(())
    }

    /// Something holds.
    pub fn that(&mut self, what: &str, holds: bool, details: &dyn Debug) -> Result<(), String> {
        if !holds {
            return Err(format!("{what}: not so: {details:?}"));
        }
        self.ok(what);
        Ok(())
    }

    /// A call succeeded, with a certain value.
    pub fn returns<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        outcome: io::Result<T>,
        should_be: T,
    ) -> Result<(), String> {
        let value = outcome.map_err(|error| format!("{what}: {error}"))?;
        self.equal(what, &value, &should_be)
    }

    /// A call failed, with a certain error number.
    pub fn fails<T: Debug>(
        &mut self,
        what: &str,
        outcome: io::Result<T>,
        errno: i32,
    ) -> Result<(), String> {
        let expected = io::Error::from_raw_os_error(errno);
        match outcome {
            Err(error) if error.raw_os_error() == Some(errno) => {
                self.ok(&format!("{what}: {expected}"));
                Ok(())
            }
            other => Err(format!("{what}: is {other:?}, should be {expected:?}")),
        }
    }
}
