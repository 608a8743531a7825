//! What came of the requests: wrappers, constants, and what is refused.
//!
//! Not here: making them.

use super::constant::Constant;
use super::emit::{self, Item, Text};
use super::opaque;
use super::refuse::Refusal;
use crate::manifest::Refused;
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// What came of the requests.
#[derive(Default)]
pub(in crate::build) struct Wrapped {
    pub(super) items: Vec<Item>,
    /// Inline functions that need a definition for the linker.
    pub(super) external: Vec<String>,
    pub constants: Vec<Constant>,
    pub(super) refusals: Refusals,
}

impl Wrapped {
    /// Whether nothing is wrapped that has to be compiled.
    pub(in crate::build) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The C file.
    pub(in crate::build) fn text(&self) -> String {
        self.lines().text
    }

    fn lines(&self) -> Text {
        let mut text = Text::new();
        for (number, item) in self.items.iter().enumerate() {
            text.push_of(number, &emit::function(item));
        }
        text.push(&emit::definitions(&self.external));
        text
    }

    /// The Rust name of each symbol.
    pub(in crate::build) fn names(&self) -> BTreeMap<String, String> {
        let names = self.items.iter();
        names
            .map(|item| (item.symbol.clone(), item.name.clone()))
            .collect()
    }

    /// What each symbol stands for.
    pub(in crate::build) fn of(&self) -> BTreeMap<String, String> {
        let of = self.items.iter();
        of.map(|item| (item.symbol.clone(), item.of.clone()))
            .collect()
    }

    /// Refuses wrappers of which these bindings declare an argument as mere bytes.
    pub(in crate::build) fn check(&self, bindings: &str) -> Result<()> {
        let items = self.items.iter();
        let items = items.map(|item| (item.name.as_str(), item.records.as_slice()));
        match opaque::refused(bindings, items).into_iter().next() {
            Some((name, Refusal { reason, mend })) => Err(Error::CannotWrap {
                name: name.to_owned(),
                reason,
                mend,
            }),
            None => Ok(()),
        }
    }

    /// Says that a helper of the author's is not declared, and lists it.
    pub(in crate::build) fn refuse(&mut self, helper: &str, place: &str, refusal: &Refusal) {
        let Refusal { reason, mend } = refusal;
        println!("cargo::warning=`{helper}` ({place}) is not declared: {reason}; {mend}");
        self.refusals.note(helper, refusal.clone());
    }

    /// What patterns matched and is not wrapped.
    pub(in crate::build) fn refused(&self) -> &[Refused] {
        &self.refusals.skipped
    }

    /// Takes out what a failed compilation complains of in `file`, which holds the
    /// text; whether there was any such. Parsing alone does not show all: whether a
    /// function may be inlined here, by its instruction set, is decided later.
    pub(in crate::build) fn blame(&mut self, messages: &str, file: &Path) -> Result<bool> {
        let lines = self.lines();
        let file = format!("{}:", file.display());
        let mut blamed: BTreeMap<usize, String> = BTreeMap::new();
        for message in messages.lines() {
            let Some((place, words)) = message.split_once(": error: ") else {
                continue;
            };
            let place = place.rsplit_once(&file).map(|(_, place)| place);
            let line = place.and_then(|p| p.split(':').next()?.parse().ok());
            if let Some(owner) = line.and_then(|line| lines.owner(line)) {
                blamed.entry(owner).or_insert_with(|| words.to_owned());
            }
        }
        for (number, words) in blamed.iter().rev() {
            let item = self.items.remove(*number);
            let mend = match words.contains("target feature") {
                true => {
                    "give its flag, such as `-mavx2`, to `Helpers::flag` if every machine has it"
                }
                false => item.mend,
            };
            let refusal = Refusal::clang(words, mend);
            self.refusals
                .add(&item.name, item.by_pattern, &item.place, refusal)?;
        }
        Ok(!blamed.is_empty())
    }
}

/// Something that was asked for and is refused.
#[derive(Default)]
pub(super) struct Refusals {
    skipped: Vec<Refused>,
}

impl Refusals {
    /// An error for what was asked for by its name, a warning for what a pattern
    /// happened to match.
    pub(super) fn add(
        &mut self,
        name: &str,
        by_pattern: bool,
        place: &str,
        refusal: Refusal,
    ) -> Result<()> {
        let Refusal { reason, mend } = refusal;
        if !by_pattern {
            return Err(Error::CannotWrap {
                name: name.to_owned(),
                reason,
                mend,
            });
        }
        println!("cargo::warning=`{name}` ({place}) is not wrapped: {reason}; {mend}");
        self.note(name, Refusal { reason, mend });
        Ok(())
    }

    /// Lists it without a warning.
    pub(super) fn note(&mut self, name: &str, refusal: Refusal) {
        self.skipped.push(Refused {
            name: name.to_owned(),
            reason: refusal.reason,
        });
    }
}
