//! Instruction sets: what a function may use, and what of C's Rust gets.
//!
//! Not here: the `target-cpu` attribute's value itself, which the table mirrors.

use crate::link::llvm::{AttributeKey, AttributeValue, Function};
use std::collections::BTreeSet;

/// The attribute that lists them.
pub(super) const KEY: &str = "target-features";

/// Features that a CPU's name implies and compilers may or may not spell out.
const IMPLIED: &[(&str, &[&str])] = &[
    (
        "x86-64",
        &["cmov", "cx8", "fxsr", "mmx", "sse", "sse2", "x87"],
    ),
    ("generic", &["fp-armv8", "neon", "v8a", "outline-atomics"]),
];

/// Features that say how code is arranged or tuned, not what it may use.
const HARMLESS: &[&str] = &["soft-float", "outline-atomics", "64bit", "64bit-mode"];

/// The features that a function may use, without their sign.
pub(super) fn effective(function: &Function<'_>) -> BTreeSet<String> {
    let text = |name: &str| match function.attribute(&AttributeKey::String(name.into())) {
        Some(AttributeValue::String(text)) => text,
        _ => String::new(),
    };
    features_of(&text("target-cpu"), &text(KEY))
}

fn features_of(cpu: &str, features: &str) -> BTreeSet<String> {
    let implied = IMPLIED.iter().find(|(name, _)| *name == cpu);
    let mut set: BTreeSet<String> = implied
        .into_iter()
        .flat_map(|(_, features)| features.iter().map(|f| (*f).to_owned()))
        .collect();
    for feature in features.split(',') {
        if let Some(name) = feature.strip_prefix('+') {
            set.insert(name.to_owned());
        } else if let Some(name) = feature.strip_prefix('-') {
            set.remove(name);
        }
    }
    set.retain(|name| !HARMLESS.contains(&name.as_str()));
    set
}

/// `target-features` of a Rust function in a kernel module: C's, and Rust's
/// soft-float ABI, which decides how rustc passes floats.
pub(super) fn for_kernel(c: Option<&AttributeValue>, rust: Option<&AttributeValue>) -> String {
    let list = |value: Option<&AttributeValue>| match value {
        Some(AttributeValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (c, rust) = (list(c), list(rust));
    let mut features: Vec<&str> = c.split(',').filter(|f| !f.is_empty()).collect();
    for feature in rust.split(',').filter(|f| *f == "+soft-float") {
        if !features.contains(&feature) {
            features.push(feature);
        }
    }
    features.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_keeps_only_its_soft_float_abi() {
        let value = |text: &str| Some(AttributeValue::String(text.to_owned()));
        let merge = |c: &str, rust: &str| for_kernel(value(c).as_ref(), value(rust).as_ref());
        assert_eq!(
            merge("-sse,+retpoline-external-thunk", "-mmx,+soft-float,+sse2"),
            "-sse,+retpoline-external-thunk,+soft-float"
        );
        assert_eq!(merge("+soft-float", "+soft-float"), "+soft-float");
    }

    #[test]
    fn a_feature_spelled_out_equals_one_implied() {
        assert_eq!(
            features_of("x86-64", "+cx8,+mmx,+sse"),
            features_of("x86-64", "")
        );
        assert!(features_of("x86-64", "-sse2").is_subset(&features_of("x86-64", "")));
        assert!(!features_of("x86-64", "+avx2").is_subset(&features_of("x86-64", "")));
        let retpoline = features_of("x86-64", "+retpoline-indirect-branches");
        assert!(!retpoline.is_subset(&features_of("x86-64", "")));
    }
}
