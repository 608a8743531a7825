//! Whether each helper has a symbol of its own among all crates of a program.
//!
//! Not here: how helpers are told apart in a report (`names`).

use crate::Error;
use crate::manifest::Manifest;
use std::collections::BTreeMap;

/// Fails when two crates define a helper under one symbol: a linker would take the first
/// for both.
///
/// # Errors
/// [`Error::EqualNames`], with both crates.
pub(crate) fn check_equal<'a>(
    manifests: impl IntoIterator<Item = &'a Manifest>,
) -> Result<(), Error> {
    let mut owners: BTreeMap<&str, &Manifest> = BTreeMap::new();
    for manifest in manifests {
        let fixed = |symbol: &&String| !manifest.replaceable.contains(*symbol);
        for symbol in manifest.helpers.iter().filter(fixed) {
            match owners.insert(symbol, manifest) {
                Some(other) if other.archive != manifest.archive => {
                    return Err(Error::EqualNames {
                        name: symbol.clone(),
                        packages: [other.package.clone(), manifest.package.clone()],
                    });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest of a helper `h_x` with this symbol.
    fn manifest(package: &str, symbol: &str) -> Manifest {
        let mut value = serde_json::json!({
            "version": 1, "package": package, "target": "t", "prefix": "h_",
            "helpers": [symbol], "exempt": [], "flags": [],
            "archive": format!("{symbol}.a"), "bitcode": "h.bc", "clang": null, "kernel": null,
        });
        if symbol != "h_x" {
            value["c_names"] = serde_json::json!({ symbol: "h_x" });
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn one_symbol_in_two_crates_is_an_error_that_names_both() {
        let [a, mut b] = [manifest("a", "h_x"), manifest("b", "h_x")];
        // The same manifest twice is one crate.
        check_equal([&a, &a]).unwrap();
        b.archive = "other.a".into();
        let error = check_equal([&a, &b]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(
            text.starts_with("`a` and `b` each have a helper of the symbol `h_x`"),
            "{text}"
        );
        assert!(text.contains("Helpers::keep_c_names"), "{text}");
        check_equal([&manifest("a", "h_x__a_1"), &b]).unwrap();
        b.replaceable = vec!["h_x".into()];
        check_equal([&a, &b]).unwrap();
    }
}
