//! Helpers made ready for being inlined into one code-generation unit at a time.
//!
//! Each unit of each crate takes copies of the functions that it needs, and a `static`
//! counter would be one for each unit. Here what there may be only one of gets a name
//! that is one in the whole program: variables, functions whose address is taken, and what
//! may not be copied (`copyable`), of which the copies have declarations. An object is made
//! that defines all of it, once. Not here: inlining (`unit`).

use super::copyable::Copyable;
use super::engine::{self, write};
use super::harmonize;
use super::inputs::{Inputs, link_failure};
use super::internalize::is_llvms_own;
use super::job::{Cause, CrateInput, Failure, Job, PrepareJob};
use super::linking::is_defined;
use super::llvm::{
    AttributeKey, AttributeValue, CodegenLevel, Function, Global, Linkage, Llvm, Machine, Module,
};
use crate::manifest::BASELINE;
use std::collections::{BTreeSet, HashSet};
use std::mem::ManuallyDrop;

/// What the name of each promoted definition begins with, before the tag.
pub(super) const PROMOTED: &str = "helper_inline.";

/// The attribute that says of a declaration why the archive alone has its body.
const WITHHELD: &str = "helper-inline-withheld";

/// Does a job.
pub(super) fn run(job: &PrepareJob, stage: &mut dyn FnMut(String)) -> Result<(), Failure> {
    engine::with_inputs(&as_link(job), stage, |inputs| prepare(inputs, job))
}

fn prepare(inputs: &mut Inputs<'_>, job: &PrepareJob) -> Result<(), Failure> {
    let mut copies = ManuallyDrop::new(read_whole(inputs, job)?);
    // The archive has these, and is linked whenever they are there.
    let anchored = !copies.used().is_empty()
        || !copies.inline_asm().trim().is_empty()
        || copies.has_constructors();
    make_copies(&mut copies, job);
    copies.clear_used();
    copies.clear_constructors();
    copies.clear_inline_asm();
    if anchored {
        copies.set_inline_asm(&format!(".globl {}\n", anchor(job)));
    }
    let bitcode = copies.to_bitcode();

    let mut whole = ManuallyDrop::new(read_whole(inputs, job)?);
    let (mut assembly, named) = make_whole(&mut whole, job);
    assembly += &c_names(&whole, job);
    whole.keep(&named);
    if anchored {
        let name = anchor(job);
        assembly += &format!("\n.globl {name}\n{name}:\n");
    }
    whole.set_inline_asm(&assembly);
    whole.constructors_to_sections();
    let object = lower_all(inputs.llvm, &mut whole, job, inputs.stage)?;
    // Both, or neither.
    write(&job.object, &object)?;
    write(&job.bitcode, &bitcode).inspect_err(|_| {
        // That it cannot be written is what is told.
        let _ = std::fs::remove_file(&job.object);
    })
}

fn as_link(job: &PrepareJob) -> Job {
    Job {
        llvm: job.llvm.clone(),
        name: job.helper.package.clone(),
        helpers: vec![job.helper.clone()],
        crates: Vec::<CrateInput>::new(),
        libraries: Vec::new(),
        keep: Vec::new(),
        kernel: false,
        inline: true,
        debug: true,
        object: job.object.clone(),
    }
}

/// A symbol that has the linker take the helpers' object, though nothing of it is
/// called any more.
fn anchor(job: &PrepareJob) -> String {
    format!("{PROMOTED}{}.anchor", job.tag)
}

/// The helpers as they are, linked whole.
fn read_whole<'a>(inputs: &mut Inputs<'a>, job: &PrepareJob) -> Result<Module<'a>, Failure> {
    let (mut read, target) = inputs.helpers()?;
    let helper = read.remove(0);
    let mut whole = Module::new(inputs.context, &job.helper.package);
    whole.set_triple(&target.triple);
    whole.set_data_layout(&target.layout);
    let (baseline, input) = (helper.baseline()?, helper.input.clone());
    harmonize::allow_inlining(&helper.module, baseline);
    inputs.link(&mut whole, helper.module, &input)?;
    Ok(whole)
}

/// The name in the whole program of what is local to the helpers.
fn promoted(job: &PrepareJob, name: &str) -> String {
    format!("{PROMOTED}{}.{name}", job.tag)
}

/// What is local to the helpers and which there may be only one of, each with whether it
/// must also keep its own name: assembly, or someone who looks for what is used, knows it.
fn shared<'m>(module: &'m Module<'_>, copyable: &Copyable) -> Vec<(Global<'m>, bool)> {
    let used: HashSet<_> = module.used().into_iter().map(Global::id).collect();
    let functions = module.functions().into_iter();
    // Of those that are only called, copies serve, and LLVM learns from their calls.
    let functions = functions.map(|f| (f.global(), f.calls().address_taken > 0));
    let variables = module.variables().into_iter();
    let variables = variables.map(|v| (v, !v.is_mere_value()));
    let others = module.aliases().into_iter().chain(module.ifuncs());
    let others = others.map(|other| (other, true));
    let all = functions.chain(variables).chain(others);
    let local = all.filter(|(global, _)| {
        !global.is_declaration() && global.is_local() && !is_llvms_own(&global.name())
    });
    local
        .filter_map(|(global, is_one)| {
            let name = global.name();
            let named = copyable.is_named_in_assembly(&name);
            let is_one = is_one || named || copyable.reason(global).is_some();
            is_one.then(|| (global, named || used.contains(&global.id())))
        })
        .collect()
}

/// Has a local definition be one of the whole program.
fn share(global: Global<'_>, job: &PrepareJob) {
    global.set_name(&promoted(job, &global.name()));
    global.clear_group();
    global.set_linkage(Linkage::External);
    global.hide();
}

/// Makes of the helpers what units copy from.
fn make_copies(module: &mut Module<'_>, job: &PrepareJob) {
    let copyable = Copyable::of(module);
    for label in copyable.export_labels(module, |name| promoted(job, name)) {
        label.rename(module);
    }
    for (global, _) in shared(module, &copyable) {
        share(global, job);
    }
    // Aliases first: they have their attributes of what they name.
    let all = module.aliases().into_iter().chain(module.ifuncs());
    let functions = module.functions().into_iter().map(|f| f.global());
    let all = all.chain(functions).chain(module.variables());
    let withheld = all.filter(|global| !is_llvms_own(&global.name()));
    let withheld = withheld.filter_map(|global| Some((global, copyable.reason(global)?)));
    for (global, reason) in withheld.collect::<Vec<_>>() {
        if let Some(function) = module.declare_instead(global) {
            let value = format!("{} {reason}", reason.cause().name());
            let key = AttributeKey::String(WITHHELD.into());
            function.set_attribute(&key, &AttributeValue::String(value));
        }
    }
}

/// Makes of the helpers the one object that defines everything. Returns its assembly,
/// and what keeps its own name.
fn make_whole(module: &mut Module<'_>, job: &PrepareJob) -> (String, BTreeSet<String>) {
    let copyable = Copyable::of(module);
    copyable.export_labels(module, |name| promoted(job, name));
    let assembly = module.inline_asm();
    copyable.define_once(module);
    let mut named = BTreeSet::new();
    for (global, keeps_name) in shared(module, &copyable) {
        if keeps_name {
            module.add_hidden_alias(global, &promoted(job, &global.name()));
            named.insert(global.name());
        } else {
            share(global, job);
        }
    }
    for global in module.symbols() {
        global.keep_if_unused();
    }
    (assembly, named)
}

/// The helpers' C names as weak symbols, as the archive has them: other C knows no others.
fn c_names(whole: &Module<'_>, job: &PrepareJob) -> String {
    let names = job.helper.c_names.iter();
    let defined = |symbol: &str| whole.function(symbol).is_some_and(is_defined);
    names
        .filter(|(symbol, _)| defined(symbol))
        .map(|(symbol, name)| {
            format!("\n.weak {name}\n.type {name},@function\n.set {name}, {symbol}\n")
        })
        .collect()
}

/// Why the archive alone has a function that a module of copies declares.
pub(super) fn withheld(function: Function<'_>) -> Option<(Cause, String)> {
    let value = function.attribute(&AttributeKey::String(WITHHELD.into()))?;
    let value = value.to_string();
    let (cause, text) = value.split_once(' ')?;
    Some((Cause::named(cause)?, text.to_owned()))
}

/// The object that defines everything.
fn lower_all(
    llvm: &Llvm,
    whole: &mut Module<'_>,
    job: &PrepareJob,
    stage: &mut dyn FnMut(String),
) -> Result<Vec<u8>, Failure> {
    stage(format!("lowering the helpers of `{}`", job.helper.package));
    let failed = |reason| link_failure(&job.helper.package, reason);
    if let Some(baseline) = whole.function(BASELINE) {
        baseline.global().set_linkage(Linkage::Internal);
    }
    let code_model = harmonize::code_model(whole);
    // What is position-independent serves everywhere.
    let level = CodegenLevel::Default;
    let machine = Machine::new(llvm, &whole.triple(), true, code_model, level);
    let machine = ManuallyDrop::new(machine.map_err(failed)?);
    whole
        .run_passes(engine::OPTIMIZE, &machine)
        .map_err(failed)?;
    super::unit::give_sections(whole);
    whole.lower(&machine).map_err(failed)
}
