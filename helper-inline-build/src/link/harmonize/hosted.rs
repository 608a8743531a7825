//! Target features that a hosted runtime library has to serve, taken off where there is
//! none: in a kernel.
//!
//! Which they are is in `table`. Not here: what a Rust function's features become
//! (`features`), which follows from C's.

use super::table::{HOSTED_FEATURES, Reasoned};
use super::{Side, features};
use crate::link::job::Harmonized;
use crate::link::llvm::{AttributeKey, AttributeValue, Function, Module};

/// Takes them off every function of a unit of helpers, and returns what it changed.
pub(in crate::link) fn drop_hosted_features(module: &Module<'_>, side: Side) -> Vec<Harmonized> {
    if side == Side::Rust {
        return Vec::new();
    }
    let rows = HOSTED_FEATURES.iter();
    let changed = rows.map(|row| Harmonized {
        attribute: features::KEY.to_owned(),
        action: format!("`+{}` removed from C: {}", row.name, row.reason),
        functions: module
            .functions()
            .into_iter()
            .filter(|f| drop_feature(*f, row))
            .count() as u64,
    });
    changed.filter(|change| change.functions > 0).collect()
}

/// Returns true if the function had it.
fn drop_feature(function: Function<'_>, row: &Reasoned) -> bool {
    let key = AttributeKey::String(features::KEY.into());
    let Some(AttributeValue::String(text)) = function.attribute(&key) else {
        return false;
    };
    let Some(without) = without(&text, row.name) else {
        return false;
    };
    match without.is_empty() {
        true => function.remove_attribute(&key),
        false => function.set_attribute(&key, &AttributeValue::String(without)),
    }
    true
}

/// A list of features without one of them; `None` where it is not on.
fn without(features: &str, name: &str) -> Option<String> {
    let is_on = |feature: &&str| feature.strip_prefix('+') == Some(name);
    features.split(',').find(is_on)?;
    let others = features.split(',').filter(|feature| !is_on(feature));
    Some(others.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn one_feature_is_taken_off_a_list() {
        for (features, expected) in [
            ("+outline-atomics,+v8a,-fmv", Some("+v8a,-fmv")),
            ("+v8a,+outline-atomics", Some("+v8a")),
            ("+outline-atomics", Some("")),
            ("+v8a,-outline-atomics", None),
            ("+v8a", None),
            ("", None),
        ] {
            let left = without(features, "outline-atomics");
            assert_eq!(left.as_deref(), expected, "{features}");
        }
    }
}
