//! The steps of `Helpers::compile`: the C unit, compiled, declared, and handed on.
//!
//! Not here: how each is done, and what is done where no kernel is configured (`check`).

use super::compile::Compiled;
use super::env::BuildEnv;
use super::libclang::Arguments;
use super::record::Record;
use super::wrap::Wrapped;
use super::{
    Built, Helpers, bindings, check, compile, headers, inlining, prefix_map, rename::Renaming,
    rerun, symbols,
};
use crate::kernel::KernelDir;
use crate::manifest::{ClangInfo, FILE_NAME, KernelInfo, Manifest, VARIABLE, VERSION};
use crate::served::is_bare_metal;
use crate::tag::tag;
use crate::{Clang, Error, Policy, Result, Rustc, files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The C unit, in `OUT_DIR`, and the file of wrappers that it includes.
pub(super) const UNIT: &str = "helper-inline-unit.c";
pub(super) const WRAPPERS: &str = "helper-inline-wrappers.c";

/// Takes them all.
pub(super) fn run(helpers: Helpers<'_>) -> Result<Built> {
    let env = BuildEnv::read()?;
    let started = SystemTime::now();
    let mut rerun = rerun::Rerun::new(&env.out_dir, &env.target);
    // First, so that mending any error below makes cargo try again.
    helpers.sources.watch(&mut rerun);
    rerun.emit_inputs();
    let kernel = std::env::var_os("HELPER_INLINE_KERNEL")
        .map(PathBuf::from)
        .or(helpers.kernel.clone());
    match &helpers.without_kernel {
        Some(saved) => {
            let saved = env.package_dir.join(saved);
            check::announce();
            if kernel.is_some() && is_bare_metal(&env.target) {
                return build(helpers, env, &rerun, kernel, Some(saved), started);
            }
            check::declare(helpers, env, &rerun, kernel, &saved)
        }
        None => build(helpers, env, &rerun, kernel, None, started),
    }
}

/// Compiles and declares, and hands over what was made.
fn build(
    mut helpers: Helpers<'_>,
    env: BuildEnv,
    rerun: &rerun::Rerun,
    kernel: Option<PathBuf>,
    saved_bindings: Option<PathBuf>,
    started: SystemTime,
) -> Result<Built> {
    let policy = Policy::from_env()?.or(helpers.policy);
    let rustc = Rustc::from_env()?;
    let (clang, out_of_line) = match kernel {
        Some(_) => (Some(Clang::find(rustc.llvm)?), None),
        None => inlining::clang(&env.target, rustc.llvm)?,
    };
    let clang = clang.as_ref();
    if kernel.is_none() {
        inlining::check(&env.target, policy, out_of_line.as_deref())?;
    }
    bindings::require_libclang(rustc.llvm.major)?;
    let kernel = match kernel {
        Some(dir) => Some(KernelDir::open(&dir)?),
        None => None,
    };
    let with = With {
        rustc: &rustc,
        clang,
        kernel: kernel.as_ref(),
        is_linked: true,
    };
    let made = make(&mut helpers, &env, rerun, &with)?;

    let mut names = made.wrapped.names();
    names.extend(made.c_names.clone());
    let exempt = headers::symbols(&helpers.exempt, &names);
    if let Some(unknown) = exempt.iter().find(|e| !made.helpers.contains(e)) {
        return Err(Error::Usage {
            message: format!(
                "`{unknown}` is exempted and no helper of that name is there; \
                 give its C symbol, prefix included, or the name of what is wrapped"
            ),
        });
    }
    Record {
        started,
        env: &env,
        read: &made.read,
        sources: &helpers.sources.files()?,
        directories: &helpers.sources.directories(&env.package_dir),
        arguments: &made.arguments,
        compiled: &made.compiled,
        kernel: kernel.as_ref().map(KernelDir::path),
        clang,
    }
    .write()?;
    let manifest = Manifest {
        version: VERSION,
        package: env.package,
        target: env.target,
        prefix: helpers.prefix,
        helpers: made.helpers,
        exempt,
        c_names: made.c_names,
        replaceable: made.weak,
        wrapped: made.wrapped.of(),
        refused: made.wrapped.refused().to_vec(),
        bitcode: made.compiled.bitcode.clone(),
        archive: made.compiled.archive.clone(),
        clang: clang.map(|clang| ClangInfo {
            version: clang.version.to_string(),
            llvm: clang.version.major,
            path: clang.path.clone(),
        }),
        flags: made.compiled.flags,
        kernel: kernel.map(|k| KernelInfo {
            dir: k.path().to_owned(),
            release: k.release().to_owned(),
            built_in: compile::is_built_in(),
        }),
        policy: helpers.policy,
        out_of_line,
        saved_bindings,
    };
    let manifest_path = env.out_dir.join(FILE_NAME);
    manifest.write(&manifest_path)?;
    println!("cargo::rustc-env={VARIABLE}={}", manifest_path.display());
    Ok(Built {
        bitcode: made.compiled.bitcode,
        bindings: made.bindings,
        archive: made.compiled.archive,
        manifest: manifest_path,
        only_declared: false,
    })
}

/// What compiles and declares.
pub(super) struct With<'a> {
    pub rustc: &'a Rustc,
    pub clang: Option<&'a Clang>,
    pub kernel: Option<&'a KernelDir>,
    /// Whether cargo links what is compiled.
    pub is_linked: bool,
}

/// What came of it.
pub(super) struct Made {
    compiled: Compiled,
    wrapped: Wrapped,
    /// The symbols of the helpers, sorted.
    helpers: Vec<String>,
    /// The C names of those that have another, by symbol.
    c_names: BTreeMap<String, String>,
    /// The symbols of the weak ones.
    weak: Vec<String>,
    /// Their declarations.
    pub bindings: PathBuf,
    /// The files that compilers read.
    read: BTreeSet<PathBuf>,
    /// The arguments by which libclang finds headers.
    arguments: Vec<String>,
}

/// Compiles the helpers and declares them.
pub(super) fn make(
    helpers: &mut Helpers<'_>,
    env: &BuildEnv,
    rerun: &rerun::Rerun,
    with: &With<'_>,
) -> Result<Made> {
    let With { clang, kernel, .. } = *with;
    let unit = env.out_dir.join(UNIT);
    let wrappers = env.out_dir.join(WRAPPERS);
    let has_wraps = !helpers.wraps.is_empty();
    // What was wrapped last time is made again below.
    files::write_if_changed(&wrappers, b"")?;
    write_unit(helpers, &unit, "", "")?;

    let args = args(helpers, env)?;
    let cc = compile::Cc {
        clang,
        target: &env.target,
        args: &args,
        adjust: &|cc| helpers.adjust_cc.iter().for_each(|adjust| adjust(cc)),
    };
    let build = || match kernel {
        Some(kernel) => {
            kernel.check_target(&env.target)?;
            let clang = clang.expect("kernels are compiled by clang alone");
            compile::by_kbuild(env, clang, kernel, &unit, &args, with.is_linked)
        }
        None => compile::by_cc(env, &cc, &unit),
    };
    let flags = match (kernel, clang) {
        (Some(kernel), Some(clang)) => {
            kernel.check_target(&env.target)?;
            compile::kbuild_flags(env, clang, kernel, &unit, &args)?
        }
        _ => cc.flags()?,
    };
    let in_c = headers::Unit {
        env,
        clang,
        rustc: with.rustc,
        flags: &flags,
        is_kernel: kernel.is_some(),
    };
    let mut own = helpers.own(&in_c, "")?;
    let tag = tag(&env.package, &env.out_dir);
    let mut symbols = BTreeMap::new();
    let mut anchor = None;
    let renaming = match helpers.keeps_c_names {
        true => None,
        false => Renaming::of(clang, &cc)?,
    };
    if let Some(renaming) = &renaming {
        let preprocessed = compile::preprocessed(&unit, &in_c, &cc)?;
        symbols = symbols::unique(&own, &preprocessed, &tag);
        let (pragmas, names) = (renaming.pragmas(&symbols), renaming.c_names(&symbols));
        write_unit(helpers, &unit, &pragmas, &names)?;
        own.rename(&symbols);
    } else if helpers.keeps_c_names && kernel.is_none() {
        let (c, rust) = symbols::anchor(&tag);
        write_unit(helpers, &unit, &c, "")?;
        anchor = Some(rust);
    }
    let wrapped = helpers.wrap(&in_c, &own);
    if wrapped.is_err() && !has_wraps {
        // What is wrong with the author's C is better heard from the compiler than from
        // libclang.
        build()?;
    }
    let mut wrapped = wrapped?;
    let compiled = match wrapped.is_empty() {
        true => build()?,
        false => headers::compile_wrapped(&mut wrapped, &wrappers, build)?,
    };
    if !wrapped.is_empty() {
        own = helpers.own(&in_c, &wrapped.text())?;
        own.rename(&symbols);
    }
    if let Some(renaming) = &renaming {
        renaming.rename(&compiled.archive, &symbols)?;
    }
    let mut read = BTreeSet::new();
    if let Some(depfile) = &compiled.depfile {
        read.extend(rerun.emit_depfile(&compiled.directory, depfile)?);
    }

    let arguments = Arguments::new(&compiled.flags, &env.target, clang);
    let depfile = env.out_dir.join("bindings.d");
    let adjust = std::mem::take(&mut helpers.adjust_bindgen);
    let text = wrapped.text();
    let declared = bindings::generate(
        bindings::Request {
            unit: &unit,
            arguments: &arguments.bindgen,
            prefix: &helpers.prefix,
            own: &own,
            foreign_records: &|| helpers.foreign_records(&in_c, &text),
            output: &env.bindings(),
            depfile: &depfile,
        },
        &mut wrapped,
        adjust,
    )?;
    // libclang reads the user's other headers too, and runs in the package's directory.
    read.extend(rerun.emit_depfile(&env.package_dir, &depfile)?);
    if let Some(anchor) = anchor {
        let text = files::read_to_string(&declared.path)? + &anchor;
        files::write_if_changed(&declared.path, text.as_bytes())?;
    }
    let c_names = symbols.into_iter().map(|(name, symbol)| (symbol, name));
    let c_names = c_names.filter(|(symbol, _)| declared.helpers.contains(symbol));
    let c_names = c_names.collect();
    let weak = own.helpers.values().filter(|helper| helper.is_weak);
    let weak = weak.map(|helper| helper.symbol.clone()).collect();
    Ok(Made {
        read,
        arguments: arguments.all,
        compiled,
        wrapped,
        helpers: declared.helpers,
        c_names,
        weak,
        bindings: declared.path,
    })
}

/// Writes the C unit, with what begins and what ends it.
fn write_unit(helpers: &Helpers<'_>, unit: &Path, begin: &str, end: &str) -> Result<()> {
    let wrappers = unit.with_file_name(WRAPPERS);
    let has_wraps = !helpers.wraps.is_empty();
    let text = helpers.sources.unit(begin, &wrappers, has_wraps)? + end;
    files::write_if_changed(unit, text.as_bytes())
}

/// The user's include directories, macros and flags as compiler arguments.
fn args(helpers: &Helpers<'_>, env: &BuildEnv) -> Result<Vec<String>> {
    let includes = helpers
        .includes
        .iter()
        .map(|dir| format!("-I{}", env.package_dir.join(dir).display()));
    let defines = helpers.defines.iter().map(|(k, v)| format!("-D{k}={v}"));
    let sources = helpers.sources.files()?;
    Ok(includes
        .chain(defines)
        .chain(prefix_map::flags(&env.package_dir, &env.out_dir, &sources))
        .chain(helpers.flags.iter().cloned())
        .collect())
}
