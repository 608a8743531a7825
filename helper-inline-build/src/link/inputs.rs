//! Reading bitcode and linking it into one module, each input named while it is
//! at work.
//!
//! Not here: the order of things (`engine`).

use super::c_names::CNames;
use super::harmonize::{self, Profile, Side, Unit};
use super::identify::identify;
use super::internalize::link_only_needed;
use super::job::{Failure, Harmonized, Job};
use super::llvm::{CodeModel, CodegenLevel, Context, Function, Llvm, Machine, Module, Severity};
use super::producers;
use super::rlib::bitcode_members;
use crate::files;
use crate::manifest::BASELINE;
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::Path;

/// How bitcode is read: lazily, or whole.
type Read<'a> = fn(&'a Context<'a>, &[u8], &str) -> Result<Module<'a>, String>;

/// One unit of helpers, read.
pub(super) struct HelperModule<'a> {
    /// Its file, for messages.
    pub(super) input: String,
    /// Symbols of its helpers; `None` for what has the declarations of all units' helpers
    /// and nothing else.
    helpers: Option<&'a BTreeSet<String>>,
    pub(super) module: Module<'a>,
    /// What was made equal of its own functions.
    pub(super) harmonized: Vec<Harmonized>,
}

impl HelperModule<'_> {
    /// The function that shows what the C build gives every function.
    pub(super) fn baseline(&self) -> Result<Function<'_>, Failure> {
        self.module.function(BASELINE).ok_or_else(|| {
            let reason = format!(
                "it has no `{BASELINE}`: it was not compiled by this version of helper-inline-build"
            );
            link_failure(&self.input, reason)
        })
    }

    /// What it says of the target.
    pub(super) fn target(&self) -> Target {
        Target {
            input: self.input.clone(),
            triple: self.module.triple(),
            layout: self.module.data_layout(),
            code_model: harmonize::code_model(&self.module),
            pic: harmonize::is_pic(&self.module),
        }
    }

    fn unit(&self) -> Result<Unit<'_>, Failure> {
        let functions = self.module.functions().into_iter();
        Ok(Unit {
            input: &self.input,
            baseline: self.baseline()?,
            helpers: functions.filter(|f| self.is_helper(*f)).collect(),
        })
    }

    /// Returns true if the manifest lists a helper of this name.
    pub(super) fn has_helper(&self, name: &str) -> bool {
        self.helpers.is_some_and(|helpers| helpers.contains(name))
    }

    /// Returns true for a helper of the unit's own. A function or variable with the prefix
    /// need not be one.
    pub(super) fn is_helper(&self, function: Function<'_>) -> bool {
        match self.helpers {
            None => function.name() != BASELINE,
            Some(helpers) => {
                !function.global().is_declaration() && helpers.contains(&function.name())
            }
        }
    }
}

/// What the first unit of helpers says of the target, and all inputs must agree
/// with.
pub(super) struct Target {
    input: String,
    pub(super) triple: String,
    pub(super) layout: String,
    pub(super) code_model: CodeModel,
    pub(super) pic: bool,
}

impl Target {
    /// A machine for it, which lives as long as the process.
    pub(super) fn machine<'l>(
        &self,
        llvm: &'l Llvm,
        level: CodegenLevel,
    ) -> Result<ManuallyDrop<Machine<'l>>, String> {
        let machine = Machine::new(llvm, &self.triple, self.pic, self.code_model, level)?;
        Ok(ManuallyDrop::new(machine))
    }
}

/// The inputs of a job.
pub(super) struct Inputs<'a> {
    pub(super) job: &'a Job,
    pub(super) llvm: &'a Llvm,
    pub(super) context: &'a Context<'a>,
    pub(super) side: Side,
    /// Told what begins, for the case that LLVM ends the process.
    pub(super) stage: &'a mut dyn FnMut(String),
}

impl<'a> Inputs<'a> {
    /// Reads every unit of helpers. They agree in target and module flags.
    pub(super) fn helpers(&mut self) -> Result<(Vec<HelperModule<'a>>, Target), Failure> {
        let mut helpers = Vec::new();
        let names = CNames::of(&self.job.helpers);
        for helper in &self.job.helpers {
            let module = self.helper(&helper.bitcode)?;
            // Who debugs knows the C name, and symbols tell apart what has one in common.
            for (symbol, name) in names.alone() {
                if let Some(function) = module.function(symbol) {
                    function.set_linkage_name(name);
                }
            }
            helpers.push(HelperModule {
                input: show(&helper.bitcode),
                helpers: Some(&helper.helpers),
                harmonized: harmonize::drop_hosted_features(&module, self.side),
                module,
            });
        }
        let Some(first) = helpers.first() else {
            let reason = "no crate of it has helpers".to_owned();
            return Err(link_failure(&self.job.name, reason));
        };
        let target = first.target();
        for other in &helpers {
            check_layout(&other.input, &other.module, &target)?;
            let difference = harmonize::flags_differ(&first.module, &other.module, self.side);
            if let Some(difference) = difference {
                let reason = format!(
                    "it is compiled with other flags than `{}` ({difference}); give both the same",
                    target.input
                );
                return Err(link_failure(&other.input, reason));
            }
        }
        Ok((helpers, target))
    }

    /// Reads a unit of helpers, bodies and all: they are changed before they are linked.
    fn helper(&mut self, path: &Path) -> Result<Module<'a>, Failure> {
        let module = self.read(path, Module::read_whole)?;
        harmonize::allow_non_finite(module).map_err(|reason| link_failure(&show(path), reason))
    }

    /// Reads the declarations of helpers, as [`thin`](super::thin) writes them.
    pub(super) fn interface(&mut self, path: &Path) -> Result<HelperModule<'a>, Failure> {
        Ok(HelperModule {
            input: show(path),
            helpers: None,
            module: self.read(path, Module::read)?,
            harmonized: Vec::new(),
        })
    }

    /// Reads a file of bitcode that this crate wrote.
    pub(super) fn bitcode(&mut self, path: &Path) -> Result<Module<'a>, Failure> {
        self.read(path, Module::read)
    }

    /// The attributes that the C build gives every function.
    pub(super) fn profile(&self, helpers: &[HelperModule<'a>]) -> Result<Profile, Failure> {
        let units: Vec<Unit<'_>> = helpers
            .iter()
            .map(HelperModule::unit)
            .collect::<Result<_, _>>()?;
        Profile::of(&units, self.side).map_err(|reason| link_failure(&helpers[0].input, reason))
    }

    /// Reads a Rust crate's bitcode for a target.
    pub(super) fn krate(&mut self, path: &Path, target: &Target) -> Result<Module<'a>, Failure> {
        let module = self.read(path, Module::read)?;
        check_layout(&show(path), &module, target)?;
        Ok(module)
    }

    /// Links what is needed of a library.
    pub(super) fn link_library(
        &mut self,
        linked: &mut Module<'a>,
        library: &Path,
        profile: &mut Profile,
        target: &Target,
    ) -> Result<(), Failure> {
        (self.stage)(format!("reading `{}`", library.display()));
        let members =
            bitcode_members(library).map_err(|e| link_failure(&show(library), e.to_string()))?;
        for member in members {
            let name = format!("{}({})", library.display(), member.name);
            let module = self.parse(&member.bitcode, library, &name, Module::read)?;
            check_layout(&name, &module, target)?;
            profile.apply(&module);
            link_only_needed(&module, &BTreeSet::new());
            self.link(linked, module, &name)?;
        }
        Ok(())
    }

    /// Links a module into another.
    pub(super) fn link(
        &mut self,
        into: &mut Module<'a>,
        module: Module<'a>,
        input: &str,
    ) -> Result<(), Failure> {
        (self.stage)(format!("linking `{input}`"));
        into.link(module)
            .map_err(|reason| link_failure(input, reason))?;
        // Nothing that LLVM warns of is hidden, except what the table leaves to it;
        // a triple's spelling is no difference (`-none` and `-linux-gnu` lay data
        // out alike, as checked).
        for (severity, text) in self.context.take_diagnostics() {
            let needless =
                text.contains("different target triples") || harmonize::is_needless_warning(&text);
            if severity == Severity::Warning && !needless {
                return Err(link_failure(input, text));
            }
        }
        Ok(())
    }

    /// Reads a bitcode file, its producer first.
    fn read(&mut self, path: &Path, how: Read<'a>) -> Result<Module<'a>, Failure> {
        (self.stage)(format!("reading `{}`", path.display()));
        let bytes = files::read(path).map_err(|e| link_failure(&show(path), e.to_string()))?;
        self.parse(&bytes, path, &show(path), how)
    }

    fn parse(
        &self,
        bytes: &[u8],
        path: &Path,
        name: &str,
        how: Read<'a>,
    ) -> Result<Module<'a>, Failure> {
        let malformed = |detail: String| Failure::Malformed {
            path: path.to_owned(),
            detail,
        };
        let producer = identify(bytes).map_err(malformed)?;
        producers::check_one(path, &producer, self.llvm.version(), None)?;
        how(self.context, bytes, name).map_err(malformed)
    }
}

fn check_layout(input: &str, module: &Module<'_>, target: &Target) -> Result<(), Failure> {
    harmonize::check_layout(&module.data_layout(), &target.layout, &target.input)
        .map_err(|reason| link_failure(input, reason))
}

pub(super) fn link_failure(input: &str, reason: String) -> Failure {
    Failure::Link {
        input: input.to_owned(),
        reason,
    }
}

pub(super) fn show(path: &Path) -> String {
    path.display().to_string()
}
