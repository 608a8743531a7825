//! What of all units is reached from what a module exports.
//!
//! The thin link finds the same, and does not tell; here it decides which calls of helpers
//! count. Not here: what refers to what in one unit (`references`).

use super::facts::{Facts, Symbol};
use std::collections::HashMap;

/// The symbols of each unit that are alive.
pub(super) struct Alive(Vec<Vec<bool>>);

impl Alive {
    /// Follows references from the exports and from what is kept.
    pub(super) fn of(units: &[&Facts]) -> Alive {
        let mut definers: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        let mut alive: Vec<Vec<bool>> = Vec::new();
        let mut next = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            alive.push(vec![false; unit.symbols.len()]);
            for (place, symbol) in unit.symbols.iter().enumerate() {
                if symbol.is_defined && !symbol.is_local {
                    definers
                        .entry(&symbol.name)
                        .or_default()
                        .push((number, place));
                }
                let is_root = symbol.is_kept || unit.exports.contains(&symbol.name);
                if is_root && symbol.is_defined {
                    next.push((number, place));
                }
            }
        }
        while let Some((number, place)) = next.pop() {
            if std::mem::replace(&mut alive[number][place], true) {
                continue;
            }
            let symbol = &units[number].symbols[place];
            next.extend(symbol.references.iter().map(|to| (number, *to as usize)));
            if !symbol.is_local {
                next.extend(definers.get(symbol.name.as_str()).into_iter().flatten());
            }
        }
        Alive(alive)
    }

    /// The symbols of a unit that are alive.
    pub(super) fn symbols<'f>(
        &self,
        number: usize,
        unit: &'f Facts,
    ) -> impl Iterator<Item = &'f Symbol> {
        let alive = self.0[number].iter();
        let symbols = unit.symbols.iter().zip(alive);
        symbols.filter_map(|(symbol, alive)| alive.then_some(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, is_defined: bool, references: &[u32]) -> Symbol {
        Symbol {
            name: name.into(),
            is_function: true,
            is_defined,
            is_local: name.starts_with('.'),
            is_kept: false,
            references: references.to_vec(),
        }
    }

    #[test]
    fn what_is_exported_keeps_what_it_reaches_in_all_units() {
        let first = Facts {
            symbols: vec![
                symbol("init", true, &[1, 2]),
                symbol(".local", true, &[]),
                symbol("other", false, &[]),
                symbol("unused", true, &[4]),
                symbol("far", false, &[]),
            ],
            exports: vec!["init".into()],
            ..Facts::default()
        };
        let second = Facts {
            symbols: vec![
                symbol("other", true, &[2]),
                symbol("far", true, &[]),
                // Another's of the same name.
                symbol(".local", true, &[]),
            ],
            ..Facts::default()
        };
        let units = [&first, &second];
        let alive = Alive::of(&units);
        let names = |number: usize| -> Vec<&str> {
            let symbols = alive.symbols(number, units[number]);
            symbols.map(|symbol| symbol.name.as_str()).collect()
        };
        assert_eq!(names(0), ["init", ".local", "other"]);
        assert_eq!(names(1), ["other", ".local"]);
    }
}
