//! That `cargo check`, and so an editor, knows the helpers where no kernel is configured:
//! of a kernel that is found, and of declarations that are saved.
//!
//! Not here: the template of a module, which a new user's way checks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::manifest::{FILE_NAME, Manifest};
use serde_json::Value;
use walkdir::WalkDir;

use crate::command;
use crate::failure::Outcome;
use crate::kernels::{self, Arch};

/// The crates that have helpers of a kernel.
const SAMPLES: [&str; 4] = [
    "sample-bench",
    "sample-block",
    "sample-kernel",
    "sample-kmod",
];

/// What no linker finds.
const UNDEFINED: &str = "HELPER_INLINE_KERNEL_is_not_set";

/// Checks the samples of the workspace at `root`.
pub fn check(root: &Path) -> Outcome {
    let arch = Arch::host().context("modules are for amd64 and arm64")?;
    let found = Check::of(root, None, Asked::AnyKernel).run()?;
    found.hold("The helpers are declared as for ")?;
    for target in [None, Some(arch.module_target())] {
        let saved = Check::of(root, target, Asked::NoKernel).run()?;
        saved.hold("The helpers are declared as saved in ")?;
    }
    links_nowhere(root, arch.module_target())?;
    are_whole(root, arch.module_target())?;
    println!("{} crates are checked without a kernel", SAMPLES.len());
    Ok(())
}

/// What there is to declare helpers by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    AnyKernel,
    /// For want of a clang.
    NoKernel,
}

/// A `cargo check` as rust-analyzer runs it, of the crates that matter here.
struct Check(Command);

/// What cargo said of it.
pub(super) struct Said(Vec<Value>);

impl Check {
    fn of(root: &Path, target: Option<&str>, asked: Asked) -> Check {
        let mut cargo = command::cargo();
        cargo
            .current_dir(root)
            .args(["check", "--quiet"])
            .args(SAMPLES.map(|name| format!("--package={name}")));
        match target {
            Some(target) => cargo.args(["--target", target]),
            None => cargo.arg("--all-targets"),
        };
        if asked == Asked::NoKernel {
            without_clang(&mut cargo);
        }
        Check(cargo)
    }

    fn run(mut self) -> Result<Said> {
        said_by(&mut self.0)
    }
}

/// Has a build script find no clang, and so ask no kernel.
pub(super) fn without_clang(cargo: &mut Command) {
    cargo.env("HELPER_INLINE_CLANG", "/nowhere/clang");
}

/// Runs cargo, which must succeed, where no kernel is configured.
pub(super) fn said_by(cargo: &mut Command) -> Result<Said> {
    cargo
        .arg("--message-format=json")
        .env_remove("HELPER_INLINE_KERNEL");
    let shown = command::shown(cargo);
    let output = cargo
        .output()
        .with_context(|| format!("running `{shown}`"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let said = Said(messages);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`{shown}` failed:\n{}{errors}",
        said.complaints().join("\n")
    );
    Ok(said)
}

impl Said {
    /// Every crate is declared, and rustc has nothing to say of it.
    fn hold(&self, declared: &str) -> Result<()> {
        for name in SAMPLES {
            self.declares(name, declared)?;
        }
        let complaints = self.complaints();
        ensure!(
            complaints.is_empty(),
            "rustc says: {}",
            complaints.join("\n")
        );
        Ok(())
    }

    /// What rustc has to say.
    fn complaints(&self) -> Vec<&str> {
        let messages = self.0.iter();
        let rendered = messages.filter_map(|message| message["message"]["rendered"].as_str());
        rendered.collect()
    }

    /// That a package's declarations are there, and that its user was warned of it.
    pub(super) fn declares(&self, package: &str, declared: &str) -> Result<()> {
        let script = self.0.iter().find(|message| {
            let id = message["package_id"].as_str().unwrap_or_default();
            message["reason"] == "build-script-executed" && id.contains(&format!("/{package}#"))
        });
        let script = script.with_context(|| format!("{package} has run no build script"))?;
        let has_cfg = script["cfgs"]
            .as_array()
            .is_some_and(|cfgs| cfgs.iter().any(|cfg| cfg == "helper_inline_checked"));
        ensure!(has_cfg, "{package} is not checked: {script}");
        // cargo gives a build script's warnings to terminals alone, and keeps what it said.
        let out = Path::new(script["out_dir"].as_str().unwrap_or_default());
        let output = out.with_file_name("output");
        let text =
            fs::read_to_string(&output).with_context(|| format!("reading {}", output.display()))?;
        let warning = text
            .lines()
            .find(|line| line.starts_with("cargo::warning="));
        let warning = warning.with_context(|| format!("{package} has no warning: {text}"))?;
        ensure!(
            warning.contains("no kernel is configured: set HELPER_INLINE_KERNEL")
                && warning.contains(declared),
            "{package} warns of something else: {warning}"
        );
        Ok(())
    }
}

/// What is built by such declarations, and not only checked, names what is missing.
fn links_nowhere(root: &Path, target: &str) -> Result<()> {
    let mut cargo = command::cargo();
    cargo.current_dir(root).args([
        "build",
        "--quiet",
        "--package=sample-kernel",
        "--target",
        target,
    ]);
    without_clang(&mut cargo);
    let said = said_by(&mut cargo)?;
    let made = said
        .0
        .iter()
        .filter(|message| message["reason"] == "compiler-artifact");
    let rlib = made
        .flat_map(|message| message["filenames"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".rlib") && file.contains("sample_kernel"));
    let rlib = rlib.context("cargo built no rlib of sample-kernel")?;
    let bytes = fs::read(rlib).with_context(|| format!("reading {rlib}"))?;
    let undefined = undefined_in(&bytes).with_context(|| format!("reading {rlib}"))?;
    ensure!(
        undefined.contains(UNDEFINED),
        "{rlib} could be linked: {undefined:?}"
    );
    Ok(())
}

fn undefined_in(archive: &[u8]) -> Result<BTreeSet<String>> {
    use object::{Object as _, ObjectSymbol as _};
    let mut names = BTreeSet::new();
    let read = object::read::archive::ArchiveFile::parse(archive)?;
    for member in read.members() {
        let member = member?.data(archive)?;
        // Cargo's metadata is no object.
        let Ok(file) = object::File::parse(member) else {
            continue;
        };
        let undefined = file.symbols().filter(|symbol| symbol.is_undefined());
        names.extend(undefined.filter_map(|symbol| Some(symbol.name().ok()?.to_owned())));
    }
    Ok(names)
}

/// The saved declarations name what the kernel's do that is the default.
fn are_whole(root: &Path, target: &str) -> Result<()> {
    let kernel = kernels::default_for(&kernels::directory(root), target);
    let release = kernel.context("there is no kernel")?.release;
    let built = root
        .join("target/dist/.build")
        .join(target)
        .join("release/build");
    let mut seen = BTreeSet::new();
    for manifest in manifests_in(&built) {
        let manifest = Manifest::read(&manifest)?;
        let of_it = manifest
            .kernel
            .as_ref()
            .is_some_and(|k| k.release == release);
        let Some(saved) = manifest.saved_bindings.as_deref().filter(|_| of_it) else {
            continue;
        };
        let mend = format!(
            "cargo xtask dist --kernel target/kernels/{release} --save-bindings --package NAME"
        );
        let declared = manifest.archive.with_file_name("helpers.rs");
        same_names(saved, &declared, &mend)?;
        seen.insert(manifest.package);
    }
    // The other is made by name only.
    let made: BTreeSet<String> = SAMPLES[1..].iter().map(|name| (*name).to_owned()).collect();
    ensure!(
        seen.is_superset(&made),
        "dist has made only {seen:?} for {release}"
    );
    Ok(())
}

fn manifests_in(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let files = WalkDir::new(dir).into_iter().filter_map(Result::ok);
    files
        .filter(|entry| entry.file_name() == FILE_NAME)
        .map(walkdir::DirEntry::into_path)
}

/// Fails when saved declarations do not name what a kernel's do; `mend` says what makes
/// them anew.
pub(super) fn same_names(saved: &Path, declared: &Path, mend: &str) -> Result<()> {
    let [saved_names, names] = [names_in(saved)?, names_in(declared)?];
    let differing: Vec<&String> = saved_names.symmetric_difference(&names).collect();
    ensure!(
        differing.is_empty(),
        "{} is out of date, of {differing:?}; mend it with: {mend}",
        saved.display()
    );
    Ok(())
}

/// Functions and constants.
fn names_in(path: &Path) -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let file = syn::parse_file(&text).with_context(|| format!("parsing {}", path.display()))?;
    let mut names = BTreeSet::new();
    for item in file.items {
        match item {
            syn::Item::Const(item) if item.ident != "_" => {
                names.insert(item.ident.to_string());
            }
            syn::Item::ForeignMod(block) => {
                names.extend(block.items.iter().filter_map(|item| match item {
                    syn::ForeignItem::Fn(function) => Some(function.sig.ident.to_string()),
                    syn::ForeignItem::Static(item) => Some(item.ident.to_string()),
                    _ => None,
                }))
            }
            _ => {}
        }
    }
    Ok(names)
}
