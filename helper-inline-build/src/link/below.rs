//! What a wrapper stands for: inlined with it, or found again as a call that stayed.
//!
//! The user named a function of a header. That the wrapper around it is gone proves
//! nothing while the function itself is still called: that counts as a call of the helper.
//! Each such call carries a mark, which copies keep. Not here: calls of the wrappers
//! themselves (`count`).

use super::count::{REMARK, demangle};
use super::harmonize::{Profile, is_kept_apart};
use super::job::{Cause, RemainingCall};
use super::llvm::{AttributeKey, AttributeValue, Function, Instruction, Linkage, Module};
use super::prepare::PROMOTED;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The call attribute that holds the mark: the wrapper's symbol and the call's number in it.
pub(super) const WRAPPED: &str = "helper-inline-wrapped";

/// A wrapper's call of a function that the C sources define.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedCall {
    /// The wrapper.
    pub helper: String,
    /// The symbol of the function, as it was before the optimizer.
    pub callee: String,
    /// Where the C source defines it, `file:line`, where line tables say so.
    pub defined: Option<String>,
    /// The line of the call in C; 0 where it is not known.
    pub line: u32,
    /// Why it stays.
    pub bar: Option<(Cause, Option<String>)>,
    /// Why LLVM cannot inline the function, where that is seen before.
    pub never: Option<String>,
}

/// The calls in wrappers, by their marks.
pub(super) type WrappedCalls = BTreeMap<String, WrappedCall>;

/// A marked call that the optimizer left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBelow {
    /// The mark.
    pub mark: String,
    /// The symbol of the function that is called.
    pub callee: String,
    /// The function that holds the call.
    pub holder: String,
    /// Where the helper is called, `file:line:column`, where line tables say so.
    pub location: Option<String>,
    /// Why LLVM did not inline it, in its own words.
    pub remark: Option<String>,
}

/// Has what a wrapped function does be inlined into its wrapper: that one has no
/// code of its own, and inlining it alone would gain nothing. Marks each such call.
/// `withheld` are functions that are only declared here, each with the reason.
pub(super) fn mark_wrapped(
    module: &Module<'_>,
    wrappers: &BTreeSet<String>,
    profile: &Profile,
    withheld: &BTreeMap<String, (Cause, String)>,
) -> WrappedCalls {
    let mut marked = BTreeMap::new();
    if wrappers.is_empty() {
        return marked;
    }
    let mark = AttributeKey::String(WRAPPED.into());
    let always = AttributeKey::Enum("alwaysinline");
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    for function in module.functions() {
        let name = function.name();
        let elsewhere = withheld.get(&name);
        let is_known = elsewhere.is_some() || !function.global().is_declaration();
        if !is_known || wrappers.contains(&name) {
            continue;
        }
        for call in function.calls().direct {
            let helper = call.function().name();
            if !wrappers.contains(&helper) {
                continue;
            }
            let number = numbers.entry(helper.clone()).or_default();
            let id = format!("{helper} {number}");
            *number += 1;
            call.set_call_attribute(&mark, &AttributeValue::String(id.clone()));
            let elsewhere = elsewhere.map(|(cause, why)| (*cause, Some(why.clone())));
            let bar = elsewhere.or_else(|| bar(function, call, profile));
            if bar.is_none() {
                call.set_call_attribute(&always, &AttributeValue::Int(0));
            }
            marked.insert(
                id,
                WrappedCall {
                    helper,
                    callee: function.name(),
                    defined: function.defined_at(),
                    line: call.location().map_or(0, |place| place.line),
                    bar,
                    never: function.never_inlined().map(str::to_owned),
                },
            );
        }
    }
    marked
}

/// Why a wrapper's call is not to be inlined, if so.
fn bar(
    function: Function<'_>,
    call: Instruction<'_>,
    profile: &Profile,
) -> Option<(Cause, Option<String>)> {
    let noinline = ["optnone", "noinline"]
        .into_iter()
        .find(|name| function.attribute(&AttributeKey::Enum(name)).is_some());
    if let Some(name) = noinline {
        return Some((Cause::Noinline, Some(name.to_owned())));
    }
    if is_kept_apart(function, call.function()) {
        return Some((Cause::ConflictingAttribute, None));
    }
    if let Some(difference) = profile.conflict(function, call.function()) {
        return Some((Cause::ConflictingAttribute, Some(difference)));
    }
    let types = || {
        let (called, defined) = (call.call_signature(), function.signature());
        format!("it is called as `{called}`, and defined as `{defined}`")
    };
    (!call.is_typed_as(function)).then(|| (Cause::TypeMismatch, Some(types())))
}

/// The marked calls that are left in a module, but for those in the wrappers themselves.
pub(super) fn left_below(module: &Module<'_>, marked: &WrappedCalls) -> Vec<LeftBelow> {
    let mut left = Vec::new();
    if marked.is_empty() {
        return left;
    }
    for function in module.functions() {
        for call in function.calls().direct {
            let mark = call.call_attribute(WRAPPED);
            let Some((mark, known)) = mark.and_then(|m| marked.get_key_value(&m)) else {
                continue;
            };
            let holder = call.function().name();
            if holder == known.helper {
                continue;
            }
            left.push(LeftBelow {
                mark: mark.clone(),
                callee: function.name(),
                holder,
                location: call.location_outside(known.line).map(|l| l.to_string()),
                remark: call.call_attribute(REMARK),
            });
        }
    }
    left
}

/// Gives each function that is still called a section of its own, so that each call needs
/// a relocation.
pub(super) fn separate(module: &Module<'_>, left: &[LeftBelow]) {
    for callee in left.iter().filter_map(|left| module.function(&left.callee)) {
        let global = callee.global();
        let elsewhere = global.is_declaration() || global.has_linkage(Linkage::AvailableExternally);
        if !elsewhere && global.section().is_empty() {
            global.set_section(&format!(".text.{}", callee.name()));
        }
    }
}

/// The calls that are left as those of their helpers: each, and of how many calls of each
/// helper they are.
pub(super) fn remaining(
    left: &[LeftBelow],
    marked: &WrappedCalls,
) -> BTreeMap<String, (Vec<RemainingCall>, u64)> {
    let mut found: BTreeMap<String, (Vec<RemainingCall>, u64)> = BTreeMap::new();
    let mut copies: BTreeMap<&str, u64> = BTreeMap::new();
    for left in left {
        let Some(known) = marked.get(&left.mark) else {
            continue;
        };
        // A wrapper that calls two functions is no two calls.
        let copies = copies.entry(&left.mark).or_default();
        *copies += 1;
        let (calls, of) = found.entry(known.helper.clone()).or_default();
        *of = (*of).max(*copies);
        let (cause, detail) = match &known.bar {
            Some((cause, detail)) => (*cause, detail.clone()),
            None => {
                let words = left.remark.clone().or_else(|| known.never.clone());
                (Cause::NotInlinable, words)
            }
        };
        let place = known.defined.as_ref();
        let place = place.map_or_else(String::new, |place| format!(" ({place})"));
        let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        calls.push(RemainingCall {
            caller: demangle(&left.holder),
            location: left.location.clone(),
            cause,
            attribute: Some(format!(
                "the wrapped `{}`{place} is called{detail}",
                plain_name(&left.callee)
            )),
            callee: Some(left.callee.clone()),
        });
    }
    found
}

/// A C function's own name, without what promoting it or linking put around it.
fn plain_name(symbol: &str) -> &str {
    let own = symbol.strip_prefix(PROMOTED);
    let parts = own.unwrap_or(symbol).split('.');
    let is_number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    let mut named = parts.filter(|part| !is_number(part));
    match own {
        Some(_) => named.next_back(),
        None => named.next(),
    }
    .unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_told_by_its_own_name() {
        for (symbol, name) in [
            ("a_n", "a_n"),
            ("a_n.5", "a_n"),
            ("helper_inline.helpers-noinl.2.a_n", "a_n"),
            ("helper_inline.noinl-12ab.a_n", "a_n"),
        ] {
            assert_eq!(plain_name(symbol), name);
        }
    }
}
