//! Helpers made ready for being inlined into one code-generation unit at a time.
//!
//! Each unit of each crate takes copies of the functions that it needs, and a `static`
//! counter would be one for each unit. Here what there may be only one of gets a name
//! that is one in the whole program: variables, and functions whose address is taken.
//! An object is made that defines all of it, once. Not here: inlining (`unit`).

use super::engine::{self, write};
use super::harmonize;
use super::inputs::{Inputs, link_failure};
use super::job::{CrateInput, Failure, Job, PrepareJob};
use super::llvm::{CodegenLevel, Global, Linkage, Llvm, Machine, Module};
use crate::manifest::BASELINE;
use std::mem::ManuallyDrop;

/// What the name of each promoted definition begins with, before the tag.
pub(super) const PROMOTED: &str = "helper_inline.";

/// Lists that a copy of the helpers cannot bring along.
const CONSTRUCTORS: &[&str] = &["llvm.global_ctors", "llvm.global_dtors"];

/// Does a job.
pub(super) fn run(job: &PrepareJob, stage: &mut dyn FnMut(String)) -> Result<(), Failure> {
    engine::with_inputs(&as_link(job), stage, |inputs| prepare(inputs, job))
}

fn prepare(inputs: &mut Inputs<'_>, job: &PrepareJob) -> Result<(), Failure> {
    let mut copies = promoted(inputs, job)?;
    // The archive has these, and is linked whenever they are there.
    let anchored = !copies.used().is_empty() || !copies.inline_asm().trim().is_empty();
    copies.clear_used();
    copies.clear_inline_asm();
    if anchored {
        copies.set_inline_asm(&format!(".globl {}\n", anchor(job)));
    }
    let bitcode = copies.to_bitcode();

    let mut whole = ManuallyDrop::new(promoted(inputs, job)?);
    if anchored {
        let name = anchor(job);
        let asm = format!("{}\n.globl {name}\n{name}:\n", whole.inline_asm());
        whole.set_inline_asm(&asm);
    }
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

/// The helpers, what there may be only one of under a name of the whole program's.
fn promoted<'a>(inputs: &mut Inputs<'a>, job: &PrepareJob) -> Result<Module<'a>, Failure> {
    let (mut read, target) = inputs.helpers()?;
    let helper = read.remove(0);
    let refuse = |reason: String| Err(link_failure(&helper.input, reason));
    let lists = helper.module.variables().into_iter().map(Global::name);
    if let Some(list) = lists
        .into_iter()
        .find(|n| CONSTRUCTORS.contains(&n.as_str()))
    {
        return refuse(format!(
            "a header has constructors or destructors ({list}), which only run where its object is \
             linked as it stands; they are called out of line"
        ));
    }
    if let Some(alias) = helper.module.aliases().first() {
        return refuse(format!(
            "a header defines the alias `{}`, which has no copies",
            alias.name()
        ));
    }
    let mut whole = Module::new(inputs.context, &job.helper.package);
    whole.set_triple(&target.triple);
    whole.set_data_layout(&target.layout);
    let (baseline, input) = (helper.baseline()?, helper.input.clone());
    harmonize::allow_inlining(&helper.module, baseline);
    inputs.link(&mut whole, helper.module, &input)?;

    let variables = whole.variables().into_iter();
    let variables = variables.filter(|v| !v.is_declaration() && !v.is_mere_value());
    let functions = whole.functions().into_iter();
    let functions = functions.filter(|f| !f.global().is_declaration());
    // Of those that are only called, copies serve, and LLVM learns from their calls.
    let functions = functions.filter(|f| f.calls().address_taken > 0);
    for global in variables.chain(functions.map(|f| f.global())) {
        let name = global.name();
        if global.is_local() && !name.starts_with("llvm.") {
            global.set_name(&format!("{PROMOTED}{}.{name}", job.tag));
            global.clear_comdat();
            global.set_linkage(Linkage::External);
            global.hide();
        }
    }
    Ok(whole)
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
    let machine = Machine::new(
        llvm,
        &whole.triple(),
        true,
        code_model,
        CodegenLevel::Default,
    )
    .map_err(failed)?;
    let machine = ManuallyDrop::new(machine);
    whole
        .run_passes(engine::OPTIMIZE, &machine)
        .map_err(failed)?;
    super::unit::give_sections(whole);
    whole.lower(&machine).map_err(failed)
}
