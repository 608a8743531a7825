//! What all units together come to: which calls of helpers count, what has to be taken
//! from elsewhere, and what became of each helper.
//!
//! Plain data, no LLVM. Not here: what one unit says (`facts`).

use super::alive::Alive;
use super::facts::{Facts, HelperFacts, Left, Site, Symbol};
use super::job::Needed;
use crate::link::below::{self, LeftBelow};
use crate::link::count::demangle;
use crate::link::internalize::is_llvms_own;
use crate::link::job::{Cause, Harmonized, HelperOutcome, Import, RemainingCall};
use crate::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The units of a module: of helpers, of crates, and of libraries once they are there.
pub struct Account<'a> {
    helpers: &'a HelperFacts,
    units: Vec<&'a Facts>,
    exempt: BTreeSet<String>,
    alive: Alive,
}

impl<'a> Account<'a> {
    /// Puts the facts of all units together. `exempt` are helpers that may stay.
    #[must_use]
    pub fn of(
        helpers: &'a HelperFacts,
        units: impl IntoIterator<Item = &'a Facts>,
        exempt: BTreeSet<String>,
    ) -> Account<'a> {
        let units: Vec<&Facts> = helpers.units.iter().chain(units).collect();
        Account {
            alive: Alive::of(&units),
            helpers,
            units,
            exempt,
        }
    }

    /// Fails when a helper is called that no unit defines.
    ///
    /// # Errors
    /// [`Error::UndefinedHelpers`], with the callers.
    pub fn check(&self) -> Result<()> {
        let mut names = BTreeMap::new();
        let symbols = self.units.iter().flat_map(|unit| &unit.symbols);
        let defined = symbols.filter(|symbol| symbol.is_defined && !symbol.is_local);
        let defined: BTreeSet<&str> = defined.map(|symbol| symbol.name.as_str()).collect();
        for (number, unit) in self.units.iter().enumerate() {
            for symbol in self.alive.symbols(number, unit) {
                let missing = unit.missing.get(&symbol.name);
                // A Rust function may have such a name as well.
                if let Some(text) = missing.filter(|_| !defined.contains(symbol.name.as_str())) {
                    names.insert(symbol.name.clone(), text.clone());
                }
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        let names = names.into_values().collect();
        Err(Error::UndefinedHelpers { names })
    }

    /// The symbols that no unit defines, needed or not: a library that is linked may need
    /// what until then nothing did.
    #[must_use]
    pub fn undefined(&self) -> BTreeSet<Needed> {
        undefined(self.units.iter().flat_map(|unit| &unit.symbols))
    }

    /// Those of them that are alive.
    fn needed(&self) -> BTreeSet<String> {
        let units = self.units.iter().enumerate();
        let alive = units.flat_map(|(number, unit)| self.alive.symbols(number, unit));
        undefined(alive).into_iter().map(|n| n.name).collect()
    }

    /// The symbols that stay visible, sorted.
    #[must_use]
    pub fn exports(&self) -> BTreeSet<String> {
        let exports = self.units.iter().flat_map(|unit| &unit.exports);
        exports.cloned().collect()
    }

    /// Whether any unit's code has to be position-independent.
    #[must_use]
    pub fn pic(&self) -> bool {
        self.units.iter().any(|unit| unit.pic)
    }

    /// Who needs what from elsewhere, sorted by symbol.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        let needed = self.needed();
        let mut imports: BTreeMap<&str, Import> = BTreeMap::new();
        let all = self.units.iter().flat_map(|unit| &unit.imports);
        for import in all.filter(|import| needed.contains(&import.symbol)) {
            let merged = imports.entry(&import.symbol).or_insert_with(|| Import {
                symbol: import.symbol.clone(),
                users: Vec::new(),
            });
            merged.users.extend(import.users.iter().cloned());
        }
        let used: BTreeSet<&str> = self.sites().map(|site| site.helper.as_str()).collect();
        let mut imports: Vec<Import> = imports.into_values().collect();
        for import in &mut imports {
            let is_used = |user: &crate::link::job::ImportUser| {
                !user.helper || used.contains(user.function.as_str())
            };
            if import.users.iter().any(is_used) {
                import.users.retain(is_used);
            }
            import.users.sort();
            import.users.dedup();
        }
        imports
    }

    /// What was made equal in all units.
    #[must_use]
    pub fn harmonized(&self) -> Vec<Harmonized> {
        let mut order = Vec::new();
        let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for line in self.units.iter().flat_map(|unit| &unit.harmonized) {
            let key = (line.attribute.as_str(), line.action.as_str());
            if !sums.contains_key(&key) {
                order.push(key);
            }
            *sums.entry(key).or_default() += line.functions;
        }
        let line = |key: (&str, &str)| Harmonized {
            attribute: key.0.to_owned(),
            action: key.1.to_owned(),
            functions: sums[&key],
        };
        order.into_iter().map(line).collect()
    }

    /// What became of each helper, by what the optimizer left.
    #[must_use]
    pub fn outcomes(&self, left: &[Left], below: &[LeftBelow]) -> Vec<HelperOutcome> {
        let mut below = below::remaining(below, &self.helpers.wrapped);
        let mut sites: BTreeMap<&str, BTreeMap<&str, &Site>> = BTreeMap::new();
        for site in self.sites() {
            let of_helper = sites.entry(&site.helper).or_default();
            of_helper.insert(&site.number, site);
        }
        let none = BTreeMap::new();
        let mut outcome = |(name, bar): (&String, &Option<(Cause, Option<String>)>)| {
            let sites = sites.get(name.as_str()).unwrap_or(&none);
            let left = left.iter().filter(|left| left.helper == *name);
            let own = self.outcome(name, bar.as_ref(), sites, left);
            own.and_below(below.remove(name))
        };
        self.helpers.helpers.iter().map(&mut outcome).collect()
    }

    fn outcome<'l>(
        &self,
        name: &str,
        bar: Option<&(Cause, Option<String>)>,
        sites: &BTreeMap<&str, &Site>,
        left: impl Iterator<Item = &'l Left>,
    ) -> HelperOutcome {
        let exempt = self.exempt.contains(name);
        let mut stayed = BTreeSet::new();
        let mut remaining = Vec::new();
        for left in left {
            let site = left.number.as_deref().and_then(|n| sites.get(n).copied());
            let location = left.location.clone();
            let (cause, attribute) = match &left.number {
                None => (Cause::AddressTaken, None),
                Some(_) => {
                    let own = site.and_then(|site| site.bar.as_ref());
                    let default = match exempt {
                        true => Cause::Exempt,
                        false => Cause::NotInlinable,
                    };
                    let known = own.or(bar).cloned();
                    known.unwrap_or_else(|| (default, left.remark.clone()))
                }
            };
            let holder = left.holder.as_deref();
            remaining.push(RemainingCall {
                caller: holder.map_or_else(|| "(a constant)".to_owned(), demangle),
                location: location.or_else(|| site.and_then(|site| site.location.clone())),
                cause,
                attribute,
                callee: None,
            });
            stayed.extend(site.map(|site| site.number.as_str()));
        }
        remaining.sort_by(|a, b| (&a.caller, &a.location).cmp(&(&b.caller, &b.location)));
        HelperOutcome {
            name: name.to_owned(),
            call_sites: sites.len() as u64,
            inlined: (sites.len() - stayed.len()) as u64,
            remaining,
            exempt,
        }
    }

    /// The calls of helpers that are alive.
    fn sites(&self) -> impl Iterator<Item = &'a Site> {
        self.units.iter().enumerate().flat_map(|(number, unit)| {
            let alive = self.alive.symbols(number, unit);
            let alive: BTreeSet<&str> = alive.map(|symbol| symbol.name.as_str()).collect();
            let sites = unit.sites.iter();
            sites.filter(move |site| alive.contains(site.caller.as_str()))
        })
    }
}

/// Of symbols of several units, those that none defines.
fn undefined<'s>(symbols: impl Iterator<Item = &'s Symbol>) -> BTreeSet<Needed> {
    let mut defined = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for symbol in symbols {
        if symbol.is_defined {
            defined.insert(symbol.name.as_str());
        } else if !is_llvms_own(&symbol.name) {
            needed.insert(Needed {
                name: symbol.name.clone(),
                is_function: symbol.is_function,
            });
        }
    }
    needed.retain(|needed| !defined.contains(needed.name.as_str()));
    needed
}
