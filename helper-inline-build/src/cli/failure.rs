//! How a command ends when it does not succeed: the error and the exit code of
//! the contract. It says nothing about what went wrong; callers do.

use std::fmt;

/// A failed command: what to print and what to exit with.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    source: anyhow::Error,
}

impl Failure {
    /// 1: everything ran, and the policy says no (a helper stayed out of line).
    pub fn policy(source: impl Into<anyhow::Error>) -> Self {
        Self::new(1, source)
    }

    /// 2: the command line asks for something that cannot be.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(2, anyhow::anyhow!("{message}"))
    }

    /// 2: something this machine needs is not there; the message names the command that mends it.
    pub fn need(message: impl fmt::Display) -> Self {
        Self::new(2, anyhow::anyhow!("{message}"))
    }

    /// 2: the same, with its causes.
    pub fn need_of(source: impl Into<anyhow::Error>) -> Self {
        Self::new(2, source)
    }

    /// 3: a step was tried and failed.
    pub fn step(source: impl Into<anyhow::Error>) -> Self {
        Self::new(3, source)
    }

    fn new(code: u8, source: impl Into<anyhow::Error>) -> Self {
        Self {
            code,
            source: source.into(),
        }
    }

    /// The process's exit code.
    pub fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "{:#}", self.source)
        } else {
            write!(f, "{}", self.source)
        }
    }
}

/// What a command returns.
pub type Outcome<T = ()> = Result<T, Failure>;

impl From<anyhow::Error> for Failure {
    /// An error nobody classified is a step that failed, unless it is a `Failure`
    /// that travelled through `anyhow`, which keeps its code.
    fn from(source: anyhow::Error) -> Self {
        let code = source
            .downcast_ref::<Carried>()
            .map_or(3, |Carried(failure)| failure.code);
        Self { code, source }
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        Self::new(error.exit_code(), error)
    }
}

/// A `Failure` inside an `anyhow::Error`, so that `?` in code that speaks
/// `anyhow` does not lose the exit code.
#[derive(Debug)]
struct Carried(Failure);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Carried {}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        anyhow::Error::new(Carried(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_code_survives_a_trip_through_anyhow() {
        let error: anyhow::Error = Failure::need("no clang").into();
        let back = Failure::from(error);
        assert_eq!((back.code(), format!("{back:#}")), (2, "no clang".into()));
        let wrapped: anyhow::Error = anyhow::Error::from(Failure::need("no clang"));
        let failure = Failure::from(wrapped.context("building"));
        assert_eq!(
            (failure.code(), format!("{failure:#}")),
            (2, "building: no clang".into())
        );
    }

    #[test]
    fn an_unclassified_error_is_a_failed_step_with_all_its_causes() {
        let error = std::fs::read("/nonexistent")
            .context("reading the list")
            .unwrap_err();
        let failure = Failure::from(error);
        assert_eq!(failure.code(), 3);
        assert!(format!("{failure:#}").starts_with("reading the list: "));
    }
}
