//! Which Debian packages make up a kernel: from the name of the meta package to
//! exact files. Asks apt's index, downloads nothing.

use std::cmp::Ordering;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Arch;
use crate::cli::apt::{Apt, Package};
use crate::cli::command;

/// What the name of a package begins with that holds the bootable image alone.
const BINARY: &str = "linux-binary-";

/// What the name of the package with Kbuild's programs begins with.
const KBUILD: &str = "linux-kbuild-";

/// The packages of one kernel.
#[derive(Debug)]
pub struct Packages {
    /// What `uname -r` will say.
    pub release: String,
    /// The package with the bootable image.
    pub image: Package,
    /// Headers of the flavour, headers common to all, and Kbuild's programs.
    pub headers: Vec<Package>,
    /// The libraries that Kbuild's programs are linked with, all that these need
    /// in turn, the C library among them.
    pub libraries: Vec<Package>,
}

/// The name of the meta package, which depends on the newest kernel.
fn meta_package(arch: Arch) -> String {
    format!("linux-image-{arch}")
}

/// The versions that there are of the meta package for `arch`, and whether one is
/// of the line.
pub fn has_line(apt: &Apt, line: &str, arch: Arch) -> Result<(Vec<String>, bool)> {
    let candidates = apt.versions(&meta_package(arch), arch.debian())?;
    let found = newest_of_line(&candidates, line)?.is_some();
    let versions = candidates.into_iter().map(|package| package.version);
    Ok((versions.collect(), found))
}

/// The newest kernel of a version line such as `6.1`, for `arch`; Kbuild's
/// programs are for `host`, where they will run.
pub fn resolve(apt: &Apt, line: &str, arch: Arch, host: Arch) -> Result<Packages> {
    let meta = meta_package(arch);
    let candidates = apt.versions(&meta, arch.debian())?;
    let newest = newest_of_line(&candidates, line)?
        .with_context(|| format!("{meta} has no version of {line}"))?;
    let image_name = newest
        .depends
        .iter()
        .find(|name| name.starts_with("linux-image-"))
        .with_context(|| format!("{meta} {} depends on no kernel image", newest.version))?;
    let release = release_of_image(image_name);
    let signed = format!("linux-image-{release}");
    let unsigned = format!("{signed}-unsigned");
    let named = match one(apt, &signed, arch)? {
        Some(image) => image,
        None => one(apt, &unsigned, arch)?.with_context(|| {
            format!(
                "Debian's lists name {meta} {} but have neither {signed} nor {unsigned}",
                newest.version
            )
        })?,
    };
    // Since 7.2 that package only names the parts, of which this is one.
    let binary = named.depends.iter().find(|name| name.starts_with(BINARY));
    let image = match binary {
        Some(binary) => one(apt, binary, arch)?.with_context(|| {
            format!(
                "Debian's lists have no {binary}, which {} needs",
                named.name
            )
        })?,
        None => named,
    };
    let flavour_name = format!("linux-headers-{release}");
    let flavour = one(apt, &flavour_name, arch)?
        .with_context(|| format!("Debian's lists have no {flavour_name} for {arch}"))?;
    let mut headers = Vec::new();
    for name in header_dependencies(&flavour) {
        let package = one(apt, name, host)?.with_context(|| {
            format!("Debian's lists have no {name}, which {flavour_name} needs")
        })?;
        headers.push(package);
    }
    if headers.len() < 2 {
        bail!(
            "{flavour_name} {} depends on {}; expected the common headers and linux-kbuild",
            flavour.version,
            flavour.depends.join(", ")
        );
    }
    let kbuild = headers.iter().filter(|p| p.name.starts_with(KBUILD));
    let libraries = libraries(apt, kbuild.flat_map(library_dependencies).collect(), host)?;
    headers.push(flavour);
    Ok(Packages {
        release: release.to_owned(),
        image,
        headers,
        libraries,
    })
}

/// The library packages of these names and all libraries below them.
fn libraries(apt: &Apt, mut names: Vec<String>, host: Arch) -> Result<Vec<Package>> {
    let mut found: Vec<Package> = Vec::new();
    while let Some(name) = names.pop() {
        if found.iter().any(|package| package.name == name) {
            continue;
        }
        // A virtual package stands for one that others name by its own name.
        let Some(package) = one(apt, &name, host)? else {
            continue;
        };
        names.extend(library_dependencies(&package));
        found.push(package);
    }
    Ok(found)
}

fn library_dependencies(package: &Package) -> impl Iterator<Item = String> {
    let names = package.depends.iter();
    names
        .filter(|name| name.starts_with("lib") || name.starts_with("zlib"))
        .cloned()
}

fn release_of_image(package: &str) -> &str {
    let release = package.strip_prefix("linux-image-").unwrap_or(package);
    release.strip_suffix("-unsigned").unwrap_or(release)
}

/// The compiler that Debian lists among the dependencies is not wanted: helpers are compiled with clang.
fn header_dependencies(flavour: &Package) -> impl Iterator<Item = &str> {
    flavour.depends.iter().map(String::as_str).filter(|name| {
        name.starts_with("linux-headers-") && name.ends_with("-common") || name.starts_with(KBUILD)
    })
}

/// The newest version of one package.
pub fn one(apt: &Apt, name: &str, arch: Arch) -> Result<Option<Package>> {
    let versions = apt.versions(name, arch.debian())?;
    Ok(newest(&versions)?.cloned())
}

fn newest_of_line<'a>(candidates: &'a [Package], line: &str) -> Result<Option<&'a Package>> {
    let of_line = candidates.iter().filter(|candidate| {
        let rest = candidate.version.strip_prefix(line);
        rest.is_some_and(|rest| rest.starts_with(['.', '-', '~', '+']))
    });
    newest(of_line)
}

fn newest<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Result<Option<&'a Package>> {
    let mut best: Option<&Package> = None;
    for package in packages {
        let newer = match best {
            None => true,
            Some(best) => compare(&package.version, &best.version)? == Ordering::Greater,
        };
        if newer {
            best = Some(package);
        }
    }
    Ok(best)
}

/// Debian's own order of versions, asked of dpkg, which knows `~` and epochs.
fn compare(a: &str, b: &str) -> Result<Ordering> {
    if a == b {
        return Ok(Ordering::Equal);
    }
    let mut dpkg = Command::new("dpkg");
    dpkg.args(["--compare-versions", a, "gt", b]);
    let mut child = command::spawn(&mut dpkg)?;
    let status = command::wait(&mut child, None)?;
    Ok(if status.is_some_and(|status| status.success()) {
        Ordering::Greater
    } else {
        Ordering::Less
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(version: &str, depends: &[&str]) -> Package {
        Package {
            name: "p".into(),
            version: version.into(),
            architecture: "amd64".into(),
            depends: depends.iter().map(|&name| name.into()).collect(),
            size: 1,
            unpacked: 1,
        }
    }

    #[test]
    fn the_newest_of_the_asked_line_is_chosen() {
        let all = ["6.12.43-1~bpo12+1", "6.1.176-1", "6.1.192-2", "6.1.99-1"]
            .map(|version| package(version, &[]));
        let version = |line| {
            newest_of_line(&all, line)
                .unwrap()
                .map(|p| p.version.as_str())
        };
        assert_eq!(version("6.1"), Some("6.1.192-2"));
        assert_eq!(version("6.12"), Some("6.12.43-1~bpo12+1"));
        assert_eq!(version("6"), Some("6.12.43-1~bpo12+1"));
        assert_eq!(version("5.10"), None);
    }

    #[test]
    fn only_headers_and_kbuild_are_taken_from_the_dependencies() {
        let flavour = package(
            "1",
            &[
                "linux-headers-6.1.0-56-common",
                "linux-kbuild-6.1",
                "linux-compiler-gcc-12-x86",
                "gcc-12",
            ],
        );
        assert_eq!(
            header_dependencies(&flavour).collect::<Vec<_>>(),
            ["linux-headers-6.1.0-56-common", "linux-kbuild-6.1"]
        );
        assert_eq!(
            release_of_image("linux-image-6.1.0-56-amd64-unsigned"),
            "6.1.0-56-amd64"
        );
    }
}
