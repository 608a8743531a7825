//! From the command line to the machines to boot: a kernel, what the machine is for,
//! and the modules that it needs. Looks at files, starts nothing.

use std::path::{Path, PathBuf};

use guest::Work;
use helper_inline_build::cli::boot::module::{self, Identity, identify};

use super::Args;
use crate::failure::{Failure, Outcome};
use crate::kernels::{self, Arch, Kernel};

/// One virtual machine to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub kernel: Kernel,
    pub work: Work,
    pub modules: Vec<Module>,
}

/// A module file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    pub ko: PathBuf,
    /// The module's name as the kernel shows it.
    pub name: String,
}

impl Machine {
    /// What a person knows it by.
    pub fn title(&self) -> String {
        let modules: Vec<&str> = self.modules.iter().map(|m| m.name.as_str()).collect();
        format!(
            "{}, {} on {} ({})",
            self.work.name(),
            modules.join(" and "),
            self.kernel.release,
            self.kernel.arch.module_target()
        )
    }
}

/// [`Work`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum WorkName {
    /// Load each module, use it, have its loading fail; load all some more times. What
    /// is done when nothing else is asked for
    Everyday,
    /// Load and unload both samples in turn, many times
    Rounds,
    /// Load, use and unload both samples while memory is short
    Pressure,
    /// Have the first sample do what the kernel reports as a fault
    Faults,
    /// Place the probes of the first sample's inlined calls, made by `dist --debug`
    Probes,
}

impl From<WorkName> for Work {
    fn from(name: WorkName) -> Work {
        match name {
            WorkName::Everyday => Work::Everyday,
            WorkName::Rounds => Work::Rounds,
            WorkName::Pressure => Work::Pressure,
            WorkName::Faults => Work::Faults,
            WorkName::Probes => Work::Probes,
        }
    }
}

/// The machines that the arguments select; at least one.
pub fn machines(root: &Path, args: &Args) -> Outcome<Vec<Machine>> {
    let targets = targets(args)?;
    let named: Vec<Kernel> = args
        .kernel
        .iter()
        .map(|directory| kernels::at(directory))
        .collect::<Outcome<_>>()?;
    let mut chosen = Vec::new();
    for arch in targets {
        let fitting: Vec<Kernel> = if named.is_empty() {
            candidates(root, arch, args)?
        } else {
            named
                .iter()
                .filter(|kernel| kernel.arch == arch)
                .cloned()
                .collect()
        };
        for kernel in fitting {
            let modules: Vec<Module> = modules(root, &kernel, args)?
                .into_iter()
                .map(|ko| checked(&kernel, ko))
                .collect::<Outcome<_>>()?;
            chosen.push((kernel, modules));
        }
    }
    if chosen.is_empty() {
        return Err(Failure::usage(
            "none of the kernels named with --kernel is for the architecture of --target or --ko",
        ));
    }
    let many_rounds = for_many_rounds(root, &chosen);
    let mut machines = Vec::new();
    for (number, (kernel, modules)) in chosen.iter().enumerate() {
        for work in works(args, number == many_rounds) {
            let fitting = fitting(work, modules);
            if !fitting.is_empty() {
                machines.push(Machine {
                    kernel: kernel.clone(),
                    work,
                    modules: fitting,
                });
            } else if !args.all {
                return Err(Failure::usage(format_args!(
                    "--work {} needs a module that is none of {}",
                    work.name(),
                    modules[0].name
                )));
            }
        }
    }
    Ok(machines)
}

/// What is to be done on a kernel. Of all kernels one goes through many rounds.
fn works(args: &Args, many_rounds: bool) -> Vec<Work> {
    if args.all {
        let mut works = Work::ALL.to_vec();
        works.retain(|work| *work != Work::Rounds || many_rounds);
        // These need modules of their own, with debug sections.
        works.retain(|work| *work != Work::Probes);
        return works;
    }
    if args.work.is_empty() {
        return vec![Work::Everyday];
    }
    args.work.iter().map(|&work| work.into()).collect()
}

/// Which of the kernels goes through many rounds: the default one of this machine's
/// own architecture if it is among them, else the first.
fn for_many_rounds(root: &Path, chosen: &[(Kernel, Vec<Module>)]) -> usize {
    let host = Arch::ALL
        .into_iter()
        .find(|arch| arch.module_target().starts_with(std::env::consts::ARCH));
    let default =
        host.and_then(|arch| kernels::default_for(&kernels::directory(root), arch.module_target()));
    chosen
        .iter()
        .position(|(kernel, _)| Some(kernel) == default.as_ref())
        .unwrap_or(0)
}

/// The modules of a machine for a work: those that it can be done with.
fn fitting(work: Work, modules: &[Module]) -> Vec<Module> {
    let of = |names: &[&str]| -> Vec<Module> {
        let wanted = |module: &&Module| names.contains(&module.name.as_str());
        modules.iter().filter(wanted).cloned().collect()
    };
    match work {
        Work::Everyday | Work::Rounds => modules.to_vec(),
        Work::Pressure => of(&guest::SAMPLES),
        Work::Faults | Work::Probes => of(&[guest::SAMPLE]),
    }
}

fn targets(args: &Args) -> Outcome<Vec<Arch>> {
    let mut asked = args
        .target
        .iter()
        .map(|target| {
            Arch::of_target(target).ok_or_else(|| {
                let known = Arch::ALL.map(Arch::module_target).join(" and ");
                Failure::usage(format_args!(
                    "no kernels for --target {target}; known are {known}"
                ))
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    asked.dedup();
    let Some(ko) = &args.ko else {
        return Ok(if asked.is_empty() {
            Arch::ALL.to_vec()
        } else {
            asked
        });
    };
    let arch = identify(ko)?.arch;
    if !asked.is_empty() && asked != [arch] {
        return Err(Failure::usage(format_args!(
            "{} is a module for {arch}, not for --target {}",
            ko.display(),
            args.target.join(" and ")
        )));
    }
    Ok(vec![arch])
}

/// The kernels under `target/kernels` that there is a module for.
fn candidates(root: &Path, arch: Arch, args: &Args) -> Outcome<Vec<Kernel>> {
    let directory = kernels::directory(root);
    let target = arch.module_target();
    let Some(default) = kernels::default_for(&directory, target) else {
        return Err(Failure::need(format_args!(
            "no {arch} kernel under {}; run `cargo xtask kernels fetch --arch {arch}`",
            directory.display()
        )));
    };
    if args.ko.is_some() {
        return Ok(vec![default]);
    }
    let mut with_module = kernels::installed(&directory);
    with_module.retain(|kernel| kernel.arch == arch);
    if args.all {
        return Ok(with_module);
    }
    with_module.retain(|kernel| built_modules(root, kernel).any(|ko| ko.is_file()));
    if with_module.is_empty() {
        // Its missing module is reported under the name that dist would give it.
        return Ok(vec![default]);
    }
    Ok(with_module)
}

/// Where `cargo xtask dist` puts the samples for a kernel.
fn built_modules(root: &Path, kernel: &Kernel) -> impl Iterator<Item = PathBuf> {
    let directory = module::dist_directory(&root.join("target"), kernel);
    guest::SAMPLES
        .into_iter()
        .map(move |name| directory.join(name).with_extension("ko"))
}

/// The modules to boot on a kernel: the one that is named, or the samples that are
/// there. When none is, the first one's absence is reported. All must be there for
/// `--all`, and whatever else dist has made.
fn modules(root: &Path, kernel: &Kernel, args: &Args) -> Outcome<Vec<PathBuf>> {
    if let Some(ko) = &args.ko {
        return Ok(vec![ko.clone()]);
    }
    let samples: Vec<PathBuf> = built_modules(root, kernel).collect();
    if args.all {
        let others = made_by_dist(root, kernel)
            .into_iter()
            .filter(|ko| !samples.contains(ko))
            .collect();
        return Ok([samples.clone(), others].concat());
    }
    let there: Vec<PathBuf> = samples.iter().filter(|ko| ko.is_file()).cloned().collect();
    if there.is_empty() {
        return Ok(samples[..1].to_vec());
    }
    Ok(there)
}

/// Modules with a report beside them.
fn made_by_dist(root: &Path, kernel: &Kernel) -> Vec<PathBuf> {
    let mut made = module::made_by_dist(&root.join("target"), kernel);
    made.retain(|ko| ko.with_extension("report.json").is_file());
    made
}

fn checked(kernel: &Kernel, ko: PathBuf) -> Outcome<Module> {
    if !ko.is_file() {
        return Err(Failure::need(format_args!(
            "no module {}; run `cargo xtask dist --target {}`",
            ko.display(),
            kernel.arch.module_target()
        )));
    }
    let Identity { arch, name, .. } = identify(&ko)?;
    if arch != kernel.arch {
        return Err(Failure::usage(format_args!(
            "{} is a module for {arch}, and kernel {} is not",
            ko.display(),
            kernel.release
        )));
    }
    Ok(Module { ko, name })
}

#[cfg(test)]
mod tests;
