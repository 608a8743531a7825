//! One crate from its rustc run to its record: which crates are served, and in which
//! order it is done.
//!
//! Not here: each step, and what a call that stayed means (`verdict`).

use super::crate_job::CrateJob;
use super::helpers::{self, Helpers};
use super::record::{Left, Record, SUFFIX, Withheld};
use super::unit::{self, Unit};
use super::{cache, linker, verdict};
use crate::invocation::Invocation;
use crate::prove::equal_symbols::check_equal;
use crate::stand_in::{DEFAULT_LINKER, code_of};
use crate::{Error, Policy, Result, archive, served};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Code-generation units where nobody says how many. When rustc also writes bitcode it
/// makes one unless told. Its own number is 16, of which it merges small ones, and none
/// when told; half as many is about what is left of them.
const UNITS: u32 = 8;
/// rustc's own, which it does not merge.
const UNITS_INCREMENTAL: u32 = 256;

/// Runs rustc with helpers inlined. `None` when this crate has nothing to do with
/// helpers; `rustc`, which has no arguments yet, is then as it was.
pub(super) fn serve(
    invocation: &Invocation,
    program: &OsStr,
    rustc: &mut Command,
    arguments: &[OsString],
) -> Result<Option<ExitCode>> {
    let Some(out_dir) = invocation
        .out_dir
        .as_ref()
        .filter(|_| is_served(invocation))
    else {
        return Ok(None);
    };
    let mut known = Vec::new();
    let found = helpers::manifests(&invocation.native_dirs)?;
    check_equal(found.iter().map(|(_, manifest)| manifest))?;
    for (dir, manifest) in found {
        if super::policy(manifest.policy)? != Policy::Off && manifest.kernel.is_none() {
            let archive = manifest.archive.clone();
            known.push((archive, helpers::ready(&dir, manifest, program)?));
        }
    }
    if known.is_empty() {
        return Ok(None);
    }
    // Before the arguments, among which are the directories of the other archives.
    use_archives(rustc, invocation, &known);
    rustc.args(arguments);
    let stem = invocation.stem();
    let job = CrateJob {
        cache: invocation
            .incremental
            .then(|| out_dir.join(format!("{stem}.helper-inline"))),
        stem,
        out_dir: out_dir.clone(),
        level: invocation.level(),
        debug: invocation.debug,
        helpers: known.into_iter().map(|(_, helpers)| helpers).collect(),
        linker: invocation
            .linker
            .clone()
            .unwrap_or_else(|| DEFAULT_LINKER.into()),
    };
    let mut record = Record::new(
        &invocation.crate_name,
        kinds(invocation),
        invocation.target.clone(),
    );
    record.withheld = job.helpers.iter().filter_map(withheld).collect();
    let code = run(invocation, rustc, &job, &mut record);
    remove_bitcode(invocation, &job);
    if let Some(code) = code? {
        return Ok(Some(code));
    }
    let path = out_dir.join(format!("{}{SUFFIX}", job.stem));
    record.write(&path)?;
    if verdict::judge(invocation, &job, &record) {
        return Ok(Some(ExitCode::SUCCESS));
    }
    for output in outputs(invocation, &job) {
        // Not there is as good.
        let _ = std::fs::remove_file(output);
    }
    Ok(Some(ExitCode::FAILURE))
}

/// Whether a crate is one that helpers are inlined into: not what runs in the
/// compiler or before it, not on other targets than the link engine serves.
fn is_served(invocation: &Invocation) -> bool {
    let helps_building =
        invocation.makes(&["proc-macro"]) || invocation.crate_name.starts_with("build_script_");
    let serves = match &invocation.target {
        Some(target) => served::in_cargo_builds(target),
        None => cfg!(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )),
    };
    serves && !helps_building && invocation.emit.iter().any(|kind| kind == "link")
}

/// Has rustc take the archives that go with what is inlined.
fn use_archives(rustc: &mut Command, invocation: &Invocation, known: &[(PathBuf, Helpers)]) {
    for (archive, helpers) in known {
        let name = archive.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.strip_prefix("lib").unwrap_or(&name);
        let linked = invocation
            .static_libraries
            .iter()
            .any(|library| library == name);
        if let (true, Ok(ready)) = (linked, &helpers.ready) {
            rustc.arg(format!("-Lnative={}", ready.dir.display()));
        }
    }
}

fn kinds(invocation: &Invocation) -> Vec<String> {
    match invocation.is_test {
        true => vec!["test".to_owned()],
        false => invocation.crate_types.clone(),
    }
}

fn withheld(helpers: &Helpers) -> Option<Withheld> {
    let reason = helpers.ready.as_ref().err()?.clone();
    let package = helpers.package.clone();
    Some(Withheld { package, reason })
}

/// Runs rustc and does the units. Returns rustc's exit code when it failed.
fn run(
    invocation: &Invocation,
    rustc: &mut Command,
    job: &CrateJob,
    record: &mut Record,
) -> Result<Option<ExitCode>> {
    let mut libraries: Vec<PathBuf> = libraries(invocation, job);
    if invocation.plugin_lto && (invocation.links() || invocation.makes(&["staticlib"])) {
        record.left = Some(Left::ForLinker);
        libraries.clear();
    } else if libraries.is_empty() && !invocation.links() {
        record.left = Some(Left::ForLto);
    } else {
        if !invocation.emit.iter().any(|kind| kind == "llvm-bc") {
            rustc.arg("--emit=llvm-bc");
        }
        if !invocation.has_codegen_units {
            let units = match invocation.incremental {
                true => UNITS_INCREMENTAL,
                false => UNITS,
            };
            rustc.arg(format!("-Ccodegen-units={units}"));
        }
        if invocation.links() {
            linker::use_stand_in(rustc, job)?;
        }
    }
    // What a build that was stopped has left.
    let _ = std::fs::remove_file(job.told());
    let status = rustc
        .status()
        .map_err(|e| crate::command::start_error("running rustc", rustc, &e))?;
    // Not there when rustc dropped the crate types that it cannot link for a target.
    let told = std::fs::read(job.told());
    let _ = std::fs::remove_file(job.told());
    if !status.success() {
        return Ok(Some(code_of(status)));
    }
    let mut units: Vec<Unit> = match told {
        Ok(told) => serde_json::from_slice(&told).map_err(|error| Error::Malformed {
            path: job.told(),
            expected: "account of inlined units",
            detail: error.to_string(),
        })?,
        Err(_) => Vec::new(),
    };
    for library in libraries {
        let done = replace_members(job, &library)?;
        let new = |unit: &Unit| units.iter().all(|known| known.name != unit.name);
        let new: Vec<Unit> = done.into_iter().filter(new).collect();
        units.extend(new);
    }
    if let Some(dir) = &job.cache {
        let keys: BTreeSet<String> = units.iter().filter_map(|unit| unit.key.clone()).collect();
        cache::keep_only(dir, &keys);
    }
    record.add(units);
    Ok(None)
}

/// The static libraries whose members are replaced once rustc is done.
fn libraries(invocation: &Invocation, job: &CrateJob) -> Vec<PathBuf> {
    let mut libraries = Vec::new();
    if invocation.is_test {
        return libraries;
    }
    let file = |extension: &str| job.out_dir.join(format!("lib{}.{extension}", job.stem));
    if invocation.makes(&["lib", "rlib"]) && !invocation.is_for_lto {
        libraries.push(file("rlib"));
    }
    if invocation.makes(&["staticlib"]) {
        libraries.push(file("a"));
    }
    libraries
}

/// Puts new objects in the place of rustc's in a static library.
fn replace_members(job: &CrateJob, library: &Path) -> Result<Vec<Unit>> {
    let members = archive::read(library)?;
    let prefix = format!("{}.", job.stem);
    let own: Vec<(String, Vec<u8>)> = members
        .iter()
        .filter(|(name, _)| name.starts_with(&prefix) && name.ends_with(".rcgu.o"))
        .cloned()
        .collect();
    let mut done = unit::inline_all(job, &own);
    if done.iter().any(|unit| unit.object.is_some()) {
        let replaced = members.into_iter().map(|(name, content)| {
            let unit = done.iter_mut().find(|unit| unit.name == name);
            let object = unit.and_then(|unit| unit.object.take());
            (name, object.unwrap_or(content))
        });
        let replaced: Vec<archive::Member> = replaced.collect();
        archive::write(library, replaced)?;
    }
    Ok(done)
}

/// Removes the bitcode that only we wanted.
fn remove_bitcode(invocation: &Invocation, job: &CrateJob) {
    if invocation.emit.iter().any(|kind| kind == "llvm-bc") {
        return;
    }
    let prefix = format!("{}.", job.stem);
    let entries = std::fs::read_dir(&job.out_dir)
        .into_iter()
        .flatten()
        .flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(".bc") {
            // A leftover does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// What a failed policy leaves nothing of.
fn outputs(invocation: &Invocation, job: &CrateJob) -> Vec<PathBuf> {
    let mut outputs = libraries(invocation, job);
    if invocation.links() {
        outputs.push(job.out_dir.join(&job.stem));
        outputs.push(job.out_dir.join(format!("lib{}.so", job.stem)));
    }
    outputs
}
