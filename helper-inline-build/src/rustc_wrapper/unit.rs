//! One code-generation unit: whether its object calls helpers, and the object that
//! takes its place.
//!
//! Not here: LLVM's part (`link::unit`), where objects lie.

use super::cache::{self, Kept};
use super::crate_job::CrateJob;
use super::helpers::{Helpers, Ready};
use crate::link::child;
use crate::link::job::{Cause, CrateInput, HelperOutcome, Job, RemainingCall, UnitJob};
use crate::prove::{Bodies, check_with, read_object};
use crate::{Error, Result, files};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What came of one unit that calls helpers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unit {
    /// Its object's name.
    pub(super) name: String,
    /// The new object. The old one stays when there is none.
    #[serde(skip)]
    pub(super) object: Option<Vec<u8>>,
    /// What it is kept under.
    pub(super) key: Option<String>,
    pub(super) helpers: Vec<HelperOutcome>,
    /// Why nothing of it was inlined.
    pub(super) failure: Option<String>,
}

/// Inlines into all units, as many at a time as there are processors.
pub(super) fn inline_all<P: AsRef<Path> + Sync>(
    job: &CrateJob,
    objects: &[(P, Vec<u8>)],
) -> Vec<Unit> {
    let next = Mutex::new(objects.iter());
    let done = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers.min(objects.len()) {
            scope.spawn(|| {
                loop {
                    let Some((path, object)) = next.lock().expect("no worker panics").next() else {
                        break;
                    };
                    let name = path.as_ref().file_name().unwrap_or_default();
                    let unit = inline(job, &name.to_string_lossy(), object);
                    done.lock().expect("no worker panics").extend(unit);
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no worker panics");
    done.sort_by(|a: &Unit, b: &Unit| a.name.cmp(&b.name));
    done
}

/// Inlines helpers into a unit; `None` when it calls none.
fn inline(job: &CrateJob, name: &str, object: &[u8]) -> Option<Unit> {
    let calls = calls(job, object);
    if calls.is_empty() {
        return None;
    }
    let needed = |helpers: &&Helpers| calls.keys().any(|name| helpers.has(name));
    let needed: Vec<&Helpers> = job.helpers.iter().filter(needed).collect();
    let ready: Vec<&Ready> = needed
        .iter()
        .filter_map(|h| h.ready.as_ref().ok())
        .collect();
    let mut unit = Unit {
        name: name.to_owned(),
        object: None,
        key: None,
        helpers: Vec::new(),
        failure: None,
    };
    for helpers in &needed {
        if let Err(reason) = &helpers.ready {
            unit.helpers.extend(stayed(&calls, helpers, name, reason));
        }
    }
    if ready.is_empty() {
        return Some(unit);
    }
    match lower(job, name, &ready) {
        Ok((kept, key)) => {
            unit.helpers.extend(kept.helpers);
            unit.object = Some(kept.object);
            unit.key = key;
        }
        Err(error) => {
            let reason = error.to_string();
            for helpers in needed.iter().filter(|h| h.ready.is_ok()) {
                unit.helpers.extend(stayed(&calls, helpers, name, &reason));
            }
            unit.failure = Some(reason);
        }
    }
    Some(unit)
}

/// The helpers that an object needs, each with how often.
fn calls(job: &CrateJob, object: &[u8]) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    let Ok(file) = object::File::parse(object) else {
        return calls;
    };
    let is_helper = |name: &str| job.helpers.iter().any(|helpers| helpers.has(name));
    for symbol in file.symbols().filter(|symbol| symbol.is_undefined()) {
        if let Ok(name) = symbol.name() {
            if is_helper(name) {
                calls.insert(name.to_owned(), 0);
            }
        }
    }
    if calls.is_empty() {
        return calls;
    }
    for (_, relocation) in file.sections().flat_map(|section| section.relocations()) {
        let RelocationTarget::Symbol(index) = relocation.target() else {
            continue;
        };
        let name = file.symbol_by_index(index).and_then(|symbol| symbol.name());
        if let Some(count) = name.ok().and_then(|name| calls.get_mut(name)) {
            *count += 1;
        }
    }
    calls
}

/// The outcome of helpers that a unit still calls, all for one reason.
fn stayed<'a>(
    calls: &'a BTreeMap<String, u64>,
    helpers: &'a Helpers,
    unit: &'a str,
    reason: &'a str,
) -> impl Iterator<Item = HelperOutcome> + 'a {
    let own = helpers
        .symbols
        .iter()
        .filter_map(|symbol| calls.get_key_value(symbol));
    own.map(move |(symbol, count)| HelperOutcome {
        name: symbol.clone(),
        call_sites: *count,
        inlined: 0,
        remaining: vec![RemainingCall {
            caller: unit.to_owned(),
            location: None,
            cause: Cause::NotInlinable,
            attribute: Some(reason.to_owned()),
            callee: None,
        }],
        exempt: false,
    })
}

/// Makes the unit's new object, or takes it from an earlier build.
fn lower(job: &CrateJob, name: &str, ready: &[&Ready]) -> Result<(Kept, Option<String>)> {
    let path = bitcode(job, name)?;
    let key = match &job.cache {
        Some(dir) => {
            let key = cache::key(job, &files::read(&path)?, ready);
            if let Some(kept) = cache::load(dir, &key) {
                return Ok((kept, Some(key)));
            }
            Some(key)
        }
        None => None,
    };
    let beside = tempfile::tempdir_in(&job.out_dir).map_err(files::io("write", &job.out_dir))?;
    let object = beside.path().join(name);
    let outcome = child::run_unit(&UnitJob {
        job: Job {
            llvm: ready[0].llvm.clone(),
            name: name.to_owned(),
            helpers: ready.iter().map(|ready| ready.input.clone()).collect(),
            crates: vec![CrateInput {
                name: name.to_owned(),
                bitcode: path,
            }],
            libraries: Vec::new(),
            keep: Vec::new(),
            kernel: false,
            inline: true,
            debug: job.debug,
            object: object.clone(),
        },
        level: job.level,
    })?;
    let facts = read_object(&object, &outcome.proved_symbols())?;
    check_with(&facts, &outcome.helpers, Bodies::Archive)?;
    let is_used = |h: &HelperOutcome| h.call_sites > 0 || !h.remaining.is_empty();
    let kept = Kept {
        object: files::read(&object)?,
        helpers: outcome.helpers.into_iter().filter(is_used).collect(),
    };
    if let (Some(dir), Some(key)) = (&job.cache, &key) {
        cache::store(dir, key, &kept)?;
    }
    Ok((kept, key))
}

/// The bitcode beside a unit's object. rustc gives that of an only unit the crate's
/// own name.
fn bitcode(job: &CrateJob, name: &str) -> Result<PathBuf> {
    let own = job.out_dir.join(name).with_extension("bc");
    let only = job.out_dir.join(format!("{}.bc", job.stem));
    let found = [own.clone(), only].into_iter().find(|path| path.is_file());
    found.ok_or(Error::InputNotFound {
        what: "bitcode of a code-generation unit",
        path: own,
    })
}
