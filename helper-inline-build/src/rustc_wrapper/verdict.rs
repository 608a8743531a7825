//! What the policy says to the calls of a crate that stayed.
//!
//! Not here: how it is printed (`diagnostic`).

use super::crate_job::CrateJob;
use super::diagnostic;
use super::helpers::Helpers;
use super::record::{Left, Record};
use crate::Policy;
use crate::invocation::Invocation;
use crate::prove::{HelperReport, HelperState};

const PLUGIN_LTO: &str = "with `-Clinker-plugin-lto` helpers are not inlined by the rustc \
     wrapper, and its archive has no bitcode for the linker: use one of the two";

/// Tells of each helper that stayed. Returns whether the policy allows it.
pub(super) fn judge(invocation: &Invocation, job: &CrateJob, record: &Record) -> bool {
    let mut allowed = true;
    if record.left == Some(Left::ForLinker) {
        allowed = job.helpers.iter().all(|h| h.policy != Policy::Require);
        let tell = if allowed {
            diagnostic::warning
        } else {
            diagnostic::error
        };
        tell(invocation, PLUGIN_LTO);
    }
    let stayed = record
        .helpers
        .iter()
        .filter(|h| h.state == HelperState::Outlined);
    for helper in stayed {
        let owner = job
            .helpers
            .iter()
            .find(|h| h.symbols.contains(&helper.name));
        let Some(owner) = owner else { continue };
        let message = message(helper, owner, invocation.debug);
        if owner.policy == Policy::Require {
            diagnostic::error(invocation, &message);
            allowed = false;
        } else {
            diagnostic::warning(invocation, &message);
        }
    }
    allowed
}

/// Which helper stayed out of line, where and why.
fn message(helper: &HelperReport, owner: &Helpers, has_lines: bool) -> String {
    let name = owner.names.get(&helper.name).unwrap_or(&helper.name);
    let mut text = format!("helper `{name}` of `{}` stayed out of line", owner.package);
    for call in &helper.remaining {
        text += &format!("\n  {call}");
    }
    if !has_lines {
        text += "\n  `debug = \"line-tables-only\"` in the profile has lines named here";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::job::{Cause, RemainingCall};

    #[test]
    fn a_wrapped_function_is_told_by_its_own_name() {
        let helper = HelperReport {
            name: "rust_helper_ring_12_get_sqe".into(),
            package: None,
            state: HelperState::Outlined,
            call_sites: 2,
            inlined: 1,
            remaining: vec![RemainingCall {
                caller: "app::submit".into(),
                location: None,
                cause: Cause::ConflictingAttribute,
                attribute: Some("sanitize_address: C has `set`, the caller has not set".into()),
                callee: None,
            }],
        };
        let owner = Helpers {
            package: "ring".into(),
            symbols: vec![helper.name.clone()],
            names: [(helper.name.clone(), "get_sqe".to_owned())].into(),
            c_names: Default::default(),
            policy: Policy::Prefer,
            ready: Err(String::new()),
        };
        expect_test::expect![[r#"
            helper `get_sqe` of `ring` stayed out of line
              in app::submit at unknown place: conflicting-attribute (sanitize_address: C has `set`, the caller has not set)
              `debug = "line-tables-only"` in the profile has lines named here"#]]
        .assert_eq(&message(&helper, &owner, false));
        assert_eq!(message(&helper, &owner, true).lines().count(), 2);
    }
}
