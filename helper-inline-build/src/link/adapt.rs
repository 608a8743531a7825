//! Calls whose type differs from their helper's only in how the two compilers
//! spell one and the same ABI.
//!
//! LLVM does not inline across such a difference, so the call goes through an
//! adapter, which is inlined with the helper. Not here: what the ABI is (`abi`);
//! any other difference, which is refused with both types (`count`).

use super::abi::{self, Abi};
use super::harmonize::Profile;
use super::job::Harmonized;
use super::llvm::{AttributeKey, AttributeValue, Function, Instruction, Module};
use std::collections::{BTreeMap, BTreeSet};

/// What an adapter does not take over from its helper: what keeps it from being
/// inlined, and what is not true of a function with other parameters that reads
/// memory of its own.
const NOT_TAKEN_OVER: &[&str] = &[
    "optnone",
    "noinline",
    "naked",
    "memory",
    "speculatable",
    "allocsize",
    "allockind",
];

/// Features without which floats have no registers.
const NO_VECTORS: &[&str] = &["-sse", "-sse2", "+soft-float", "-neon", "-fp-armv8"];

/// Gives every call of the helpers that needs one an adapter, where that is
/// sound. `is_known` says which have the type that C defines them with. Returns lines for the report: one for each pair of types.
pub(super) fn adapt(
    module: &Module<'_>,
    helpers: &BTreeSet<String>,
    is_known: impl Fn(Function<'_>) -> bool,
    profile: &Profile,
) -> Vec<Harmonized> {
    let Some(abi) = Abi::of(&module.triple()) else {
        return Vec::new();
    };
    let mut harmonized = Vec::new();
    let found = helpers
        .iter()
        .filter_map(|name| Some((name, module.function(name)?)));
    for (name, helper) in found.filter(|(_, helper)| is_known(*helper)) {
        let mut adapted = BTreeMap::<String, u64>::new();
        for call in helper.calls().direct {
            // An adapter must not carry a helper past an attribute that its
            // caller lacks.
            if call.is_typed_as(helper) || profile.conflict(helper, call.function()).is_some() {
                continue;
            }
            let in_rust = call.call_signature();
            if adapt_call(module, abi, call, helper) {
                *adapted.entry(in_rust).or_default() += 1;
            }
        }
        harmonized.extend(adapted.into_iter().map(|(in_rust, calls)| Harmonized {
            attribute: format!("type of {name}"),
            action: format!(
                "adapted: Rust calls `{in_rust}`, C defines `{}`",
                helper.signature()
            ),
            functions: calls,
        }));
    }
    harmonized
}

/// Has one call go through an adapter, unless the ABI has the two differ.
fn adapt_call(module: &Module<'_>, abi: Abi, call: Instruction<'_>, helper: Function<'_>) -> bool {
    let outer = call.call_abi_signature(has_vectors(call.function()));
    let inner = helper.abi_signature(has_vectors(helper));
    let Some(plan) = abi::plan(abi, &outer, &inner) else {
        return false;
    };
    // Not the helper's own prefix, by which the proof knows it.
    let name = format!("adapter.{}", helper.name());
    let adapter = module.adapt(call, helper, &plan, &name);
    for key in NOT_TAKEN_OVER {
        adapter.remove_attribute(&AttributeKey::Enum(key));
    }
    let always = AttributeKey::Enum("alwaysinline");
    adapter.set_attribute(&always, &AttributeValue::Int(0));
    // A call that rustc marked otherwise has no say in this.
    call.remove_call_attribute(&AttributeKey::Enum("noinline"));
    true
}

/// Whether a function passes floats in vector registers. A kernel's does not,
/// and how it would pass them is nobody's ABI.
fn has_vectors(function: Function<'_>) -> bool {
    let text = |name: &str| match function.attribute(&AttributeKey::String(name.into())) {
        Some(AttributeValue::String(text)) => text,
        _ => String::new(),
    };
    let features = text("target-features");
    let lacks = features.split(',').any(|f| NO_VECTORS.contains(&f));
    !lacks && text("use-soft-float") != "true"
}
