//! What the children answer: what a unit defines, needs and calls.
//!
//! Plain data, as JSON. Not here: what follows from all units together (`account`,
//! `alive`).

use crate::link::below::{LeftBelow, WrappedCall};
use crate::link::job::{Cause, Harmonized, Import};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a unit before the thin link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its functions and variables, defined and declared.
    pub symbols: Vec<Symbol>,
    /// Its calls of helpers.
    pub sites: Vec<Site>,
    /// Names that calls of another type call instead of their helper's, each with the
    /// helper.
    pub hidden: BTreeMap<String, String>,
    /// Helpers that it calls and nothing defines, each with its callers.
    pub missing: BTreeMap<String, String>,
    /// Symbols that it takes from elsewhere.
    pub imports: Vec<Import>,
    /// Its definitions that stay visible.
    pub exports: Vec<String>,
    /// Whether its code is to be position-independent.
    pub pic: bool,
    /// What was made equal, and how.
    pub harmonized: Vec<Harmonized>,
}

/// A function or variable of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// Whether it is a function.
    pub is_function: bool,
    /// Whether the unit defines it.
    pub is_defined: bool,
    /// Whether no other unit sees it.
    pub is_local: bool,
    /// Whether it stays though nothing uses it.
    pub is_kept: bool,
    /// What it refers to, by place in the list.
    pub references: Vec<u32>,
}

/// A call of a helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The helper.
    pub helper: String,
    /// The call's number, one of its kind among all calls of the helper.
    pub number: String,
    /// The function that holds it.
    pub caller: String,
    /// `file:line:column`, where line tables say so.
    pub location: Option<String>,
    /// Why it stays, if it must.
    pub bar: Option<(Cause, Option<String>)>,
}

/// What is known of all helpers of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperFacts {
    /// The units, in the order of the job's.
    pub units: Vec<Facts>,
    /// The target triple of the C build.
    pub triple: String,
    /// The C build's code model, as clang's `-mcmodel` has it, if it is not the default.
    pub code_model: Option<String>,
    /// Every helper, and why all of its calls stay, if they must.
    pub helpers: BTreeMap<String, Option<(Cause, Option<String>)>>,
    /// The calls in wrappers, by their marks.
    pub wrapped: BTreeMap<String, WrappedCall>,
    /// What the final linker may take other definitions of.
    pub replaceable: BTreeSet<String>,
}

/// What was compiled of the helpers that are still needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestFacts {
    /// Helpers' calls of helpers that stayed.
    pub left: Vec<Left>,
    /// Calls of what helpers stand for, in other helpers.
    pub below: Vec<LeftBelow>,
}

/// What the optimizer left, in each unit that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyFacts {
    /// Calls and other uses of helpers.
    pub left: Vec<Left>,
    /// Calls of what helpers stand for.
    pub below: Vec<LeftBelow>,
}

/// A call or another use of a helper that the optimizer left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The helper.
    pub helper: String,
    /// The call's number; `None` where the helper's address is used.
    pub number: Option<String>,
    /// The function that holds it; `None` for a constant.
    pub holder: Option<String>,
    /// `file:line:column`, where line tables say so.
    pub location: Option<String>,
    /// Why LLVM did not inline it, in its own words.
    pub remark: Option<String>,
}
