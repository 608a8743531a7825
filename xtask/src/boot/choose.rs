//! From the command line to the machines to boot: pairs of a kernel and a
//! module file. Looks at files, starts nothing.

use std::path::{Path, PathBuf};

use object::{Object, ObjectSection};

use super::Args;
use crate::failure::{Failure, Outcome};
use crate::kernels::{self, Arch, Kernel};

/// One virtual machine to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub kernel: Kernel,
    pub ko: PathBuf,
    /// The module's name as the kernel shows it.
    pub module: String,
}

/// The machines that the arguments select; at least one.
pub fn machines(root: &Path, args: &Args) -> Outcome<Vec<Machine>> {
    let targets = targets(args)?;
    let named: Vec<Kernel> = args
        .kernel
        .iter()
        .map(|directory| kernels::at(directory))
        .collect::<Outcome<_>>()?;
    let mut machines = Vec::new();
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
            machines.push(machine(root, kernel, args)?);
        }
    }
    if machines.is_empty() {
        return Err(Failure::usage(
            "none of the kernels named with --kernel is for the architecture of --target or --ko",
        ));
    }
    Ok(machines)
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
    with_module.retain(|kernel| kernel.arch == arch && built_module(root, kernel).is_file());
    if with_module.is_empty() {
        // Its missing module is reported under the name that dist would give it.
        return Ok(vec![default]);
    }
    Ok(with_module)
}

/// Where `cargo xtask dist` puts the sample for a kernel.
fn built_module(root: &Path, kernel: &Kernel) -> PathBuf {
    root.join("target/dist")
        .join(kernel.arch.module_target())
        .join(&kernel.release)
        .join(guest::SAMPLE)
        .with_extension("ko")
}

fn machine(root: &Path, kernel: Kernel, args: &Args) -> Outcome<Machine> {
    let ko = match &args.ko {
        Some(ko) => ko.clone(),
        None => built_module(root, &kernel),
    };
    if !ko.is_file() {
        return Err(Failure::need(format_args!(
            "no module {}; run `cargo xtask dist --target {}`",
            ko.display(),
            kernel.arch.module_target()
        )));
    }
    let Identity { arch, module } = identify(&ko)?;
    if arch != kernel.arch {
        return Err(Failure::usage(format_args!(
            "{} is a module for {arch}, and kernel {} is not",
            ko.display(),
            kernel.release
        )));
    }
    Ok(Machine { kernel, ko, module })
}

/// What a module file says about itself.
struct Identity {
    arch: Arch,
    module: String,
}

fn identify(ko: &Path) -> Outcome<Identity> {
    let bad = |why: &dyn std::fmt::Display| {
        Failure::usage(format_args!("{} is no kernel module: {why}", ko.display()))
    };
    let bytes = std::fs::read(ko)
        .map_err(|error| Failure::usage(format_args!("module {}: {error}", ko.display())))?;
    let file = object::File::parse(&*bytes).map_err(|error| bad(&error))?;
    if file.kind() != object::ObjectKind::Relocatable {
        return Err(bad(&"it is not a relocatable object"));
    }
    let arch = Arch::of_elf(file.architecture()).ok_or_else(|| {
        bad(&format_args!(
            "{:?} is neither x86_64 nor aarch64",
            file.architecture()
        ))
    })?;
    let modinfo = file
        .section_by_name(".modinfo")
        .and_then(|section| section.data().ok())
        .ok_or_else(|| bad(&"it has no .modinfo section"))?;
    let module = name_in(modinfo).ok_or_else(|| bad(&"its .modinfo has no name"))?;
    Ok(Identity { arch, module })
}

/// The module's name among the strings of `.modinfo`, which modpost put there;
/// the file may have been renamed since.
fn name_in(modinfo: &[u8]) -> Option<String> {
    let name = modinfo
        .split(|&byte| byte == 0)
        .find_map(|entry| entry.strip_prefix(b"name="))?;
    String::from_utf8(name.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_module_is_known_by_what_modpost_named_it() {
        let modinfo = b"license=GPL\0filename=x\0name=sample_kmod\0vermagic=6.1\0";
        assert_eq!(name_in(modinfo).as_deref(), Some("sample_kmod"));
        assert_eq!(name_in(b"license=GPL\0"), None);
    }
}
