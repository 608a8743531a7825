//! Tokens: how many jobs may run at once, also among several programs.
//!
//! The protocol is GNU make's: a process has one token by being there, and reads a byte
//! from a pipe for each other, which it writes back. Not here: how the environment
//! names a pipe (`inherited`).

mod inherited;

use crate::{Error, Result};
use inherited::Pipe;
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::process::Command;

/// A pool of tokens: cargo's or make's where one of them started this program, or one
/// of our own.
///
/// ```
/// use helper_inline_build::jobs::Jobserver;
/// use std::num::NonZeroUsize;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let pool = Jobserver::new(NonZeroUsize::new(2).unwrap())?;
/// let first = pool.try_acquire().unwrap();
/// let second = pool.try_acquire();
/// assert!(second.is_some() && pool.try_acquire().is_none());
/// drop(first);
/// assert!(pool.try_acquire().is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Jobserver {
    /// Not there when this process's own token is all that there is.
    pipe: Option<Pipe>,
    /// Of a pool of our own: it keeps the pipe open.
    own: Option<::jobserver::Client>,
    /// Whether this process's own token is free.
    implicit: Cell<bool>,
}

/// Leave to run one job, given back when dropped.
#[derive(Debug)]
pub struct Token<'a> {
    pool: &'a Jobserver,
    /// What was read, which must be written back. Nothing for the process's own.
    byte: Option<u8>,
}

impl Jobserver {
    /// The pool that the environment names (`CARGO_MAKEFLAGS`, `MAKEFLAGS`), or else one
    /// of as many tokens as this machine runs threads at once.
    ///
    /// # Errors
    /// [`Error::Io`] when no pipe can be made.
    pub fn from_env() -> Result<Jobserver> {
        if let Some(pipe) = inherited::find(|variable| std::env::var(variable).ok()) {
            return Ok(Jobserver {
                pipe: Some(pipe),
                own: None,
                implicit: Cell::new(true),
            });
        }
        let count = std::thread::available_parallelism();
        Jobserver::new(count.unwrap_or(NonZeroUsize::MIN))
    }

    /// A pool of our own with that many tokens, whatever the environment says.
    ///
    /// # Errors
    /// [`Error::Io`] when no pipe can be made, or none that holds so many.
    pub fn new(count: NonZeroUsize) -> Result<Jobserver> {
        let failed = |error| Error::Io {
            action: "make a jobserver of",
            path: format!("{count} tokens").into(),
            error,
        };
        // One token is this process's own.
        let client = ::jobserver::Client::new(count.get() - 1).map_err(failed)?;
        let mut shown = Command::new("");
        client.configure(&mut shown);
        let shown: String = shown
            .get_envs()
            .filter_map(|(_, value)| value?.to_str())
            .collect();
        let pipe = inherited::open(&shown)
            .ok_or_else(|| failed(std::io::Error::other("its pipe cannot be opened again")))?;
        Ok(Jobserver {
            pipe: Some(pipe),
            own: Some(client),
            implicit: Cell::new(true),
        })
    }

    /// Has a child that takes part (cargo, make) use this pool. It then has this
    /// process's own token: wait for it before other jobs are run.
    pub fn configure(&self, command: &mut Command) {
        // One that was inherited is inherited by children too.
        if let Some(client) = &self.own {
            client.configure_make(command);
        }
    }

    /// A token, when one is free now.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Token<'_>> {
        let byte = match self.implicit.replace(false) {
            true => None,
            false => Some(self.pipe.as_ref()?.take()?),
        };
        Some(Token { pool: self, byte })
    }
}

impl Drop for Token<'_> {
    fn drop(&mut self) {
        match (self.byte, &self.pool.pipe) {
            (Some(byte), Some(pipe)) => pipe.give_back(byte),
            _ => self.pool.implicit.set(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pool: &Jobserver) -> Vec<Token<'_>> {
        std::iter::from_fn(|| pool.try_acquire()).collect()
    }

    #[test]
    fn a_pool_has_as_many_tokens_as_it_is_told() {
        for count in [1, 2, 7, 300] {
            let pool = Jobserver::new(NonZeroUsize::new(count).unwrap()).unwrap();
            assert_eq!(all(&pool).len(), count);
            // All were given back.
            assert_eq!(all(&pool).len(), count);
        }
    }

    #[test]
    fn a_panic_gives_tokens_back() {
        let pool = Jobserver::new(NonZeroUsize::new(3).unwrap()).unwrap();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = all(&pool);
            panic!("on purpose");
        }))
        .unwrap_err();
        assert_eq!(all(&pool).len(), 3);
    }

    #[test]
    fn a_child_draws_on_the_same_pool() {
        let pool = Jobserver::new(NonZeroUsize::new(3).unwrap()).unwrap();
        let held = all(&pool);
        let rules = "all: a b\na:\n\t@until [ -e made ]; do sleep 0.01; done\nb:\n\t@: > made\n";
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("Makefile"), rules).unwrap();
        let run = |pool: &Jobserver, seconds: &str| {
            let mut make = Command::new("timeout");
            make.args([seconds, "make", "-s"]).current_dir(&dir);
            pool.configure(&mut make);
            make.output().unwrap()
        };
        // `a` waits for `b`, which needs a token of ours.
        let output = run(&pool, "1");
        assert!(!output.status.success(), "it ran without a token");
        drop(held);
        let output = run(&pool, "60");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(all(&pool).len(), 3);
    }
}
