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
            for ko in modules(root, &kernel, args) {
                machines.push(machine(kernel.clone(), ko)?);
            }
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
    with_module
        .retain(|kernel| kernel.arch == arch && built_modules(root, kernel).any(|ko| ko.is_file()));
    if with_module.is_empty() {
        // Its missing module is reported under the name that dist would give it.
        return Ok(vec![default]);
    }
    Ok(with_module)
}

/// Where `cargo xtask dist` puts the samples for a kernel.
fn built_modules(root: &Path, kernel: &Kernel) -> impl Iterator<Item = PathBuf> {
    let directory = root
        .join("target/dist")
        .join(kernel.arch.module_target())
        .join(&kernel.release);
    guest::SAMPLES
        .into_iter()
        .map(move |name| directory.join(name).with_extension("ko"))
}

/// The modules to boot on a kernel, each on a machine of its own: the one that is
/// named, or the samples that are there. When none is, the first one's absence is
/// reported.
fn modules(root: &Path, kernel: &Kernel, args: &Args) -> Vec<PathBuf> {
    if let Some(ko) = &args.ko {
        return vec![ko.clone()];
    }
    let there: Vec<PathBuf> = built_modules(root, kernel)
        .filter(|ko| ko.is_file())
        .collect();
    if there.is_empty() {
        return built_modules(root, kernel).take(1).collect();
    }
    there
}

fn machine(kernel: Kernel, ko: PathBuf) -> Outcome<Machine> {
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
    use std::fs;
    use std::path::PathBuf;

    use super::{modules, name_in};
    use crate::boot::Args;
    use crate::kernels::{Arch, Kernel};

    #[test]
    fn each_sample_that_is_there_is_booted() {
        let root = tempfile::tempdir().unwrap();
        let kernel = Kernel {
            release: "6.1.0-56-amd64".into(),
            arch: Arch::Amd64,
            build_dir: PathBuf::new(),
            image: PathBuf::new(),
        };
        let names = |args: &Args| -> Vec<String> {
            modules(root.path(), &kernel, args)
                .iter()
                .map(|ko| ko.file_name().unwrap().to_str().unwrap().to_owned())
                .collect()
        };
        let all = Args::default();
        // What its absence is reported as.
        assert_eq!(names(&all), ["sample_kmod.ko"]);
        let dir = "target/dist/x86_64-unknown-none/6.1.0-56-amd64";
        let dir = root.path().join(dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("sample_block.ko"), "").unwrap();
        fs::write(dir.join("other.ko"), "").unwrap();
        assert_eq!(names(&all), ["sample_block.ko"]);
        fs::write(dir.join("sample_kmod.ko"), "").unwrap();
        assert_eq!(names(&all), ["sample_kmod.ko", "sample_block.ko"]);
        let named = Args {
            ko: Some("x/other.ko".into()),
            ..Args::default()
        };
        assert_eq!(names(&named), ["other.ko"]);
    }

    #[test]
    fn a_module_is_known_by_what_modpost_named_it() {
        let modinfo = b"license=GPL\0filename=x\0name=sample_kmod\0vermagic=6.1\0";
        assert_eq!(name_in(modinfo).as_deref(), Some("sample_kmod"));
        assert_eq!(name_in(b"license=GPL\0"), None);
    }
}
