//! The helpers' names in a report: as in C, with the crate where two have one name.
//!
//! Not here: what the proof goes by, which is symbols (`object`).

use super::listing::Listings;
use super::report::{Report, label};
use crate::manifest::Manifest;
use std::collections::{BTreeMap, BTreeSet};

/// How helpers are told, by symbol; of those that are told by their symbol there is none.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, Name>);

/// A helper as it is told.
struct Name {
    in_c: String,
    /// Its crate, if another's helper has the same name.
    package: Option<String>,
}

impl Name {
    fn label(&self) -> String {
        label(&self.in_c, self.package.as_deref())
    }
}

impl Names {
    pub(crate) fn of<'a>(manifests: impl IntoIterator<Item = &'a Manifest>) -> Names {
        let mut owners: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for manifest in manifests {
            for (symbol, name) in &manifest.c_names {
                let owner = (manifest.package.as_str(), symbol.as_str());
                owners.entry(name).or_default().push(owner);
            }
        }
        let mut names = BTreeMap::new();
        for (name, owners) in owners {
            let packages: BTreeSet<&str> = owners.iter().map(|owner| owner.0).collect();
            for (package, symbol) in &owners {
                let package = match (owners.len(), packages.len() == owners.len()) {
                    (1, _) => None,
                    (_, true) => Some(*package),
                    // Two versions of one: what is behind the name tells builds apart.
                    (_, false) => symbol.strip_prefix(name).map(|s| s.trim_start_matches('_')),
                };
                let told = Name {
                    in_c: name.to_owned(),
                    package: package.map(str::to_owned),
                };
                names.insert((*symbol).to_owned(), told);
            }
        }
        Names(names)
    }

    /// One word for each helper, by symbol.
    #[cfg(any(test, feature = "wrapper"))]
    pub(crate) fn labels(&self) -> impl Iterator<Item = (String, String)> {
        let names = self.0.iter();
        names.map(|(symbol, name)| (symbol.clone(), name.label()))
    }

    fn put_for(&self, text: &mut String) {
        if let Some(name) = self.0.get(text.as_str()) {
            *text = name.label();
        }
    }

    /// Has a report name helpers so.
    pub(crate) fn put_in(&self, report: &mut Report, listings: Option<&mut Listings>) {
        for helper in &mut report.helpers {
            if let Some(name) = self.0.get(&helper.name) {
                helper.name.clone_from(&name.in_c);
                helper.package.clone_from(&name.package);
            }
        }
        report
            .helpers
            .sort_by(|a, b| (&a.name, &a.package).cmp(&(&b.name, &b.package)));
        let object = &mut report.object;
        let calls = std::mem::take(&mut object.helper_calls);
        object.helper_calls = self.keyed(calls);
        for function in &mut object.functions {
            self.put_for(&mut function.symbol);
            self.put_for(&mut function.name);
        }
        for call in report.sites.iter_mut().flat_map(|sites| &mut sites.calls) {
            self.put_for(&mut call.helper);
            self.put_for(&mut call.caller);
        }
        if let Some(comparison) = &mut report.comparison {
            for function in &mut comparison.functions {
                self.put_for(&mut function.symbol);
                self.put_for(&mut function.name);
            }
            for call in &mut comparison.calls {
                self.put_for(&mut call.helper);
                self.put_for(&mut call.caller);
            }
        }
        if let Some(listings) = listings {
            for call in &mut listings.calls {
                self.put_for(&mut call.helper);
                self.put_for(&mut call.caller);
            }
            let helpers = std::mem::take(&mut listings.helpers);
            listings.helpers = self.keyed(helpers);
        }
    }

    fn keyed<T>(&self, by_symbol: BTreeMap<String, T>) -> BTreeMap<String, T> {
        let told = by_symbol.into_iter().map(|(mut symbol, value)| {
            self.put_for(&mut symbol);
            (symbol, value)
        });
        told.collect()
    }
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
    fn helpers_of_one_name_are_told_with_their_crate() {
        let told = |manifests: &[Manifest]| -> Vec<String> {
            Names::of(manifests)
                .labels()
                .map(|(_, label)| label)
                .collect()
        };
        let [a, b] = ["a", "b"].map(|p| manifest(p, &format!("h_x__{p}_1")));
        assert_eq!(told(std::slice::from_ref(&a)), ["h_x"]);
        assert_eq!(told(&[a.clone(), b]), ["h_x (a)", "h_x (b)"]);
        // Two versions of one.
        let before = manifest("a", "h_x__a_2");
        assert_eq!(told(&[a, before]), ["h_x (a_1)", "h_x (a_2)"]);
        assert_eq!(told(&[manifest("a", "h_x")]), [""; 0]);
    }
}
