//! Which modules are booted on which kernel. Looks at files, starts nothing.

use super::Args;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;
use crate::cli::kernels::{self, Arch, Kernel};
use object::{Object as _, ObjectSection as _};
use std::path::{Path, PathBuf};

/// A module file, and the kernel that it was made for.
pub(super) struct Machine {
    pub kernel: Kernel,
    pub ko: PathBuf,
    /// The module's name as the kernel shows it.
    pub name: String,
}

/// The machines that the arguments select; at least one.
pub(super) fn machines(root: &Path, target_dir: &Path, args: &Args) -> Outcome<Vec<Machine>> {
    let named: Vec<Kernel> = args
        .kernel
        .iter()
        .map(|directory| kernels::at(directory))
        .collect::<Outcome<_>>()?;
    let kernels = match named.is_empty() {
        true => kernels::installed(&kernels::directory(root)),
        false => named,
    };
    let asked = |arch: Arch| {
        let target = arch.module_target();
        args.target.is_empty() || args.target.iter().any(|asked| asked == target)
    };
    let kernels = kernels.into_iter().filter(|kernel| asked(kernel.arch));
    if let Some(ko) = &args.ko {
        return Ok(vec![machine_of(ko, kernels)?]);
    }
    let mut machines = Vec::new();
    for kernel in kernels {
        for ko in made_by_dist(target_dir, &kernel) {
            let name = identify(&ko)?.name;
            let kernel = kernel.clone();
            machines.push(Machine { kernel, ko, name });
        }
    }
    if machines.is_empty() {
        return Err(Failure::need(format_args!(
            "no module under {} for a kernel that can be booted; run `{} dist`",
            target_dir.join("dist").display(),
            front::name()
        )));
    }
    Ok(machines)
}

/// The machine for a module: the kernel that it was made for is the only one that loads it.
fn machine_of(ko: &Path, mut kernels: impl Iterator<Item = Kernel>) -> Outcome<Machine> {
    let identity = identify(ko)?;
    let fits = |kernel: &Kernel| kernel.arch == identity.arch && kernel.release == identity.release;
    let Some(kernel) = kernels.find(fits) else {
        return Err(Failure::need(format_args!(
            "{} was made for {} ({}), and no such kernel can be booted: name its tree with \
             --kernel, or make the module for one of `{} kernels list`",
            ko.display(),
            identity.release,
            identity.arch,
            front::name()
        )));
    };
    Ok(Machine {
        kernel,
        ko: ko.to_owned(),
        name: identity.name,
    })
}

/// Where dist puts modules for a kernel.
#[must_use]
pub fn dist_directory(target_dir: &Path, kernel: &Kernel) -> PathBuf {
    target_dir
        .join("dist")
        .join(kernel.arch.module_target())
        .join(&kernel.release)
}

/// What dist has made for a kernel.
#[must_use]
pub fn made_by_dist(target_dir: &Path, kernel: &Kernel) -> Vec<PathBuf> {
    let entries = dist_directory(target_dir, kernel).read_dir().into_iter();
    let mut made: Vec<PathBuf> = entries
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ko"))
        .collect();
    made.sort();
    made
}

/// What a module file says about itself.
#[derive(Debug)]
pub struct Identity {
    /// What it runs on.
    pub arch: Arch,
    /// Its name, which modpost put there; the file may have been renamed since.
    pub name: String,
    /// The release of the kernel that it was made for.
    pub release: String,
}

/// Reads it.
pub fn identify(ko: &Path) -> Outcome<Identity> {
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
    let value = |key: &str| value_in(modinfo, key);
    let name = value("name=").ok_or_else(|| bad(&"its .modinfo has no name"))?;
    let magic = value("vermagic=").ok_or_else(|| bad(&"its .modinfo has no vermagic"))?;
    Ok(Identity {
        arch,
        name,
        release: magic.split(' ').next().unwrap_or_default().to_owned(),
    })
}

/// A value among the strings of `.modinfo`.
fn value_in(modinfo: &[u8], key: &str) -> Option<String> {
    let mut entries = modinfo.split(|&byte| byte == 0);
    let value = entries.find_map(|entry| entry.strip_prefix(key.as_bytes()))?;
    String::from_utf8(value.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_says_of_itself_is_read() {
        let modinfo = b"license=GPL\0name=disk\0vermagic=6.1.0-56-amd64 SMP preempt\0";
        assert_eq!(value_in(modinfo, "name=").unwrap(), "disk");
        assert!(value_in(modinfo, "alias=").is_none());
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.ko");
        std::fs::write(&file, "no object").unwrap();
        let failure = identify(&file).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(format!("{failure:#}").contains("x.ko is no kernel module: "));
    }
}
