//! The helpers that are left to be compiled when all other units are: those that stayed out
//! of line, what they need, and what there is one of, such as a `static` counter.
//!
//! Not here: what is imported from helpers (`helpers`).

use super::facts::RestFacts;
use super::job::RestJob;
use super::survey::left_in;
use super::unit::{self, put};
use crate::link::below::{left_below, separate};
use crate::link::copyable::Copyable;
use crate::link::engine;
use crate::link::harmonize;
use crate::link::inputs::{Inputs, link_failure, show};
use crate::link::internalize::internalize;
use crate::link::job::Failure;
use crate::link::llvm::{CodegenLevel, Global, Linkage, Machine, Module};
use crate::link::replace::is_replaceable;
use crate::prove::read_object;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

/// What the unit is called.
pub const REST: &str = "rest";

/// Does a job. `stage` is told what begins, for the case that LLVM ends the process.
pub(in crate::link) fn run(
    job: &RestJob,
    stage: &mut dyn FnMut(String),
) -> Result<RestFacts, Failure> {
    let link = unit::as_link(&job.target, REST, Vec::new());
    engine::with_inputs(&link, stage, |inputs| compile(inputs, job))
}

fn compile(inputs: &mut Inputs<'_>, job: &RestJob) -> Result<RestFacts, Failure> {
    let failed = |reason| link_failure(&job.name, reason);
    let mut linked = Module::new(inputs.context, &inputs.job.name);
    for (place, path) in job.units.iter().enumerate() {
        let module = inputs.bitcode(path)?;
        if place == 0 {
            linked.set_triple(&module.triple());
            linked.set_data_layout(&module.data_layout());
        }
        inputs.link(&mut linked, module, &show(path))?;
    }
    let mut linked = ManuallyDrop::new(linked);
    if job.target.kernel {
        linked.used_to_compiler_used();
    }
    let copyable = Copyable::of(&linked);
    let own = linked.symbols().into_iter().filter(|s| !s.is_declaration());
    let named = own.map(Global::name);
    let named = named.filter(|name| copyable.is_named_in_assembly(name));
    let named = named.collect();
    linked.keep(&named);
    let mut needed = needed_by(job)?;
    needed.extend(job.keep.iter().cloned());
    // The final linker may take others, wherever they are needed.
    for global in linked.symbols() {
        let name = global.name();
        if is_replaceable(global) && job.replaceable.contains(&name) {
            if !needed.contains(&name) && !global.has_linkage(Linkage::Common) {
                global.set_linkage(Linkage::LinkOnceAny);
            }
            needed.insert(name);
        }
    }
    internalize(&linked, &needed);
    for name in &job.helpers {
        let helper = linked.function(name);
        if let Some(helper) = helper.filter(|helper| !helper.global().is_declaration()) {
            // Every call of it is to need a relocation that can be counted.
            if helper.global().section().is_empty() {
                helper.global().set_section(&format!(".text.{name}"));
            }
        }
    }
    let machine = Machine::new(
        inputs.llvm,
        &linked.triple(),
        job.pic,
        harmonize::code_model(&linked),
        CodegenLevel::Default,
    );
    let machine = ManuallyDrop::new(machine.map_err(failed)?);
    (inputs.stage)(format!(
        "compiling what is left of the helpers of `{}`",
        job.name
    ));
    linked
        .run_passes(&format!("globaldce,{}", engine::OPTIMIZE), &machine)
        .map_err(failed)?;
    inputs.context.take_diagnostics();
    let left = left_in(&linked, &job.helpers);
    let below = left_below(&linked, &job.wrapped);
    separate(&linked, &below);
    for global in linked.symbols() {
        let name = global.name();
        let is_ours = !global.is_declaration() && needed.contains(&name);
        if !is_ours || global.has_linkage(Linkage::AvailableExternally) {
            continue;
        }
        // Units of helpers hide everything.
        match job.keep.contains(&name) || job.replaceable.contains(&name) {
            true => global.unhide(),
            false => global.hide(),
        }
    }
    if !job.target.kernel {
        linked.constructors_to_sections();
    }
    let object = linked.lower(&machine).map_err(failed)?;
    put(&job.object, &object)?;
    Ok(RestFacts { left, below })
}

/// What the other objects need.
fn needed_by(job: &RestJob) -> Result<BTreeSet<String>, Failure> {
    let mut needed = BTreeSet::new();
    for path in &job.objects {
        let facts = read_object(path, &BTreeSet::new());
        let facts = facts.map_err(|error| link_failure(&show(path), error.to_string()))?;
        needed.extend(facts.undefined);
    }
    Ok(needed)
}
