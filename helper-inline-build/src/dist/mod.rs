//! `dist`: cargo build, collect, link, prove, package.
//!
//! Each step is a module of its own or of `link`, `prove` and `kernel`; here is
//! their order and where outputs go. Not here: arguments and terminals.

mod account;
mod cargo;
mod compare;
mod executable;
mod image;
mod imports;
mod inputs;
mod link;
mod options;
mod outputs;
mod preflight;
mod save;
mod stamp;
pub mod thin;

pub use crate::policy::Policy;
pub use options::{Lto, NoProgress, Options, Progress, Step, Thin};

use crate::clock::Clock;
use crate::inputs::Memo;
use crate::jobs::Jobserver;
use crate::kernel::{self, KernelDir, ModInfo, PackageRequest};
use crate::link::child;
use crate::prove::equal_symbols::check_equal;
use crate::prove::names::Names;
use crate::prove::{Report, check, read_object};
use crate::{Error, Result, files};
use account::probes_note;
use cargo::Collected;
use image::check_image;
use imports::check_imports;
use outputs::{Documents, Outputs, Reports};
use preflight::Tools;
use save::Saved;
use stamp::Stamp;
use std::path::PathBuf;
use std::process::ExitCode;

/// One module or program made, or found to be up to date.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dist {
    /// The `.ko`, the `.o` without a kernel or for its image, or the executable. Not
    /// there when the policy failed.
    pub module: PathBuf,
    /// Its report beside it: `report.json`, or `<module>.report.json` when the
    /// workspace has several modules, or the package several programs.
    pub report_path: PathBuf,
    /// The same as a page for people: `report.html`, or `<module>.report.html`.
    pub page_path: PathBuf,
    /// What it says.
    pub report: Report,
    /// Whether nothing had changed since the last time.
    pub unchanged: bool,
    /// What objtool and modpost warned of.
    pub warnings: Vec<String>,
    /// What Kbuild left out, and why.
    pub notes: Vec<String>,
    /// Whether a helper stayed out of line that must not.
    pub policy_failed: bool,
}

/// Does another process's work and returns its exit code, when this process was
/// started for that: linking runs the program again, and so do cargo and rustc. Call
/// it before anything else in `main`.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    child::dispatch().or_else(executable::dispatch)
}

/// Makes the modules for each target and kernel asked for. Of a package with programs
/// it makes those, each as an executable, where there is no kernel and the target has
/// the standard library.
///
/// Call [`dispatch`] first thing in `main`.
///
/// # Errors
/// See [`Error`]. A helper that stayed out of line is no error but
/// [`Dist::policy_failed`].
///
/// ```no_run
/// use helper_inline_build::dist::{Lto, NoProgress, Options, Policy, dispatch, dist};
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     // Linking runs this program again.
///     if let Some(code) = dispatch() {
///         return code;
///     }
///     let options = Options {
///         workspace: ".".into(),
///         targets: vec!["x86_64-unknown-none".into()],
///         kernels: vec!["/lib/modules/6.1.0-56-amd64/build".into()],
///         package: None,
///         profile: "release".into(),
///         inline: Policy::Require,
///         lto: Lto::One,
///         debug: false,
///         compare: false,
///         built_in: false,
///         save_bindings: false,
///         sign: None,
///         out: None,
///         quiet: false,
///     };
///     match dist(&options, &NoProgress) {
///         Ok(made) if made.iter().any(|module| module.policy_failed) => ExitCode::from(1),
///         Ok(made) => {
///             for module in made {
///                 println!("{}", module.module.display());
///             }
///             ExitCode::SUCCESS
///         }
///         Err(error) => {
///             eprintln!("error: {error}");
///             ExitCode::from(error.exit_code())
///         }
///     }
/// }
/// ```
pub fn dist(options: &Options, progress: &dyn Progress) -> Result<Vec<Dist>> {
    make_all(options, progress).map_err(|error| {
        // Ctrl-C reaches the running tool too; that it died of it is no news.
        if progress.interrupted() {
            Error::Interrupted
        } else {
            error
        }
    })
}

fn make_all(options: &Options, progress: &dyn Progress) -> Result<Vec<Dist>> {
    compare::check_request(options)?;
    let workspace = cargo::Workspace::read(options)?;
    let tools = Tools::find(options, &cargo::build_dir(&workspace))?;
    // All kernels are checked before any work is begun.
    let mut places = Vec::new();
    for target in &options.targets {
        let kernels = fitting(&options.kernels, target)?;
        if kernels.is_empty() {
            places.push((target, None));
        }
        places.extend(kernels.into_iter().map(|k| (target, Some(k))));
    }
    if let Some(dir) = options.kernels.iter().find(|dir| {
        !places
            .iter()
            .any(|(_, k)| k.as_ref().map(|k| k.path()) == dir.canonicalize().ok().as_deref())
    }) {
        let kernel = KernelDir::open(dir)?;
        for target in &options.targets {
            kernel.check_target(target)?;
        }
    }
    if let Some(key) = &options.sign {
        key.check()?;
        if let Some((target, _)) = places.iter().find(|(_, kernel)| kernel.is_none()) {
            return Err(Error::Usage {
                message: format!(
                    "a signing key was given, and `{target}` is built for no kernel: \
                     leave the key out, or give --kernel for each target"
                ),
            });
        }
    }
    if options.built_in {
        for (target, kernel) in &places {
            image::check_request(options, target, kernel.as_ref())?;
        }
    }
    if options.wants_graph() && places.len() * workspace.modules.len() > 1 {
        return Err(Error::Usage {
            message: "one graph of jobs was asked for, and several modules are to be made: \
                      name one by --package, and one target or kernel"
                .into(),
        });
    }
    let jobserver = Jobserver::from_env()?;
    let memo = inputs::memo(&workspace);
    let saved = Saved::default();
    let mut made = Vec::new();
    let (mut number, of) = (0, places.len() * workspace.modules.len());
    let changed = inputs::renew_all(&memo, &workspace, &places)?;
    for ((target, kernel), changed) in places.iter().zip(&changed) {
        for (index, package) in workspace.modules.iter().enumerate() {
            number += 1;
            let module = Module {
                options,
                progress,
                tools: &tools,
                workspace: &workspace,
                package,
                target,
                kernel: kernel.as_ref(),
                jobserver: &jobserver,
                saved: &saved,
                memo: &memo,
                changed: if index == 0 { changed } else { &[] },
                place: (number, of),
            };
            made.extend(module.make()?);
        }
    }
    Ok(made)
}

fn fitting(dirs: &[PathBuf], target: &str) -> Result<Vec<KernelDir>> {
    let mut kernels = Vec::new();
    for dir in dirs {
        let kernel = KernelDir::open(dir)?;
        if kernel.fits_target(target) {
            kernels.push(kernel);
        }
    }
    Ok(kernels)
}

/// One module to make.
struct Module<'a> {
    options: &'a Options,
    progress: &'a dyn Progress,
    tools: &'a Tools,
    workspace: &'a cargo::Workspace,
    package: &'a cargo::ModulePackage,
    target: &'a str,
    kernel: Option<&'a KernelDir>,
    jobserver: &'a Jobserver,
    saved: &'a Saved,
    memo: &'a Memo,
    /// Inputs that build scripts are run again for.
    changed: &'a [PathBuf],
    /// Which of how many it is.
    place: (usize, usize),
}

impl Module<'_> {
    fn make(self) -> Result<Vec<Dist>> {
        let mut clock = Clock::start();
        let programs = executable::are_asked_for(&self)?;
        for path in self.changed {
            self.step(&format!("{} changed", path.display()))?;
        }
        self.step("cargo build")?;
        let collected = cargo::build(
            self.options,
            self.workspace,
            self.package,
            self.target,
            self.kernel,
            programs,
        )
        .map_err(|e| match e {
            Error::Command { .. } => self.tools.lacks_libclang().unwrap_or(e),
            other => self.with_mend(other),
        })?;
        clock.lap("cargo build");
        if let Some(kernel) = self.kernel.filter(|_| self.options.save_bindings) {
            for path in self.saved.save(self.workspace, &collected, kernel)? {
                self.step(&format!("saved declarations in {}", path.display()))?;
            }
        }
        match programs {
            true => executable::make_all(&self, &collected, &clock),
            false => Ok(vec![self.make_object(collected, clock)?]),
        }
    }

    /// Makes one object of all crates, and the module of it.
    fn make_object(&self, collected: Collected, mut clock: Clock) -> Result<Dist> {
        let built_in = self.options.built_in;
        let extension = match self.kernel {
            Some(_) if !built_in => "ko",
            _ => "o",
        };
        let name = &self.package.module;
        let reports = match (self.workspace.has_several, self.package.is_default) {
            (false, _) => Reports::Alone,
            (true, false) => Reports::Own,
            (true, true) => Reports::OwnAndDefault,
        };
        let outputs = Outputs::in_dir(self.out_dir(), name, Some(extension), reports)?;
        let stamp = Stamp::of(self, &collected)?;
        if let Some(report) = self.unchanged(&outputs, &stamp)? {
            return Ok(self.finished(outputs, report, true, Kbuild::default()));
        }

        let work = outputs.work_dir()?;
        let object = work.path().join(format!("{name}.o"));
        check_equal(&collected.manifests)?;
        let job = self.job(&collected, &object);
        self.step_about("link, inline and lower", &collected)?;
        let linked = self.link(&job, false).map_err(|e| self.with_mend(e))?;
        let outcome = linked.outcome;
        clock.lap("link child");

        self.step("prove")?;
        let facts = read_object(&object, &outcome.proved_symbols())?;
        check(&facts, &outcome.helpers)?;
        clock.lap("prove");
        let comparison = self.compare(&job, &outcome.helpers, work.path())?;
        if comparison.is_some() {
            clock.lap("compare");
        }

        let mut kbuild = Kbuild {
            notes: linked.printed,
            ..Kbuild::default()
        };
        let mut imports = Vec::new();
        let mut modinfo = Vec::new();
        let mut made = object;
        if let Some(kernel) = self.kernel {
            self.step("package")?;
            let info = ModInfo::read(&made)?;
            if built_in {
                image::check_exports(&self.package.package, &outcome.exports)?;
                let needs = check_image(kernel, &facts.undefined, &outcome.imports)?;
                imports = needs.found;
                kbuild.notes.extend(needs.notes);
            } else {
                imports = check_imports(kernel, &info, &facts.undefined, &outcome.imports)?;
            }
            modinfo = info.strings();
            let dir = work.path().join("kbuild");
            files::create_dir_all(&dir)?;
            let request = PackageRequest {
                dir: &dir,
                name,
                object: &made,
                debug: self.options.debug,
                sign: self.options.sign.as_ref(),
            };
            let package = match built_in {
                true => kernel::package_built_in(kernel, &self.tools.clang, &request)?,
                false => kernel::package(kernel, &self.tools.clang, &request)?,
            };
            made = package.made;
            kbuild.warnings = package.warnings;
            kbuild.notes.extend(package.notes);
            clock.lap("package");
        }
        self.check_interrupted()?;
        let sites = self.sites(&made, &outcome.helpers, &job)?;
        if sites.is_some() {
            clock.lap("inlined calls");
            kbuild.notes.extend(self.kernel.and_then(probes_note));
        }

        let size = made.metadata().map_err(files::io("read", &made))?.len();
        let mut report = self.report(&collected, outcome, facts, size, clock.laps);
        report.thin = linked.thin;
        report.sites = sites;
        report.object.imports = imports;
        report.object.modinfo = modinfo;
        let mut listings = comparison.map(|comparison| {
            report.comparison = Some(comparison.report);
            comparison.listings
        });
        Names::of(&collected.manifests).put_in(&mut report, listings.as_mut());
        let module = (!self.policy_failed(&report)).then_some(made.as_path());
        let documents = Documents::of(&report, listings.as_ref());
        inputs::check(self.memo, &collected.manifests, self.options)?;
        outputs.replace(work.path(), module, &documents, &stamp)?;
        Ok(self.finished(outputs, report, false, kbuild))
    }

    /// The report of what is there, when nothing is to be done.
    fn unchanged(&self, outputs: &Outputs, stamp: &Stamp) -> Result<Option<Report>> {
        match self.options.wants_graph() {
            // It is written of what is run.
            true => Ok(None),
            false => outputs.unchanged(stamp),
        }
    }

    /// Names what mends a spoilt file of cargo's, which cargo itself does not
    /// notice.
    fn with_mend(&self, error: Error) -> Error {
        let build_dir = cargo::build_dir(self.workspace);
        match error {
            Error::Malformed {
                path,
                expected,
                detail,
            } if path.starts_with(&build_dir) => Error::Malformed {
                path,
                expected,
                detail: format!(
                    "{detail}; remove `{}` to have it made anew",
                    build_dir.display()
                ),
            },
            other => other,
        }
    }

    fn out_dir(&self) -> PathBuf {
        let root = match &self.options.out {
            Some(out) => out.clone(),
            None => self.workspace.target_dir.join("dist"),
        };
        let dir = root.join(self.target);
        match &self.kernel {
            Some(kernel) => dir.join(kernel.release()),
            None => dir,
        }
    }

    fn policy_failed(&self, report: &Report) -> bool {
        self.options.inline == Policy::Require && report.outlined().next().is_some()
    }

    fn finished(&self, outputs: Outputs, report: Report, unchanged: bool, kbuild: Kbuild) -> Dist {
        Dist {
            policy_failed: self.policy_failed(&report),
            module: outputs.module,
            report_path: outputs.report,
            page_path: outputs.page,
            report,
            unchanged,
            warnings: kbuild.warnings,
            notes: kbuild.notes,
        }
    }

    fn step(&self, name: &str) -> Result<()> {
        self.begin(name, None)
    }

    /// A step about all that cargo built.
    fn step_about(&self, name: &str, collected: &Collected) -> Result<()> {
        let helpers: usize = collected.manifests.iter().map(|m| m.helpers.len()).sum();
        let some = |number: usize, what: &str| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        };
        let crates = some(collected.crates.len(), "crate");
        self.begin(name, Some(format!("{crates}, {}", some(helpers, "helper"))))
    }

    fn begin(&self, name: &str, extent: Option<String>) -> Result<()> {
        self.check_interrupted()?;
        self.progress.step(&Step {
            target: self.target,
            kernel: self.kernel.map(KernelDir::release),
            module: &self.package.module,
            number: self.place.0,
            of: self.place.1,
            name,
            extent,
        });
        Ok(())
    }

    fn check_interrupted(&self) -> Result<()> {
        if self.progress.interrupted() {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

/// What Kbuild had to say.
#[derive(Default)]
struct Kbuild {
    warnings: Vec<String>,
    notes: Vec<String>,
}
