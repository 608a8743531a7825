//! What a linked program has of helpers: their code, and what refers to it. It is
//! linked with `--emit-relocs`, which keeps every relocation in it.
//!
//! Not here: whether there should be any.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use object::{
    Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionKind, SymbolKind,
};

/// What the examples' helpers are called, by the linker.
const PREFIX: &str = "rust_helper_";

/// Helpers of which there is code or a reference, with the number of references.
#[derive(Debug, Default)]
pub struct Calls(BTreeMap<String, u64>);

impl Calls {
    /// Reads a program.
    pub fn read(program: &Path) -> Result<Calls> {
        let data =
            std::fs::read(program).with_context(|| format!("reading {}", program.display()))?;
        Self::of(&data).with_context(|| format!("reading {}", program.display()))
    }

    fn of(data: &[u8]) -> Result<Calls> {
        let file = object::File::parse(data)?;
        let mut calls = BTreeMap::new();
        let mut symbols = HashSet::new();
        for symbol in file.symbols() {
            // A constant inside a helper is no call.
            let is_code = symbol.is_undefined() || symbol.kind() == SymbolKind::Text;
            if is_code && symbol.name()?.starts_with(PREFIX) {
                calls.insert(symbol.name()?.to_owned(), 0);
                symbols.insert(symbol.index());
            }
        }
        let mut relocations = 0;
        for section in file.sections() {
            let holds = [
                SectionKind::Text,
                SectionKind::Data,
                SectionKind::ReadOnlyData,
            ];
            let relro = section
                .name()
                .is_ok_and(|name| name.starts_with(".data.rel.ro"));
            if !holds.contains(&section.kind()) && !relro {
                continue;
            }
            for (_, relocation) in section.relocations() {
                relocations += 1;
                if let RelocationTarget::Symbol(index) = relocation.target() {
                    if symbols.contains(&index) {
                        let name = file.symbol_by_index(index)?.name()?;
                        *calls.entry(name.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        ensure!(
            relocations > 0,
            "it was linked without `--emit-relocs`: nothing can be said of its calls"
        );
        Ok(Calls(calls))
    }

    /// Whether no helper is there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there are helpers and all are referred to.
    pub fn are_made(&self) -> bool {
        !self.0.is_empty() && self.0.values().all(|&count| count > 0)
    }

    /// Adds those of another program.
    pub fn add(&mut self, other: Calls) {
        for (name, count) in other.0 {
            *self.0.entry(name).or_default() += count;
        }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.0.values().sum();
        write!(f, "{} helpers with {total} references", self.0.len())
    }
}
