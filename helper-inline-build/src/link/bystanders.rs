//! Functions of a unit that no helper can reach: rustc has optimized them already, and
//! doing it again would only take time.
//!
//! Not here: what is done to the others.

use super::llvm::{AttributeKey, AttributeValue, Function, Module};
use std::collections::BTreeSet;

/// What has LLVM leave a function alone; it wants both.
const LEAVE: [&str; 2] = ["noinline", "optnone"];

/// What excludes that.
const OTHERWISE: [&str; 4] = ["noinline", "optnone", "alwaysinline", "minsize"];

/// Functions that are left alone for a while.
pub(super) struct Bystanders(Vec<String>);

impl Bystanders {
    /// Has LLVM leave every function of the crate's own alone that calls no helper,
    /// itself or through others: those that do may now be inlined themselves, and
    /// gain.
    pub(super) fn leave(
        module: &Module<'_>,
        own: &BTreeSet<String>,
        helpers: &BTreeSet<String>,
    ) -> Bystanders {
        let mut reached = helpers.clone();
        let mut next: Vec<Function<'_>> = helpers
            .iter()
            .filter_map(|name| module.function(name))
            .collect();
        while let Some(callee) = next.pop() {
            for call in callee.calls().direct {
                let caller = call.function();
                if reached.insert(caller.name()) {
                    next.push(caller);
                }
            }
        }
        let mut left = Vec::new();
        for function in module.functions() {
            let has = |name: &'static str| function.attribute(&AttributeKey::Enum(name)).is_some();
            let stays = function.global().is_declaration()
                || !own.contains(&function.name())
                || reached.contains(&function.name())
                || OTHERWISE.into_iter().any(has);
            if !stays {
                for name in LEAVE {
                    function.set_attribute(&AttributeKey::Enum(name), &AttributeValue::Int(0));
                }
                left.push(function.name());
            }
        }
        Bystanders(left)
    }

    /// Makes them functions as all others, to be lowered.
    pub(super) fn take_back(self, module: &Module<'_>) {
        for function in self.0.iter().filter_map(|name| module.function(name)) {
            for name in LEAVE {
                function.remove_attribute(&AttributeKey::Enum(name));
            }
        }
    }
}
