//! What is told of helpers by their C names, though another symbol is the linker's.
//!
//! Not here: which symbol a helper has (`build::symbols`), or how a report tells helpers of
//! equal names apart (`prove::names`).

use super::job::{Failure, HelperInput, Outcome};
use std::collections::BTreeMap;

/// The C names of the helpers that have another symbol, by symbol.
pub(crate) struct CNames<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> CNames<'a> {
    pub(crate) fn of(helpers: impl IntoIterator<Item = &'a HelperInput>) -> CNames<'a> {
        let names = helpers.into_iter().flat_map(|helper| &helper.c_names);
        CNames(names.map(|(s, n)| (s.as_str(), n.as_str())).collect())
    }

    /// The symbols and C names of those that share theirs with none.
    pub(crate) fn alone(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in self.0.values() {
            *counts.entry(name).or_default() += 1;
        }
        let names = self.0.iter().map(|(symbol, name)| (*symbol, *name));
        names.filter(move |(_, name)| counts[name] == 1)
    }

    /// Puts C names into a text in the places of symbols.
    fn put_in(&self, text: &mut String) {
        for (symbol, name) in &self.0 {
            if text.contains(symbol) {
                *text = text.replace(symbol, name);
            }
        }
    }

    /// The same where a text is at most a symbol.
    fn put_for(&self, text: &mut String) {
        if let Some(name) = self.0.get(text.as_str()) {
            (*name).clone_into(text);
        }
    }

    /// Has an outcome name callers and users as in C. The helpers themselves keep their
    /// symbols, by which the object is read.
    pub(crate) fn put_in_outcome(&self, outcome: &mut Outcome) {
        for call in outcome.helpers.iter_mut().flat_map(|h| &mut h.remaining) {
            self.put_for(&mut call.caller);
            call.attribute.iter_mut().for_each(|text| self.put_in(text));
        }
        for user in outcome.imports.iter_mut().flat_map(|i| &mut i.users) {
            self.put_for(&mut user.function);
            user.through.iter_mut().for_each(|name| self.put_for(name));
        }
        for line in &mut outcome.harmonized {
            self.put_in(&mut line.attribute);
            self.put_in(&mut line.action);
        }
    }

    /// Has a failure name helpers as in C.
    pub(super) fn put_in_failure(&self, mut failure: Failure) -> Failure {
        match &mut failure {
            Failure::Link { reason, .. } => self.put_in(reason),
            Failure::UndefinedHelpers { names } => names.iter_mut().for_each(|n| self.put_in(n)),
            _ => {}
        }
        failure
    }
}
