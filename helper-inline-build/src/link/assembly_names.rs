//! Names that assembly has of a whole link's own definitions.
//!
//! LLVM does not see what assembly refers to: it would not link that, drop it, or rename it.
//! Not here: reading assembly (`assembly`), or what may be copied (`copyable`).

use super::copyable::Copyable;
use super::inputs::{HelperModule, Inputs, link_failure};
use super::internalize::is_llvms_own;
use super::job::{Failure, HelperInput, Job};
use super::llvm::{Global, Linkage, Module};
use crate::manifest::BASELINE;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

/// What a unit of helpers defines beside these and its assembly names: nothing else may
/// refer to it, and so LLVM would link none of it.
pub(super) fn linked_for_assembly<'a>(
    inputs: &mut Inputs<'a>,
    helper: &HelperModule<'a>,
    input: &HelperInput,
) -> Result<Vec<String>, Failure> {
    let all = helper.module.symbols().into_iter();
    let visible = all.filter(|global| {
        !global.is_declaration()
            && !global.is_local()
            && !global.has_linkage(Linkage::AvailableExternally)
    });
    let names = visible.map(Global::name);
    let mut names: Vec<String> = names
        .filter(|name| !is_llvms_own(name) && name != BASELINE && !input.helpers.contains(name))
        .collect();
    if !names.is_empty() {
        // Bodies are there once a module is linked.
        let read = inputs.bitcode(&input.bitcode)?;
        let mut whole = ManuallyDrop::new(Module::new(inputs.context, &input.package));
        whole.set_triple(&read.triple());
        whole.set_data_layout(&read.data_layout());
        inputs.link(&mut whole, read, &helper.input)?;
        let copyable = Copyable::of(&whole);
        names.retain(|name| copyable.is_named_in_assembly(name));
    }
    Ok(names)
}

/// What assembly names of the module's own, which must keep its name and stay: nothing else
/// may refer to it. A function whose assembly defines a symbol is there once.
pub(super) fn kept_for_assembly(
    linked: &Module<'_>,
    job: &Job,
) -> Result<BTreeSet<String>, Failure> {
    let copyable = Copyable::of(linked);
    copyable.define_once(linked);
    let mut named = BTreeSet::new();
    for global in linked.symbols() {
        let name = global.name();
        if global.is_declaration() || is_llvms_own(&name) {
            continue;
        }
        if copyable.is_named_in_assembly(&name) {
            named.insert(name);
        } else if let Some(of) = renamed(&name).filter(|of| copyable.is_named_in_assembly(of)) {
            // LLVM renames the second of two.
            return Err(link_failure(&job.name, ambiguous(of)));
        }
    }
    Ok(named)
}

/// The refusal of a name in assembly that could be that of either of two.
pub(super) fn ambiguous(name: &str) -> String {
    format!(
        "assembly of its C sources names `{name}`, and several of them have a static of that \
         name; rename all but one"
    )
}

/// The name that a local symbol had before a link in which another was called so.
fn renamed(name: &str) -> Option<&str> {
    let (of, number) = name.rsplit_once('.')?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some(of)
}
