//! What a helper that stays out of line means.
//!
//! Not here: finding out (`link`, `prove`).

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The variable that decides for every crate of a build, before the crates' own
/// build scripts do.
pub(crate) const VARIABLE: &str = "HELPER_INLINE_POLICY";

/// What a helper that stays out of line means.
///
/// ```no_run
/// use helper_inline_build::{Helpers, Policy};
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// Helpers::new().dir("helpers").policy(Policy::Prefer).compile()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Failure.
    Require,
    /// A warning, or a line in the report.
    Prefer,
    /// Inlining is off: the out-of-line twin, for comparison.
    Off,
}

impl Policy {
    /// The name on the command line and in the environment.
    ///
    /// ```
    /// assert_eq!(helper_inline_build::Policy::Require.name(), "require");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Policy::Require => "require",
            Policy::Prefer => "prefer",
            Policy::Off => "off",
        }
    }

    /// What `HELPER_INLINE_POLICY` says, if it is set.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is none of the three names.
    ///
    /// ```
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// use helper_inline_build::Policy;
    ///
    /// let policy = Policy::from_env()?.unwrap_or(Policy::Prefer);
    /// println!("{}", policy.name());
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_env() -> Result<Option<Policy>> {
        match std::env::var_os(VARIABLE) {
            None => Ok(None),
            Some(text) => Policy::parse(&text.to_string_lossy()).map(Some),
        }
    }

    fn parse(text: &str) -> Result<Policy> {
        [Policy::Require, Policy::Prefer, Policy::Off]
            .into_iter()
            .find(|policy| policy.name() == text)
            .ok_or_else(|| Error::Usage {
                message: format!("{VARIABLE} is `{text}`: set it to require, prefer or off"),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_one_of_three_names() {
        for policy in [Policy::Require, Policy::Prefer, Policy::Off] {
            assert_eq!(Policy::parse(policy.name()).unwrap(), policy);
        }
        let error = Policy::parse("always").unwrap_err();
        assert_eq!(
            error.to_string(),
            "HELPER_INLINE_POLICY is `always`: set it to require, prefer or off"
        );
        assert_eq!(error.exit_code(), 2);
    }
}
