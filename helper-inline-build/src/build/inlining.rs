//! Whether the helpers will be inlined in this build, as far as a build script can
//! tell, and what the policy says to that.
//!
//! Not here: inlining (`rustc_wrapper`, `dist`).

use crate::served;
use crate::{Error, Policy, Result};
use std::path::Path;

/// The variable by which cargo tells build scripts of a rustc wrapper.
const WRAPPER: &str = "RUSTC_WRAPPER";

/// The program that inlines, and what names it in cargo's configuration.
const PROGRAM: &str = "cargo-helper-inline";

/// Fails when helpers must be inlined and will not be, and warns when they should.
pub(super) fn check(target: &str, policy: Option<Policy>) -> Result<()> {
    let wrapper = std::env::var_os(WRAPPER);
    match verdict(target, wrapper.as_deref().map(Path::new), policy) {
        Verdict::Fine => Ok(()),
        Verdict::Warn(reason) => {
            println!("cargo::warning=helpers are called out of line: {reason}");
            Ok(())
        }
        Verdict::Fail(reason) => Err(Error::OutOfLine { reason }),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fine,
    Warn(String),
    Fail(String),
}

fn verdict(target: &str, wrapper: Option<&Path>, policy: Option<Policy>) -> Verdict {
    let is_ours = wrapper
        .and_then(Path::file_stem)
        .is_some_and(|name| name == PROGRAM);
    let reason = if !served::in_cargo_builds(target) {
        format!(
            "an ordinary cargo build inlines for {}, and this is `{target}`",
            served::TARGETS
        )
    } else if is_ours {
        return Verdict::Fine;
    } else {
        format!(
            "the build does not go through the rustc wrapper; `rustc-wrapper = \"{PROGRAM}\"` \
             below `[build]` in .cargo/config.toml has it do so"
        )
    };
    match policy {
        Some(Policy::Require) => Verdict::Fail(reason),
        Some(Policy::Prefer) => Verdict::Warn(reason),
        Some(Policy::Off) => Verdict::Fine,
        // Without the wrapper an out-of-line build is what was asked for; elsewhere
        // there is no asking.
        None if served::in_cargo_builds(target) => Verdict::Fine,
        None => Verdict::Warn(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_inlined_is_told_as_the_policy_says() {
        let linux = "x86_64-unknown-linux-gnu";
        let mac = "aarch64-apple-darwin";
        let ours = Some(Path::new("/home/u/.cargo/bin/cargo-helper-inline"));
        let other = Some(Path::new("sccache"));
        let (require, prefer, off) = (Policy::Require, Policy::Prefer, Policy::Off);
        for (target, wrapper, policy, expected) in [
            (linux, ours, Some(require), ""),
            (linux, None, None, ""),
            (linux, other, Some(prefer), "warn"),
            (linux, None, Some(require), "fail"),
            (linux, None, Some(off), ""),
            (mac, ours, None, "warn"),
            (mac, None, Some(require), "fail"),
            (mac, None, Some(off), ""),
        ] {
            let verdict = verdict(target, wrapper, policy);
            let word = match &verdict {
                Verdict::Fine => "",
                Verdict::Warn(_) => "warn",
                Verdict::Fail(_) => "fail",
            };
            assert_eq!(word, expected, "{target} {wrapper:?} {policy:?}");
        }
    }

    #[test]
    fn reasons_name_what_mends_them() {
        let text = |target| match verdict(target, None, Some(Policy::Require)) {
            Verdict::Fail(reason) => Error::OutOfLine { reason }.to_string(),
            other => panic!("{other:?}"),
        };
        expect_test::expect![[r#"helpers must be inlined (policy `require`), and would be called out of line: the build does not go through the rustc wrapper; `rustc-wrapper = "cargo-helper-inline"` below `[build]` in .cargo/config.toml has it do so"#]]
        .assert_eq(&text("aarch64-unknown-linux-gnu"));
        expect_test::expect![[r#"helpers must be inlined (policy `require`), and would be called out of line: an ordinary cargo build inlines for x86_64 and aarch64 Linux, and this is `x86_64-pc-windows-msvc`"#]]
        .assert_eq(&text("x86_64-pc-windows-msvc"));
    }
}
