//! Calls whose type differs from their helper's only in how the two compilers
//! spell one and the same ABI.
//!
//! On AArch64 a struct of less than 8 bytes comes back in the low bits of x0.
//! clang says so with an integer of the struct's width, rustc with one of 64
//! bits, and LLVM does not inline across the difference. The bits above the
//! struct's are unspecified by the ABI, so an adapter may make them zero. Not
//! here: any other difference, which is refused with both types.

use super::harmonize::Profile;
use super::job::Harmonized;
use super::llvm::{AttributeKey, AttributeValue, Function, Instruction, Module};
use std::collections::BTreeSet;

/// The width that rustc returns small structs in.
const REGISTER_BITS: u32 = 64;

/// Gives every call of the helpers that needs one an adapter, where that is
/// sound. Returns a line for the report for each helper.
pub(super) fn adapt(
    module: &Module<'_>,
    helpers: &BTreeSet<String>,
    profile: &Profile,
) -> Vec<Harmonized> {
    if !module.triple().starts_with("aarch64") {
        return Vec::new();
    }
    let mut harmonized = Vec::new();
    for name in helpers {
        let Some(helper) = module.function(name) else {
            continue;
        };
        let calls = helper.calls().direct;
        let adapted = calls
            .into_iter()
            // An adapter must not carry a helper past an attribute that its
            // caller lacks.
            .filter(|call| profile.conflict(helper, call.function()).is_none())
            .filter_map(|call| returned_bits(helper, call).map(|bits| (call, bits)))
            .map(|(call, bits)| {
                // Not the helper's own prefix, by which the proof knows it.
                let adapter = module.adapt_return(call, helper, &format!("adapter.{name}"));
                for key in ["optnone", "noinline"] {
                    adapter.remove_attribute(&AttributeKey::Enum(key));
                }
                let always = AttributeKey::Enum("alwaysinline");
                adapter.set_attribute(&always, &AttributeValue::Int(0));
                bits
            })
            .collect::<Vec<u32>>();
        if let Some(bits) = adapted.first() {
            harmonized.push(Harmonized {
                attribute: format!("return type of {name}"),
                action: format!("adapted: C returns i{bits}, Rust takes i{REGISTER_BITS}"),
                functions: adapted.len() as u64,
            });
        }
    }
    harmonized
}

/// The width of the small struct that a helper returns, if that is all in which
/// the call differs.
fn returned_bits(helper: Function<'_>, call: Instruction<'_>) -> Option<u32> {
    let (outer, inner) = (call.call_shape(), helper.shape());
    let bits = inner.returned_bits?;
    let differs = outer.returned_bits? == REGISTER_BITS && bits < REGISTER_BITS;
    (differs && outer.takes_the_same_as(&inner)).then_some(bits)
}
