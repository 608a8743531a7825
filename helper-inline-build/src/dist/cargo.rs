//! The cargo build that emits bitcode, and collecting what it made.
//!
//! Not here: reading the bitcode.

use super::executable;
use super::options::Options;
use crate::cargo_messages::{self, manifest_of};
use crate::kernel::KernelDir;
use crate::manifest::{BUILT_IN_CFG, BUILT_IN_VARIABLE, DEBUG_VARIABLE, Manifest};
use crate::{Error, Policy, Result, policy};
use cargo_metadata::{Message, MetadataCommand, Package, TargetKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The key in `[package.metadata]` that makes a package a module.
const METADATA: &str = "helper-inline";

/// The key in `[workspace.metadata.helper-inline]` that names the package whose
/// report is `report.json`, when several packages are modules.
const DEFAULT: &str = "default";

/// The key in `[package.metadata.helper-inline]` of a module that is only made
/// when it is named.
const BY_NAME_ONLY: &str = "by-name-only";

/// The variable that tells the crate of built-in code what `KBUILD_MODNAME` is in
/// C: the name before that of each of its parameters.
const NAME_VARIABLE: &str = "HELPER_INLINE_MODULE_NAME";

/// The workspace and the packages of it that are to be made.
pub(super) struct Workspace {
    pub modules: Vec<ModulePackage>,
    /// Whether it has more modules than one, asked for or not.
    pub has_several: bool,
    pub target_dir: PathBuf,
    pub root: PathBuf,
    /// The names of its packages.
    pub members: BTreeSet<String>,
}

/// A package that is a module.
pub(super) struct ModulePackage {
    /// The package's name.
    pub package: String,
    /// The module's name, for file names.
    pub module: String,
    /// Whether its report is also `report.json`.
    pub is_default: bool,
    /// Whether it has a library.
    pub is_library: bool,
    /// Whether it has programs.
    pub has_programs: bool,
    /// The program that is meant where only one can be.
    pub default_program: Option<String>,
}

impl Workspace {
    /// Asks cargo about the workspace.
    pub(super) fn read(options: &Options) -> Result<Workspace> {
        let metadata = MetadataCommand::new()
            .cargo_path(cargo_messages::program())
            .current_dir(&options.workspace)
            .no_deps()
            .exec()
            .map_err(|e| Error::Usage {
                message: format!(
                    "`{}` is no cargo workspace: {e}",
                    options.workspace.display()
                ),
            })?;
        let packages = metadata.workspace_packages();
        let chosen = choose(&packages, options.package.as_deref())?;
        let default = match metadata.workspace_metadata[METADATA][DEFAULT].as_str() {
            _ if chosen.len() == 1 => chosen[0].name.as_str(),
            None => chosen[0].name.as_str(),
            Some(name) => chosen
                .iter()
                .map(|package| package.name.as_str())
                .find(|package| *package == name)
                .ok_or_else(|| Error::Usage {
                    message: format!(
                        "`[workspace.metadata.{METADATA}]` has `{DEFAULT} = \"{name}\"`, \
                         which is no module of the workspace; they are {}",
                        names(&chosen)
                    ),
                })?,
        };
        let modules: Vec<ModulePackage> = chosen
            .iter()
            .map(|package| ModulePackage {
                package: package.name.to_string(),
                module: module_name(package),
                is_default: package.name.as_str() == default,
                is_library: has(package, &[TargetKind::Lib, TargetKind::RLib]),
                has_programs: has(package, &[TargetKind::Bin]),
                default_program: package.default_run.clone(),
            })
            .collect();
        let mut taken = BTreeMap::new();
        for ModulePackage {
            package, module, ..
        } in &modules
        {
            if let Some(other) = taken.insert(module, package) {
                return Err(Error::Usage {
                    message: format!(
                        "packages `{other}` and `{package}` both make the module `{module}`: \
                         change `module` in `[package.metadata.{METADATA}]` of one of them"
                    ),
                });
            }
        }
        Ok(Workspace {
            modules,
            has_several: marked(&packages).len() > 1,
            target_dir: metadata.target_directory.clone().into(),
            root: metadata.workspace_root.clone().into(),
            members: packages.iter().map(|p| p.name.to_string()).collect(),
        })
    }
}

fn module_name(package: &Package) -> String {
    package.metadata[METADATA]["module"]
        .as_str()
        .map_or_else(|| package.name.replace('-', "_"), str::to_owned)
}

/// Whether a package has a target of one of these kinds.
fn has(package: &Package, kinds: &[TargetKind]) -> bool {
    let mut of_package = package.targets.iter().flat_map(|target| &target.kind);
    of_package.any(|kind| kinds.contains(kind))
}

/// The packages to make: the one that is named, or all that are marked as
/// modules and not to be named, in the order of their names.
fn choose<'a>(packages: &[&'a Package], named: Option<&str>) -> Result<Vec<&'a Package>> {
    let usage = |message: String| Error::Usage { message };
    if let Some(name) = named {
        let found = packages.iter().find(|package| package.name == *name);
        return match found {
            Some(package) => Ok(vec![package]),
            None => Err(usage(format!(
                "the workspace has no package `{name}`; it has {}",
                names(packages)
            ))),
        };
    }
    let mut modules = marked(packages);
    modules.retain(|package| package.metadata[METADATA][BY_NAME_ONLY] != true);
    match modules.as_slice() {
        [] if packages.len() == 1 => Ok(vec![packages[0]]),
        [] if !marked(packages).is_empty() => Err(usage(format!(
            "every module of the workspace has `{BY_NAME_ONLY} = true`: name one with \
             --package; they are {}",
            names(&marked(packages))
        ))),
        [] => Err(usage(format!(
            "no package of the workspace is marked as a module: \
             give --package, or add `[package.metadata.{METADATA}]` to its Cargo.toml"
        ))),
        _ => Ok(modules),
    }
}

fn marked<'a>(packages: &[&'a Package]) -> Vec<&'a Package> {
    let mut modules: Vec<&'a Package> = packages
        .iter()
        .filter(|package| !package.metadata[METADATA].is_null())
        .copied()
        .collect();
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    modules
}

fn names(packages: &[&Package]) -> String {
    let names: Vec<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    names.join(", ")
}

/// What a cargo build made.
pub(super) struct Collected {
    /// The Rust crates, by their names: cargo tells of them in the order in which they
    /// were done, and that differs from build to build.
    pub crates: Vec<Crate>,
    /// The helpers' hand-off manifests, by the names of their packages.
    pub manifests: Vec<Manifest>,
    /// The programs, when those were asked for.
    pub programs: Vec<Program>,
}

/// A program that cargo made.
pub(super) struct Program {
    pub name: String,
    pub executable: PathBuf,
}

/// A Rust crate's bitcode.
#[derive(Clone)]
pub(super) struct Crate {
    pub name: String,
    pub bitcode: PathBuf,
}

impl Crate {
    /// What its files are called after, with the number that cargo tells builds
    /// apart by.
    pub(super) fn stem(&self) -> String {
        let stem = self.bitcode.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    /// Itself, when its bitcode is there.
    pub(super) fn checked(self) -> Result<Crate> {
        if self.bitcode.is_file() {
            return Ok(self);
        }
        Err(Error::Malformed {
            path: self.bitcode,
            expected: "LLVM bitcode",
            detail: format!(
                "rustc wrote none for crate `{}`; \
                 a codegen-units setting above 1 in a profile or in RUSTFLAGS prevents it",
                self.name
            ),
        })
    }
}

impl Collected {
    /// The versions of clang that compiled the helpers.
    pub(super) fn clang_version(&self) -> String {
        let versions: BTreeMap<&str, ()> = self
            .manifests
            .iter()
            .filter_map(|manifest| Some((manifest.clang.as_ref()?.version.as_str(), ())))
            .collect();
        versions.into_keys().collect::<Vec<_>>().join(", ")
    }
}

/// Cargo's target directory for `dist`. One of its own: the flags of `dist`
/// would make cargo build everything anew in the user's, here and at their next
/// build.
pub(super) fn build_dir(workspace: &Workspace) -> PathBuf {
    workspace.target_dir.join("dist/.build")
}

/// Builds a module's package for a target with bitcode beside each crate. With
/// `programs` it is noted how those are linked.
pub(super) fn build(
    options: &Options,
    workspace: &Workspace,
    package: &ModulePackage,
    target: &str,
    kernel: Option<&KernelDir>,
    programs: bool,
) -> Result<Collected> {
    let name = &package.module;
    let package = &package.package;
    let target_dir = build_dir(workspace);
    let mut cargo = Command::new(cargo_messages::program());
    cargo
        .current_dir(&options.workspace)
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(["--package", package])
        .args(["--target", target])
        .args(["--profile", &options.profile])
        .arg("--target-dir")
        .arg(&target_dir)
        // A user's `build.build-dir` has cargo keep all but programs elsewhere.
        .env("CARGO_BUILD_BUILD_DIR", &target_dir);
    if options.quiet {
        cargo.arg("--quiet");
    }
    add_rustflags(&mut cargo, target, &rustflags(kernel, options));
    if programs {
        executable::prepare(&mut cargo, &target_dir, target, options)?;
    }
    // Not by the user's environment: what is in the output is `dist`'s to say.
    for (variable, is_set) in [
        (DEBUG_VARIABLE, options.debug),
        (BUILT_IN_VARIABLE, options.built_in),
    ] {
        match is_set {
            true => cargo.env(variable, "1"),
            false => cargo.env_remove(variable),
        };
    }
    // What is inlined here is inlined by `dist`, not by a rustc wrapper, and its own
    // policy decides.
    cargo.env(policy::VARIABLE, Policy::Off.name());
    cargo.env(NAME_VARIABLE, name.replace(['-', ','], "_"));
    match kernel {
        Some(kernel) => cargo.env("HELPER_INLINE_KERNEL", kernel.path()),
        None => cargo.env_remove("HELPER_INLINE_KERNEL"),
    };

    let in_target = target_dir.join(target);
    let mut crates = Vec::new();
    let mut manifests = Vec::new();
    let mut made = Vec::new();
    let what = format!("`cargo build` for {target}");
    cargo_messages::run(&mut cargo, &what, |message| match message {
        Message::CompilerArtifact(artifact) => {
            let executable = artifact.executable.filter(|_| programs);
            made.extend(executable.map(|executable| Program {
                name: artifact.target.name.clone(),
                executable: executable.into(),
            }));
            let is_library = artifact
                .target
                .kind
                .iter()
                .any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib));
            let files = artifact.filenames.iter().map(|f| f.as_std_path());
            let files: Vec<&Path> = files.filter(|file| file.starts_with(&in_target)).collect();
            let with = |extension: &str| {
                let mut files = files.iter();
                files.find(|file| file.extension().is_some_and(|e| e == extension))
            };
            // A library that is a shared or static one as well has no metadata of its own.
            let metadata = with("rmeta").or_else(|| with("rlib"));
            if let (true, Some(metadata)) = (is_library, metadata) {
                crates.push((artifact.target.name, metadata.to_path_buf()));
            }
        }
        Message::BuildScriptExecuted(script) => {
            manifests.extend(manifest_of(script).filter(|path| path.starts_with(&in_target)));
        }
        _ => {}
    })?;
    if programs && made.is_empty() {
        return Err(Error::Usage {
            message: format!(
                "cargo made no program of `{package}`: each has `required-features` that are \
                 not among its default ones"
            ),
        });
    }
    if manifests.is_empty() {
        return Err(Error::Usage {
            message: format!(
                "no build script of `{package}` or its dependencies compiled helpers: \
                 call `helper_inline_build::Helpers::…compile()` in its build.rs"
            ),
        });
    }
    let mut manifests: Vec<Manifest> = manifests
        .iter()
        .map(|path| Manifest::read(path))
        .collect::<Result<_>>()?;
    manifests.sort_by(|a, b| (&a.package, &a.archive).cmp(&(&b.package, &b.archive)));
    crates.sort();
    if let Some(Manifest {
        package,
        out_of_line: Some(reason),
        ..
    }) = manifests.iter().find(|manifest| manifest.bitcode.is_none())
    {
        return Err(Error::Usage {
            message: format!("the helpers of `{package}` were compiled to no bitcode: {reason}"),
        });
    }
    check_variant(&manifests, options.built_in)?;
    Ok(Collected {
        crates: crates
            .into_iter()
            .map(|(name, metadata)| bitcode_of(name, &metadata))
            .collect::<Result<_>>()?,
        manifests,
        programs: made,
    })
}

/// Fails unless all helpers were compiled for what they become a part of. A build
/// script with another version of this library may not know the question.
fn check_variant(manifests: &[Manifest], built_in: bool) -> Result<()> {
    let other = manifests.iter().find(|manifest| {
        let kernel = manifest.kernel.as_ref();
        kernel.is_some_and(|kernel| kernel.built_in != built_in)
    });
    let Some(Manifest { package, .. }) = other else {
        return Ok(());
    };
    let name = |built_in| {
        if built_in {
            "built-in code"
        } else {
            "a module"
        }
    };
    Err(Error::Usage {
        message: format!(
            "the helpers of `{package}` were compiled for {}, and {} is to be made: \
             use one version of helper-inline-build throughout",
            name(!built_in),
            name(built_in)
        ),
    })
}

/// The bitcode beside a crate's metadata: `deps/libfoo-1234.rmeta` has
/// `deps/foo-1234.bc`. cargo does not name it in its messages, and of a library without
/// a number it names the copy outside of `deps`.
fn bitcode_of(name: String, metadata: &Path) -> Result<Crate> {
    let stem = metadata.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_prefix("lib").unwrap_or(&stem);
    let file = format!("{stem}.bc");
    let mut bitcode = metadata.with_file_name(&file);
    if !metadata.parent().is_some_and(|dir| dir.ends_with("deps")) {
        bitcode = metadata.with_file_name("deps").join(file);
    }
    Crate { name, bitcode }.checked()
}

/// The flags that make rustc emit bitcode as the link step needs it.
fn rustflags(kernel: Option<&KernelDir>, options: &Options) -> Vec<String> {
    let mut flags = vec![
        "--emit=llvm-bc".to_owned(),
        "-Ccodegen-units=1".into(),
        // Line tables locate calls that stay, and are dropped before lowering.
        match options.debug {
            true => "-Cdebuginfo=full".into(),
            false => "-Cdebuginfo=line-tables-only".into(),
        },
    ];
    if let Some(kernel) = kernel {
        flags.extend([
            "-Cpanic=abort".into(),
            "-Cforce-unwind-tables=n".into(),
            // Position-independent bitcode keeps relocations that a module
            // loader refuses.
            "-Crelocation-model=static".into(),
            // Has cargo keep the builds for several kernels apart.
            format!("--cfg=helper_inline_kernel=\"{}\"", kernel.release()),
        ]);
    }
    if options.built_in {
        flags.push(format!("--cfg={BUILT_IN_CFG}"));
    }
    flags
}

/// Adds the flags to those of the user's, wherever cargo takes these from: an
/// environment variable hides every configuration file.
fn add_rustflags(cargo: &mut Command, target: &str, ours: &[String]) {
    if let Ok(encoded) = std::env::var("CARGO_ENCODED_RUSTFLAGS") {
        let own = encoded.split('\x1f').filter(|flag| !flag.is_empty());
        let all: Vec<&str> = own.chain(ours.iter().map(String::as_str)).collect();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"));
    } else if let Ok(plain) = std::env::var("RUSTFLAGS") {
        cargo.env("RUSTFLAGS", format!("{plain} {}", ours.join(" ")));
    } else {
        let list: Vec<String> = ours.iter().map(|flag| format!("'{flag}'")).collect();
        let config = format!("target.{target}.rustflags=[{}]", list.join(","));
        cargo.args(["--config", &config]);
    }
}
