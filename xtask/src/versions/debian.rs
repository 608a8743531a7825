//! Debian's rustc, unpacked into the target directory beside the system's own
//! toolchains: it is linked with the system's libLLVM, as rustup's are not.
//!
//! Not here: what is tried with it.

use crate::apt::{Apt, Package, Suites};
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::kernels::{Arch, unpack};
use anyhow::{Context as _, Result};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The package with the compiler. Debian's stable `rustc` is too old; this one is
/// kept up to date for its web browsers.
const RUSTC: &str = "rustc-web";

/// The rustc under the workspace's target directory, fetched when it is not there.
pub fn rustc(root: &Path) -> Outcome<PathBuf> {
    let dir = root.join("target/rustc-debian");
    let program = dir.join("rustc");
    if program.is_file() {
        return Ok(program);
    }
    println!("fetching Debian's {RUSTC}");
    fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
    let dir = dir
        .canonicalize()
        .with_context(|| format!("resolving {}", dir.display()))?;
    fetch(&dir)?;
    // Last, so that it is there only when all is.
    write_program(&dir)?;
    Ok(program)
}

fn fetch(dir: &Path) -> Outcome {
    let host = Arch::host()
        .ok_or_else(|| Failure::need("Debian's rustc is for x86_64 and aarch64 machines"))?;
    // Gone at the end, with the packages: only what they hold is of use.
    let temporary = tempfile::tempdir_in(dir).context("cannot make a temporary directory")?;
    let debs = temporary.path().join("debs");
    fs::create_dir(&debs).with_context(|| format!("creating {}", debs.display()))?;
    let apt = Apt::new(
        &temporary.path().join("apt"),
        &[host.debian()],
        Suites::Bookworm,
    )?;
    apt.update(|_| ())?;
    let packages = packages(&apt, host)?;
    apt.download(&packages, &debs, |_| ())?;
    // Of a fetch that did not come to its end.
    let usr = dir.join("usr");
    if usr.exists() {
        fs::remove_dir_all(&usr).with_context(|| format!("removing {}", usr.display()))?;
    }
    let entries = fs::read_dir(&debs).with_context(|| format!("reading {}", debs.display()))?;
    for deb in entries {
        command::check_interrupt()?;
        let deb = deb.context("reading a directory")?.path();
        unpack::unpack(&deb, dir, &["usr/bin", "usr/lib"], |_| ())?;
    }
    Ok(())
}

/// The newest compiler, its library, and the libraries of Rust.
fn packages(apt: &Apt, host: Arch) -> Result<Vec<Package>> {
    let newest = |name: &str| -> Result<Package> {
        // apt lists the newest first.
        let versions = apt.versions(name, host.debian())?;
        let newest = versions.into_iter().next();
        newest.with_context(|| format!("Debian's lists have no {name} for {host}"))
    };
    let mut packages = vec![newest(RUSTC)?];
    for prefix in ["libstd-rust-web-dev", "libstd-rust-web-"] {
        let of = &packages[packages.len() - 1];
        let name = of.depends.iter().find(|name| name.starts_with(prefix));
        let name = name.with_context(|| format!("{} needs no {prefix}", of.name))?;
        packages.push(newest(&name.clone())?);
    }
    Ok(packages)
}

/// The loader finds the compiler's library only where it would be installed.
fn write_program(dir: &Path) -> Result<()> {
    let usr = dir.join("usr");
    let lib = format!("lib/{}-linux-gnu", std::env::consts::ARCH);
    let text = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH='{}' exec '{}' \"$@\"\n",
        usr.join(lib).display(),
        usr.join("bin/rustc").display()
    );
    let partial = dir.join("rustc.partial");
    let program = dir.join("rustc");
    fs::write(&partial, text)
        .and_then(|()| fs::set_permissions(&partial, fs::Permissions::from_mode(0o755)))
        .and_then(|()| fs::rename(&partial, &program))
        .with_context(|| format!("writing {}", program.display()))
}
