//! Structures that bindgen declares as bytes or by a stand-in: right behind a
//! pointer, but passed in other registers by value.
//!
//! Not here: types of C that no declaration passes rightly (`refuse`).

use super::refuse::Refusal;
use std::collections::{BTreeMap, BTreeSet};

/// What shows in a declaration that its fields are not C's.
const SIGNS: [&str; 3] = [
    "_bindgen_opaque_blob",
    "bindgen_union_field",
    "__BindgenOpaqueArray",
];

/// The helpers that pass such a structure, and why each is refused; `passes` has the
/// names of those that each passes by value.
pub(in crate::build) fn refused<'a>(
    bindings: &str,
    passes: impl Iterator<Item = (&'a str, &'a [String])>,
) -> Vec<(&'a str, Refusal)> {
    let bodies = bodies(bindings);
    let refusal = |types: &[String]| {
        let mut all = types.iter();
        let (ty, opaque) = all.find_map(|ty| Some((ty, opaque_within(ty, &bodies)?)))?;
        Some(Refusal {
            reason: format!(
                "it passes or returns `{ty}` by value, of which bindgen declares `{opaque}` \
                 as mere bytes: Rust passes those otherwise than C"
            ),
            mend: "let bindgen see its fields (no `opaque_type`), or pass a pointer: in a helper, \
                   or by `Helpers::wrap_expression`"
                .into(),
        })
    };
    passes
        .filter_map(|(helper, types)| Some((helper, refusal(types)?)))
        .collect()
}

/// The name of an opaque type among a type and what it holds.
fn opaque_within<'a>(ty: &'a str, bodies: &BTreeMap<&'a str, &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        let Some((name, body)) = bodies.get_key_value(ty) else {
            continue;
        };
        if !seen.insert(*name) {
            continue;
        }
        if SIGNS.iter().any(|sign| body.contains(sign)) {
            return Some(name);
        }
        // What stands behind a pointer is not passed.
        let fields = body.lines().filter(|line| !line.contains('*'));
        open.extend(
            fields.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_'))),
        );
    }
    None
}

/// The bodies of all structures and unions by name, and what types are called
/// otherwise.
fn bodies(bindings: &str) -> BTreeMap<&str, &str> {
    let mut bodies = BTreeMap::new();
    let mut at = 0;
    for line in bindings.split_inclusive('\n') {
        let rest = &bindings[at..];
        at += line.len();
        let declared = ["struct", "union", "type"].iter().find_map(|word| {
            let rest = line.strip_prefix("pub ")?.strip_prefix(word)?;
            rest.strip_prefix(' ')
        });
        if let Some(declared) = declared {
            let end = declared.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let closing = if line.trim_end().ends_with('{') {
                "\n}"
            } else {
                "\n"
            };
            let length = rest.find(closing).unwrap_or(rest.len());
            bodies.insert(&declared[..end.unwrap_or(declared.len())], &rest[..length]);
        }
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_through_fields_and_names_but_not_behind_pointers() {
        let bindings = "\
#[repr(C)]
pub struct inner {
    pub _bindgen_opaque_blob: [u64; 2usize],
}
pub type other = inner;
pub struct outer {
    pub first: other,
}
pub struct pointing {
    pub first: *mut inner,
    pub whole: whole,
}
pub union whole {
    pub a: f32,
}
";
        let refused = |ty: &str| {
            let types = [ty.to_owned()];
            let refused = refused(bindings, [("f", types.as_slice())].into_iter());
            refused.into_iter().next().map(|(_, refusal)| refusal)
        };
        assert_eq!((refused("pointing"), refused("missing")), (None, None));
        expect_test::expect!["it passes or returns `outer` by value, of which bindgen declares `inner` as mere bytes: Rust passes those otherwise than C"].assert_eq(&refused("outer").unwrap().reason);
    }
}
