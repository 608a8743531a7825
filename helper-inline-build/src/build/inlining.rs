//! Whether the helpers will be inlined in this build, as far as a build script can
//! tell, and what the policy says to that.
//!
//! Not here: inlining (`rustc_wrapper`, `dist`).

use crate::served;
use crate::{Clang, Error, Policy, Result, Version};
use std::path::Path;

/// The variable by which cargo tells build scripts of a rustc wrapper.
const WRAPPER: &str = "RUSTC_WRAPPER";

/// The program that inlines, and what names it in cargo's configuration.
const PROGRAM: &str = "cargo-helper-inline";

/// The clang that makes bitcode for a target, or why there is none to be made. A
/// crate then builds all the same, by the compiler that `cc` finds.
pub(super) fn clang(target: &str, rustc_llvm: Version) -> Result<(Option<Clang>, Option<String>)> {
    if !served::has_bitcode(target) {
        let reason = format!(
            "helpers are inlined for {}, and this is `{target}`",
            served::TARGETS
        );
        return Ok((None, Some(reason)));
    }
    match Clang::find(rustc_llvm) {
        Ok(clang) => Ok((Some(clang), None)),
        Err(error @ (Error::ClangNotFound { .. } | Error::ClangTooNew { .. })) => {
            Ok((None, Some(error.to_string())))
        }
        Err(error) => Err(error),
    }
}

/// Fails when helpers must be inlined and will not be, and warns when they should.
/// `impossible` says why they cannot be.
pub(super) fn check(target: &str, policy: Option<Policy>, impossible: Option<&str>) -> Result<()> {
    let wrapper = std::env::var_os(WRAPPER);
    let wrapper = wrapper.as_deref().map(Path::new);
    match verdict(target, wrapper, policy, impossible) {
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

fn verdict(
    target: &str,
    wrapper: Option<&Path>,
    policy: Option<Policy>,
    impossible: Option<&str>,
) -> Verdict {
    let name = wrapper.and_then(Path::file_stem);
    let is_ours = name.is_some_and(|name| name == PROGRAM);
    let served = served::in_cargo_builds(target);
    let reason = match impossible {
        Some(reason) => reason.to_owned(),
        None if !served => format!(
            "an ordinary cargo build inlines for {}, and this is `{target}`",
            served::TARGETS
        ),
        None if is_ours => return Verdict::Fine,
        None => format!(
            "the build does not go through the rustc wrapper; `rustc-wrapper = \"{PROGRAM}\"` \
             below `[build]` in .cargo/config.toml has it do so"
        ),
    };
    match policy {
        Some(Policy::Require) => Verdict::Fail(reason),
        Some(Policy::Prefer) => Verdict::Warn(reason),
        Some(Policy::Off) => Verdict::Fine,
        // Without the wrapper an out-of-line build is what was asked for. With it, or
        // where there is no asking, it is not.
        None if is_ours || !served => Verdict::Warn(reason),
        None => Verdict::Fine,
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
        let no_clang = Some("no clang found");
        for (target, wrapper, policy, impossible, expected) in [
            (linux, ours, Some(require), None, ""),
            (linux, None, None, None, ""),
            (linux, other, Some(prefer), None, "warn"),
            (linux, None, Some(require), None, "fail"),
            (linux, None, Some(off), None, ""),
            (linux, None, None, no_clang, ""),
            (linux, ours, None, no_clang, "warn"),
            (linux, ours, Some(require), no_clang, "fail"),
            (mac, ours, None, None, "warn"),
            (mac, None, None, None, "warn"),
            (mac, None, Some(require), None, "fail"),
            (mac, None, Some(off), None, ""),
        ] {
            let verdict = verdict(target, wrapper, policy, impossible);
            let word = match &verdict {
                Verdict::Fine => "",
                Verdict::Warn(_) => "warn",
                Verdict::Fail(_) => "fail",
            };
            assert_eq!(word, expected, "{target} {wrapper:?} {policy:?}");
        }
    }

    #[test]
    fn other_systems_have_no_bitcode_and_say_so() {
        let llvm = Version {
            major: 22,
            minor: 0,
            patch: 0,
        };
        for target in [
            "x86_64-pc-windows-msvc",
            "aarch64-apple-darwin",
            "riscv64gc-unknown-linux-gnu",
        ] {
            let (clang, reason) = clang(target, llvm).unwrap();
            assert!(clang.is_none());
            assert_eq!(
                reason.unwrap(),
                format!("helpers are inlined for x86_64 and aarch64 Linux, and this is `{target}`")
            );
        }
    }

    #[test]
    fn reasons_name_what_mends_them() {
        let text = |target| match verdict(target, None, Some(Policy::Require), None) {
            Verdict::Fail(reason) => Error::OutOfLine { reason }.to_string(),
            other => panic!("{other:?}"),
        };
        expect_test::expect![[r#"helpers must be inlined (policy `require`), and would be called out of line: the build does not go through the rustc wrapper; `rustc-wrapper = "cargo-helper-inline"` below `[build]` in .cargo/config.toml has it do so"#]]
        .assert_eq(&text("aarch64-unknown-linux-gnu"));
        expect_test::expect![[r#"helpers must be inlined (policy `require`), and would be called out of line: an ordinary cargo build inlines for x86_64 and aarch64 Linux, and this is `x86_64-pc-windows-msvc`"#]]
        .assert_eq(&text("x86_64-pc-windows-msvc"));
    }
}
