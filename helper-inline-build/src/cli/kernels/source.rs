//! Debian's kernel sources, downloaded and unpacked once for each version line
//! under the directory of the kernels. Building them is not its matter.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::fetch::Scratch;
use super::{Arch, unpack};
use crate::cli::apt::{Apt, Package, Suites};
use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Step;

/// The sources of a line under `directory`, fetched when they are not there, and
/// their version. The caller holds the directory's lock.
pub(super) fn unpacked(directory: &Path, line: &str) -> Outcome<(PathBuf, String)> {
    let place = directory.join(format!(".source-{line}"));
    if !place.is_dir() {
        fetch(directory, line, &place)?;
    }
    let version = version(&place)?;
    Ok((place, version))
}

fn fetch(directory: &Path, line: &str, place: &Path) -> Outcome {
    let host = Arch::host()
        .ok_or_else(|| Failure::usage("kernels are built on machines of amd64 and arm64 alone"))?;
    let (apt, package) = find(directory, line, host)?;
    let scratch = Scratch::new(directory.join(".source.partial"))?;
    let step = Step::of_bytes(&format!("download {}", package.name), package.size);
    apt.download(std::slice::from_ref(&package), scratch.path(), |percent| {
        step.at_percent(percent);
    })?;
    step.done();
    let debs = files(scratch.path())?;
    let deb = debs.first().context("apt-get download left no file")?;
    unpack::unpack(deb, scratch.path(), &["usr/src"], |_| ())?;
    let archives = files(&scratch.path().join("usr/src"))?;
    let archive = archives
        .iter()
        .find(|path| path.to_string_lossy().ends_with(".tar.xz"))
        .with_context(|| format!("{} holds no archive of sources", package.name))?;
    let step = Step::of_percent(&format!("unpack {}", package.name));
    let tree = Scratch::new(scratch.path().join("tree"))?;
    command::output(
        Command::new("tar")
            .args(["--strip-components=1", "-xf"])
            .arg(archive)
            .arg("-C")
            .arg(tree.path()),
    )?;
    step.done();
    Ok(tree.keep_as(place)?)
}

fn find(directory: &Path, line: &str, host: Arch) -> Outcome<(Apt, Package)> {
    let name = format!("linux-source-{line}");
    for suites in Suites::ALL {
        let apt = Apt::new(&directory.join(".apt"), &[host.debian()], suites)?;
        let step = Step::of_percent("package lists");
        apt.update(|percent| step.at_percent(percent))?;
        step.done();
        // apt lists the newest first.
        if let Some(package) = apt.versions(&name, host.debian())?.into_iter().next() {
            return Ok((apt, package));
        }
    }
    Err(Failure::usage(format_args!(
        "Debian 12 and 13 have no {name}; try --release 6.1 or 6.12"
    )))
}

fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = directory
        .read_dir()
        .with_context(|| format!("reading {}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

fn version(source: &Path) -> Result<String> {
    let version = command::output(make(source).arg("kernelversion"))?;
    Ok(version.trim().to_owned())
}

/// `make` in the sources, with nothing of a make around it.
pub(super) fn make(source: &Path) -> Command {
    let mut make = Command::new("make");
    make.arg("-C")
        .arg(source)
        .args(["-s", "--no-print-directory"]);
    for variable in ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ARCH", "CROSS_COMPILE"] {
        make.env_remove(variable);
    }
    make
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn sources_that_are_there_are_not_fetched_and_tell_their_version() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join(".source-1.2");
        fs::create_dir(&place).unwrap();
        fs::write(place.join("Makefile"), "kernelversion:\n\t@echo 1.2.3\n").unwrap();
        let (source, version) = unpacked(directory.path(), "1.2").unwrap();
        assert_eq!((source, version.as_str()), (place, "1.2.3"));
    }
}
