//! `kernels fetch`: from a version line to unpacked trees. The order of things
//! and what is cleaned up when they fail; the parts do the work.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use fs4::fs_std::FileExt;

use super::packages::{self, Packages};
use super::{Arch, Kernel, installed, line, programs, unpack};
use crate::cli::apt::{Apt, Package, Suites};
use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::{self, Step};

/// Makes sure that a kernel of the line is in `directory` for each architecture,
/// and returns them. What is there already is left alone, without asking the network.
pub fn fetch(directory: &Path, line: &str, architectures: &[Arch]) -> Outcome<Vec<Kernel>> {
    line::check(line)?;
    command::catch_interrupts();
    let mut wanted = architectures.to_vec();
    wanted.sort();
    wanted.dedup();
    let (there, missing) = sort_out(directory, line, &wanted);
    for kernel in &there {
        progress::line(&format!("{} is already there", kernel.release));
    }
    if missing.is_empty() {
        return Ok(there);
    }
    let host = Arch::host().ok_or_else(|| {
        Failure::usage(format_args!(
            "Debian's Kbuild programs run on amd64 and arm64, and this machine is {}",
            std::env::consts::ARCH
        ))
    })?;
    fs::create_dir_all(directory).with_context(|| format!("creating {}", directory.display()))?;
    // apt gives its programs paths, which they read from other directories.
    let directory = directory
        .canonicalize()
        .with_context(|| format!("resolving {}", directory.display()))?;
    let _one_at_a_time = lock(&directory)?;
    sweep(&directory)?;
    // Another process may have fetched them while this one waited for the lock.
    let (_, missing) = sort_out(&directory, line, &missing);
    if !missing.is_empty() {
        fetch_missing(&directory, line, &missing, host)?;
    }
    Ok(sort_out(&directory, line, &wanted).0)
}

fn sort_out(directory: &Path, line: &str, wanted: &[Arch]) -> (Vec<Kernel>, Vec<Arch>) {
    let kernels = installed(directory);
    let mut there = Vec::new();
    let mut missing = Vec::new();
    for &arch in wanted {
        let found = kernels
            .iter()
            .find(|k| k.arch == arch && k.is_of_line(line) && !k.is_built_here());
        match found {
            Some(kernel) => there.push(kernel.clone()),
            None => missing.push(arch),
        }
    }
    (there, missing)
}

pub(super) fn lock(directory: &Path) -> Result<File> {
    let path = directory.join(".lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    // Released by the kernel when the file is closed, however the process ends.
    let mut told = false;
    loop {
        let locked = FileExt::try_lock_exclusive(&file)
            .with_context(|| format!("locking {}", path.display()))?;
        if locked {
            return Ok(file);
        }
        if !told {
            progress::line(&format!(
                "waiting for another fetch into {}",
                directory.display()
            ));
            told = true;
        }
        command::check_interrupt()?;
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Removes what a process that was killed left. Only under the lock.
fn sweep(directory: &Path) -> Result<()> {
    for entry in directory.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(".partial") {
            fs::remove_dir_all(entry.path())
                .with_context(|| format!("removing {}", entry.path().display()))?;
        }
    }
    Ok(())
}

fn fetch_missing(directory: &Path, line: &str, missing: &[Arch], host: Arch) -> Outcome {
    let mut architectures = vec![host];
    architectures.extend(missing.iter().filter(|&&arch| arch != host));
    let (apt, suites) = line::find(directory, line, missing, &architectures)?;
    let mut kernels = missing
        .iter()
        .map(|&arch| packages::resolve(&apt, line, arch, host))
        .collect::<Result<Vec<_>>>()?;
    // What Debian 12 has runs on whatever is newer too.
    if suites != Suites::TrixieBackports {
        kernels
            .iter_mut()
            .for_each(|kernel| kernel.libraries.clear());
    }

    let debs = Scratch::new(directory.join(".debs.partial"))?;
    download(&apt, &kernels, debs.path())?;
    for kernel in &kernels {
        unpack_kernel(directory, kernel, debs.path())?;
        progress::line(&format!("{} unpacked", kernel.release));
    }
    Ok(())
}

/// All packages at once; two kernels of one release share most of theirs.
fn download(apt: &Apt, kernels: &[Packages], debs: &Path) -> Result<()> {
    let mut wanted: Vec<Package> = Vec::new();
    for package in kernels.iter().flat_map(all) {
        if !wanted.contains(package) {
            wanted.push(package.clone());
        }
    }
    let bytes = wanted.iter().map(|package| package.size).sum();
    let step = Step::of_bytes("download", bytes);
    apt.download(&wanted, debs, |percent| step.at_percent(percent))?;
    step.done();
    Ok(())
}

fn all(kernel: &Packages) -> impl Iterator<Item = &Package> {
    let headers = kernel.headers.iter().chain(&kernel.libraries);
    headers.chain([&kernel.image])
}

fn unpack_kernel(directory: &Path, kernel: &Packages, debs: &Path) -> Result<()> {
    let release = &kernel.release;
    let tree = Scratch::new(directory.join(format!(".{release}.partial")))?;
    let files = all(kernel)
        .map(|package| Ok((package, file_of(package, debs)?)))
        .collect::<Result<Vec<_>>>()?;
    let total = files.iter().map(|(package, _)| package.unpacked).sum();
    let step = Step::of_bytes(&format!("unpack {release}"), total);
    let mut before = 0;
    for (package, deb) in &files {
        let image = *package == &kernel.image;
        // Of the image's 400 MB only the kernel itself is wanted, not its modules,
        // which lie under lib. A newer kernel lies beside them.
        let prefixes: &[&str] = if image {
            &["boot", "usr/lib/modules"]
        } else {
            &["usr/src", "usr/lib"]
        };
        unpack::unpack(deb, tree.path(), prefixes, |bytes| {
            step.at(before + bytes.min(package.unpacked));
        })?;
        before += package.unpacked;
    }
    let unpacked = Kernel::in_tree(tree.path(), release).with_context(|| {
        format!("Debian's packages for {release} have no vmlinuz or no Module.symvers")
    })?;
    unpack::make_movable(&unpacked.build_dir)?;
    if !kernel.libraries.is_empty() {
        run_programs(tree.path())?;
    }
    step.done();
    command::check_interrupt()?;
    tree.keep_as(&directory.join(release))
}

/// Has Kbuild's programs run with the libraries that were unpacked beside them.
fn run_programs(tree: &Path) -> Result<()> {
    let lib = tree.join("usr/lib");
    let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
    for entry in fs::read_dir(&lib).with_context(|| format!("reading {}", lib.display()))? {
        let path = entry
            .with_context(|| format!("reading {}", lib.display()))?
            .path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("linux-kbuild-") {
            programs::run_with(&path, &lib.join(&triplet))?;
        }
    }
    Ok(())
}

/// The file that apt made of a package: `name_version_arch.deb`, the version's colon escaped.
fn file_of(package: &Package, debs: &Path) -> Result<PathBuf> {
    let Package {
        name,
        version,
        architecture,
        ..
    } = package;
    let version = version.replace(':', "%3a");
    let path = debs.join(format!("{name}_{version}_{architecture}.deb"));
    path.is_file()
        .then_some(path)
        .with_context(|| format!("apt-get download left no file for {name} {version}"))
}

/// A directory that is gone at the end unless it is kept.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn keep_as(self, path: &Path) -> Result<()> {
        // A tree of that name that is not whole would have been found by `installed`.
        if path.exists() {
            fs::remove_dir_all(path).with_context(|| format!("replacing {}", path.display()))?;
        }
        fs::rename(&self.0, path).with_context(|| format!("renaming to {}", path.display()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After `keep_as` there is nothing left under the old name.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_the_rest_stays() {
        let directory = tempfile::tempdir().unwrap();
        let make = |name: &str| fs::create_dir_all(directory.path().join(name)).unwrap();
        for name in [
            ".6.1.0-1-amd64.partial/usr",
            ".debs.partial",
            "6.1.0-1-amd64",
            ".apt",
        ] {
            make(name);
        }
        sweep(directory.path()).unwrap();
        let exists = |name: &str| directory.path().join(name).exists();
        assert!(!exists(".6.1.0-1-amd64.partial") && !exists(".debs.partial"));
        assert!(exists("6.1.0-1-amd64") && exists(".apt"));
    }

    #[test]
    fn scratch_is_gone_unless_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".a.partial");
        drop(Scratch::new(path.clone()).unwrap());
        assert!(!path.exists());
        let kept = directory.path().join("a");
        Scratch::new(path.clone()).unwrap().keep_as(&kept).unwrap();
        assert!(kept.exists() && !path.exists());
    }
}
