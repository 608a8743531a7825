//! What is damaged, and how many of each ended how.

use super::trial::Ending;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Helpers,
    Module,
    Library,
    Core,
    Manifest,
    Job,
    Unit,
}

impl Subject {
    /// In the proportions in which they are damaged; `core` is large.
    pub const ALL: &[Subject] = {
        use Subject::*;
        &[
            Helpers, Helpers, Helpers, Helpers, Helpers, Helpers, Helpers, Module, Module, Module,
            Module, Module, Module, Library, Library, Library, Core, Manifest, Manifest, Manifest,
            Manifest, Manifest, Job, Job, Job, Unit, Unit, Unit, Unit,
        ]
    };

    pub fn name(self) -> &'static str {
        match self {
            Subject::Helpers => "bitcode of helpers",
            Subject::Module => "bitcode of a crate",
            Subject::Library => "rlib with bitcode",
            Subject::Core => "core's rlib",
            Subject::Manifest => "hand-off manifest",
            Subject::Job => "job file of the child",
            Subject::Unit => "crate by crate",
        }
    }
}

/// How many inputs ended how.
#[derive(Default, Serialize, Deserialize)]
pub struct Totals {
    pub inputs: u64,
    pub faults: u64,
    /// By what was damaged and how it ended.
    endings: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Totals {
    pub fn add(&mut self, subject: Subject, ending: &Ending) {
        self.inputs += 1;
        self.faults += u64::from(ending.is_err());
        let ending = ending.as_ref().map_or("FAULT", |ending| ending);
        let endings = self.endings.entry(subject.name().to_owned()).or_default();
        *endings.entry((*ending).to_owned()).or_default() += 1;
    }

    /// Adds those of another run.
    pub fn merge(&mut self, other: &Totals) {
        self.inputs += other.inputs;
        self.faults += other.faults;
        for (subject, endings) in &other.endings {
            let own = self.endings.entry(subject.clone()).or_default();
            for (ending, inputs) in endings {
                *own.entry(ending.clone()).or_default() += inputs;
            }
        }
    }

    /// A Markdown table of what became of each kind of input.
    pub fn table(&self) -> String {
        let mut text = String::from("| input | ended | inputs |\n|---|---|---|\n");
        for (subject, endings) in &self.endings {
            for (ending, inputs) in endings {
                text += &format!("| {subject} | {ending} | {inputs} |\n");
            }
        }
        text
    }
}
