//! Giving Rust's functions what the C build gives every function: its target
//! features, its assumptions and its mitigations.
//!
//! `alwaysinline` would inline across any difference; so it comes after this,
//! never instead of it. Which attribute is treated how is in `table`. Not here:
//! module flags (`flags`).

mod features;
mod flags;
mod floats;
mod hosted;
mod instrumented;
mod properties;
mod table;
mod unoptimized;

pub(super) use flags::{apply_flags, code_model, flags_differ, is_needless_warning, is_pic};
pub(super) use floats::allow_non_finite;
pub(super) use hosted::drop_hosted_features;
pub(super) use properties::{check_layout, linkage, triple};
use table::ROWS;

use super::job::Harmonized;
use super::llvm::{AttributeKey, AttributeList, AttributeValue, Function, Module};
use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is done when C and Rust differ in an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Rust's functions get C's value; what only Rust has stays.
    Adopt,
    /// Rust's functions get C's value, or lose theirs when C has none.
    Mirror,
    /// C's features replace Rust's, except the soft-float ABI, which decides
    /// how rustc passes floats.
    Features,
    /// A helper that has it is called where its caller has it not.
    Keep,
    /// As `Keep`, unless clang's passes have done what it asks for: then it is taken off.
    Instrument,
    /// A helper is called where its caller has another mode.
    Denormals,
}

/// Who decides how code is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A kernel's own build: its instruction set, frames and entries are the law
    /// for every function of a module.
    Kernel,
    /// The Rust build; helpers are guests and bring their mitigations and
    /// assumptions, but no instruction set.
    Rust,
}

/// One unit of helpers.
pub(super) struct Unit<'m> {
    /// Its bitcode file.
    pub(super) input: &'m str,
    pub(super) baseline: Function<'m>,
    pub(super) helpers: Vec<Function<'m>>,
}

/// The attributes that the C build gives its functions.
pub(super) struct Profile {
    /// What the C build gives, for each attribute that matters.
    values: BTreeMap<AttributeKey, Option<AttributeValue>>,
    /// Whose code it is that the C build compiles.
    side: Side,
    /// How often each attribute was changed, for the report.
    changes: BTreeMap<(String, String), u64>,
    /// What was found out for a set of attributes: a module has thousands of
    /// functions and calls, and few sets.
    edits: HashMap<AttributeList, Vec<Edit>>,
    conflicts: RefCell<HashMap<[AttributeList; 2], Option<String>>>,
}

/// One change of a Rust function's attributes.
struct Edit {
    key: AttributeKey,
    /// `None` to remove it.
    value: Option<AttributeValue>,
}

impl Edit {
    fn action(&self) -> String {
        match &self.value {
            Some(value) => format!("adopted from C: {value}"),
            None => "removed, as in C".to_owned(),
        }
    }
}

impl Profile {
    /// Reads the profile off the function that each helper unit has for it
    /// ([`BASELINE`](crate::manifest::BASELINE)).
    ///
    /// The error names an attribute that cannot be served, and why.
    pub(super) fn of(units: &[Unit<'_>], side: Side) -> Result<Profile, String> {
        let (first, others) = units.split_first().expect("a link has helpers");
        let mut values = BTreeMap::new();
        for key in keys(units) {
            let value = first.baseline.attribute(&key);
            // A guest's own instruction set and frames are no law for other guests.
            let is_law = side == Side::Kernel || rule_of(&key) == Rule::Adopt;
            for other in others.iter().filter(|_| is_law) {
                let differs = other.baseline.attribute(&key);
                if differs != value {
                    return Err(format!(
                        "the helpers of `{}` and of `{}` are compiled with different `{}` ({} and {}); \
                         give both the same flags",
                        first.input,
                        other.input,
                        key.name(),
                        show(value.as_ref()),
                        show(differs.as_ref()),
                    ));
                }
            }
            values.insert(key, value);
        }
        Ok(Profile {
            values,
            side,
            changes: BTreeMap::new(),
            edits: HashMap::new(),
            conflicts: RefCell::default(),
        })
    }

    /// Gives the functions that a Rust module defines the profile's attributes.
    pub(super) fn apply(&mut self, module: &Module<'_>) {
        let defined = module
            .functions()
            .into_iter()
            .filter(|f| !f.global().is_declaration());
        for function in defined {
            let list = function.attribute_list();
            let edits = match self.edits.entry(list) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(edits(&self.values, self.side, function)),
            };
            for edit in edits {
                match &edit.value {
                    Some(value) => function.set_attribute(&edit.key, value),
                    None => function.remove_attribute(&edit.key),
                }
                *self
                    .changes
                    .entry((edit.key.name().to_owned(), edit.action()))
                    .or_default() += 1;
            }
        }
    }

    /// Gives helpers' functions the spelling of the features that Rust's got, so
    /// that LLVM sets up one subtarget for the module, not two. It differs from
    /// C's in Rust's soft-float ABI alone, and a kernel's helpers have no floats.
    pub(super) fn share_features(&self, helpers: &Module<'_>) {
        let key = AttributeKey::String(features::KEY.into());
        let in_c = self.values.get(&key).and_then(Option::as_ref);
        let edits = self.edits.values().flatten();
        let shared = edits.filter(|edit| edit.key == key);
        // One of them for every link of the same inputs, should there be several.
        let Some(shared) = shared.filter_map(|edit| edit.value.as_ref()).max() else {
            return;
        };
        for function in helpers.functions() {
            if !function.global().is_declaration() && function.attribute(&key).as_ref() == in_c {
                function.set_attribute(&key, shared);
            }
        }
    }

    /// The first attribute in which a helper differs from its caller so that
    /// inlining would be unsound, as `name: C has …, the caller has …`.
    pub(super) fn conflict(&self, helper: Function<'_>, caller: Function<'_>) -> Option<String> {
        let pair = [helper.attribute_list(), caller.attribute_list()];
        let mut conflicts = self.conflicts.borrow_mut();
        let known = conflicts.entry(pair);
        known
            .or_insert_with(|| self.find_conflict(helper, caller))
            .clone()
    }

    fn find_conflict(&self, helper: Function<'_>, caller: Function<'_>) -> Option<String> {
        let difference = self.values.keys().find_map(|key| {
            let (in_c, in_caller) = (helper.attribute(key), caller.attribute(key));
            let lost = match rule_of(key) {
                Rule::Denormals => floats::denormals_differ(key, helper, caller),
                rule => in_c != in_caller && loses_by_inlining(rule, in_c.as_ref()),
            };
            lost.then(|| {
                let (in_c, in_caller) = (show(in_c.as_ref()), show(in_caller.as_ref()));
                let both = format!("{}: C has {in_c}, the caller has {in_caller}", key.name());
                match row_of(key) {
                    Some(row) if row.rule != Rule::Adopt => format!("{both} ({})", row.reason),
                    _ => both,
                }
            })
        });
        if difference.is_some() {
            return difference;
        }
        let missing = features::effective(&helper)
            .difference(&features::effective(&caller))
            .map(|feature| format!("+{feature}"))
            .collect::<Vec<_>>();
        (!missing.is_empty()).then(|| {
            let missing = missing.join(",");
            format!("target-features: C has `{missing}`, which the caller has not")
        })
    }

    /// Every change, for the report.
    pub(super) fn harmonized(&self) -> Vec<Harmonized> {
        self.changes
            .iter()
            .map(|((attribute, action), functions)| Harmonized {
                attribute: attribute.clone(),
                action: action.clone(),
                functions: *functions,
            })
            .collect()
    }
}

/// The changes that give a Rust function what the C build gives its own.
fn edits(
    values: &BTreeMap<AttributeKey, Option<AttributeValue>>,
    side: Side,
    function: Function<'_>,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (key, wanted) in values {
        let rule = rule_of(key);
        if side == Side::Rust && rule != Rule::Adopt {
            continue;
        }
        let present = function.attribute(key);
        match target(rule, present.as_ref(), wanted.as_ref()) {
            Some(value) if value != present => edits.push(Edit {
                key: key.clone(),
                value,
            }),
            _ => {}
        }
    }
    edits
}

/// What a Rust function's attribute becomes: `None` to leave it alone.
fn target(
    rule: Rule,
    present: Option<&AttributeValue>,
    in_c: Option<&AttributeValue>,
) -> Option<Option<AttributeValue>> {
    match (rule, in_c) {
        (Rule::Keep | Rule::Instrument | Rule::Denormals, _) | (Rule::Adopt, None) => None,
        (Rule::Adopt | Rule::Mirror, Some(value)) => Some(Some(value.clone())),
        (Rule::Mirror, None) => Some(None),
        (Rule::Features, _) => {
            let merged = features::for_kernel(in_c, present);
            Some((!merged.is_empty()).then_some(AttributeValue::String(merged)))
        }
    }
}

/// Whether inlining a helper into a caller that differs in an attribute would
/// lose a mitigation or an assumption of the helper's. Instruction sets are
/// compared as such (`features`).
fn loses_by_inlining(rule: Rule, in_c: Option<&AttributeValue>) -> bool {
    match rule {
        Rule::Adopt | Rule::Keep | Rule::Instrument => in_c.is_some(),
        // Entry, frame and unwinding of the helper's own function vanish with it.
        Rule::Mirror | Rule::Features | Rule::Denormals => false,
    }
}

/// Takes off the functions of a unit of helpers what need not keep them from being inlined:
/// what its flags give every one, and what asked for something that was done. Returns lines
/// for the report.
pub(super) fn allow_inlining(module: &Module<'_>, baseline: Function<'_>) -> Vec<Harmonized> {
    let mut harmonized = unoptimized::settle(module, baseline);
    harmonized.extend(instrumented::settle(module, baseline));
    floats::settle(module);
    harmonized
}

/// Returns true if a function must not be inlined into another of its own unit.
pub(super) fn is_kept_apart(function: Function<'_>, caller: Function<'_>) -> bool {
    let kept = ROWS
        .iter()
        .filter(|row| matches!(row.rule, Rule::Keep | Rule::Instrument));
    kept.map(key_of)
        .any(|key| function.attribute(&key).is_some() && caller.attribute(&key).is_none())
}

fn rule_of(key: &AttributeKey) -> Rule {
    row_of(key).map_or(Rule::Adopt, |row| row.rule)
}

fn row_of(key: &AttributeKey) -> Option<&'static table::Row> {
    ROWS.iter().find(|row| row_matches(row, key))
}

fn row_matches(row: &table::Row, key: &AttributeKey) -> bool {
    match key {
        AttributeKey::Enum(name) => row.is_enum && row.name == *name,
        AttributeKey::String(name) => {
            !row.is_enum
                && match row.name.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix),
                    None => row.name == name,
                }
        }
    }
}

fn key_of(row: &table::Row) -> AttributeKey {
    if row.is_enum {
        AttributeKey::Enum(row.name)
    } else {
        AttributeKey::String(row.name.to_owned())
    }
}

/// The attribute of each row; a row with `*` stands for those that units have.
fn keys(units: &[Unit<'_>]) -> BTreeSet<AttributeKey> {
    let mut keys = BTreeSet::new();
    for row in ROWS {
        match row.name.strip_suffix('*') {
            None => {
                keys.insert(key_of(row));
            }
            Some(prefix) => keys.extend(
                units
                    .iter()
                    .flat_map(|unit| unit.helpers.iter().chain([&unit.baseline]))
                    .flat_map(|f| f.string_attributes())
                    .filter(|(name, _)| name.starts_with(prefix))
                    .map(|(name, _)| AttributeKey::String(name)),
            ),
        }
    }
    keys
}

fn show(value: Option<&AttributeValue>) -> String {
    value.map_or_else(|| "not set".to_owned(), |v| format!("`{v}`"))
}

#[cfg(test)]
mod tests;
