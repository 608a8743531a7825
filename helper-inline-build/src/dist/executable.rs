//! Executables: for a target with the standard library, each program of a package.
//!
//! cargo builds and links them as always, and it is noted how. All crates' bitcode
//! but the standard library's then becomes one object with the helpers inlined, and
//! the link is done again with it in the crates' place. Not here: modules, and
//! objects of libraries (`dist` itself).

mod line;
mod note;
mod rest;
mod stand_in;

pub(super) use stand_in::dispatch;

use super::cargo::{self, Collected, Crate, Program};
use super::options::Options;
use super::outputs::{Documents, Outputs, Reports};
use super::stamp::Stamp;
use super::{Dist, Kbuild, Module, inputs};
use crate::clock::Clock;
use crate::link::job::Job;
use crate::prove::equal_symbols::check_equal;
use crate::prove::names::Names;
use crate::prove::{ObjectFacts, check, read_object};
use crate::{Error, Result, files};
use line::Line;
use object::{Object as _, ObjectSymbol as _, SymbolKind};
use rest::Rest;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Has a cargo build note how it links programs.
pub(super) fn prepare(
    cargo: &mut Command,
    build_dir: &Path,
    target: &str,
    options: &Options,
) -> Result<()> {
    // Whoever asks for it in the profile gets all of it here, and rustc's would leave
    // no crate's bitcode apart.
    let profile = &options.profile;
    cargo.args(["--config", &format!("profile.{profile}.lto=\"off\"")]);
    // One unit a crate has nothing to gain, and its object another name.
    cargo.env("CARGO_INCREMENTAL", "0");
    stand_in::use_in(cargo, build_dir, target, options.debug)
}

/// Whether programs are made of a package, and not one object of its library.
///
/// # Errors
/// [`Error::Usage`] when it has neither.
pub(super) fn are_asked_for(module: &Module<'_>) -> Result<bool> {
    let package = module.package;
    if module.kernel.is_some() {
        return Ok(false);
    }
    if !package.is_library && !package.has_programs {
        return Err(Error::Usage {
            message: format!(
                "package `{}` has neither a library nor a program, so there is nothing to link: \
                 name one that has with --package",
                package.package
            ),
        });
    }
    Ok(package.has_programs && module.tools.has_std(module.target))
}

/// Makes each program that cargo made.
pub(super) fn make_all(module: &Module<'_>, built: &Collected, clock: &Clock) -> Result<Vec<Dist>> {
    if module.options.wants_graph() && built.programs.len() > 1 {
        return Err(Error::Usage {
            message: format!(
                "one graph of jobs was asked for, and `{}` has several programs: leave \
                 --emit-ninja out, or give each a package of its own",
                module.package.package
            ),
        });
    }
    let mut made = Vec::new();
    for program in &built.programs {
        made.push(make(module, built, program, clock.again())?);
    }
    Ok(made)
}

fn make(
    module: &Module<'_>,
    built: &Collected,
    program: &Program,
    mut clock: Clock,
) -> Result<Dist> {
    let build_dir = cargo::build_dir(module.workspace);
    let notes = stand_in::notes(&build_dir, module.target);
    let line = Line::of(&notes, &program.executable).map_err(|e| module.with_mend(e))?;
    let own = Crate {
        name: line.made.name.clone(),
        bitcode: line.made.bitcode.clone(),
    };
    let crates = rest::linked(&line, &built.crates).into_iter().cloned();
    let of_program = Collected {
        crates: crates.chain([own.checked()?]).collect(),
        manifests: built.manifests.clone(),
        programs: Vec::new(),
    };

    let name = &program.name;
    let reports = reports(module, built, program);
    let outputs = Outputs::in_dir(module.out_dir(), name, None, reports)?;
    // What is no bitcode is in the program that cargo made.
    let linked = files::read(&program.executable)?;
    let arguments = line.arguments.join("\0");
    let stamp = Stamp::of(module, &of_program)?.and(&[arguments.as_bytes(), &linked]);
    if let Some(report) = module.unchanged(&outputs, &stamp)? {
        return Ok(module.finished(outputs, report, true, Kbuild::default()));
    }

    let rest = Rest::of(&line, &of_program.crates, &built.manifests)?;
    let work = outputs.work_dir()?;
    let object = work.path().join("objects").join(format!("{name}.o"));
    files::create_dir_all(object.parent().unwrap_or(work.path()))?;
    check_equal(&of_program.manifests)?;
    let job = Job {
        name: name.clone(),
        // Those of the standard library are in the final link.
        libraries: Vec::new(),
        keep: rest.needs.clone(),
        ..module.job(&of_program, &object)
    };
    module.step_about("link, inline and lower", &of_program)?;
    let linked = module.link(&job, true).map_err(|e| module.with_mend(e))?;
    let outcome = linked.outcome;
    clock.lap("link child");

    module.step("prove")?;
    let helpers = outcome.symbols();
    let facts = read_object(&object, &outcome.proved_symbols())?;
    check(&facts, &outcome.helpers)?;
    clock.lap("prove");
    let comparison = module.compare(&job, &outcome.helpers, work.path())?;
    if comparison.is_some() {
        clock.lap("compare");
    }

    module.step("link the executable")?;
    let executable = work.path().join(name);
    line.final_link(&[object], &rest, work.path(), &executable)?;
    check_executable(&executable, &helpers, &facts)?;
    clock.lap("final link");
    module.check_interrupted()?;
    let sites = module.sites(&executable, &outcome.helpers, &job)?;
    if sites.is_some() {
        clock.lap("inlined calls");
    }

    let size = executable
        .metadata()
        .map_err(files::io("read", &executable))?;
    let mut report = module.report(&of_program, outcome, facts, size.len(), clock.laps);
    report.module.clone_from(name);
    report.thin = linked.thin;
    let mut listings = comparison.map(|comparison| {
        report.comparison = Some(comparison.report);
        comparison.listings
    });
    Names::of(&of_program.manifests).put_in(&mut report, listings.as_mut());
    report.sites = sites;
    let kept = (!module.policy_failed(&report)).then_some(executable.as_path());
    let documents = Documents::of(&report, listings.as_ref());
    inputs::check(module.memo, &built.manifests, module.options)?;
    outputs.replace(work.path(), kept, &documents, &stamp)?;
    let said = Kbuild {
        notes: linked.printed,
        ..Kbuild::default()
    };
    Ok(module.finished(outputs, report, false, said))
}

/// Which report is `report.json`: that of the default module's default program, the
/// first if it names none.
fn reports(module: &Module<'_>, built: &Collected, program: &Program) -> Reports {
    let package = module.package;
    let named = package.default_program.as_ref();
    let default = named.or(built.programs.first().map(|first| &first.name));
    let is_default = default == Some(&program.name) && package.is_default;
    match (
        built.programs.len() > 1 || module.workspace.has_several,
        is_default,
    ) {
        (false, _) => Reports::Alone,
        (true, false) => Reports::Own,
        (true, true) => Reports::OwnAndDefault,
    }
}

/// Fails when an executable has a helper that the object of its crates has not: it
/// would be called there, and have statics of its own. A local function of that name is
/// another one.
fn check_executable(
    executable: &Path,
    helpers: &BTreeSet<String>,
    object: &ObjectFacts,
) -> Result<()> {
    let defined = global_functions(executable)?;
    let mut strangers = helpers.intersection(&defined);
    match strangers.find(|name| !object.helpers.contains(*name)) {
        None => Ok(()),
        Some(name) => Err(Error::ProofContradicted {
            detail: format!("the executable has `{name}`, which the object of its crates has not"),
        }),
    }
}

/// The functions of an executable that all of its objects can name.
fn global_functions(executable: &Path) -> Result<BTreeSet<String>> {
    let data = files::read(executable)?;
    let file = object::File::parse(data.as_slice()).map_err(|error| Error::Malformed {
        path: executable.to_owned(),
        expected: "executable",
        detail: error.to_string(),
    })?;
    let symbols = file.symbols().filter(|symbol| {
        symbol.is_definition() && symbol.is_global() && symbol.kind() == SymbolKind::Text
    });
    let names = symbols.filter_map(|symbol| Some(symbol.name().ok()?.to_owned()));
    Ok(names.collect())
}
