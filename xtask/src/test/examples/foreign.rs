//! What it takes to link and run the examples for AArch64 on another machine: the
//! libraries, from Debian's packages, unpacked below `target`; a cross linker; and
//! qemu-user.
//!
//! Not here: the C library, which the cross compiler's packages bring.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::apt::{Apt, Suites};
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::kernels::{self, Arch, unpack};

/// The libraries that the examples bind, with their headers. uthash has headers alone,
/// which are the same on every architecture.
const PACKAGES: [&str; 7] = [
    "liburing2",
    "liburing-dev",
    "liburcu8",
    "liburcu-dev",
    "libxxhash0",
    "libxxhash-dev",
    "uthash-dev",
];

/// Where Debian's cross compiler has the C library.
const C_LIBRARY: &str = "/usr/aarch64-linux-gnu";

const LINKER: &str = "aarch64-linux-gnu-gcc";

/// The libraries, and what runs programs.
pub struct Foreign {
    usr: PathBuf,
    qemu: PathBuf,
}

impl Foreign {
    /// Fetches them, unless they are there.
    pub fn fetch(root: &Path) -> Outcome<Foreign> {
        let directory = root.join("target/foreign");
        let unpacked = directory.join(Arch::Arm64.debian());
        if !unpacked.is_dir() {
            std::fs::create_dir_all(&directory)
                .with_context(|| format!("creating {}", directory.display()))?;
            fetch_into(&directory, &unpacked)?;
        }
        let qemu = ["qemu-aarch64", "qemu-aarch64-static"];
        Ok(Foreign {
            usr: unpacked.join("usr"),
            qemu: qemu.into_iter().find_map(command::find).ok_or_else(|| {
                Failure::need("no `qemu-aarch64` on PATH: apt-get install qemu-user")
            })?,
        })
    }

    fn lib(&self) -> PathBuf {
        self.usr.join("lib/aarch64-linux-gnu")
    }

    /// Has cargo find the linker and the libraries' headers, as an author sets it who
    /// builds for another machine.
    pub fn prepare(&self, cargo: &mut Command) {
        let headers = self.usr.join("include");
        let own = headers.join("aarch64-linux-gnu");
        let flags = format!("-I{} -I{}", own.display(), headers.display());
        cargo
            .env("CFLAGS_aarch64_unknown_linux_gnu", flags)
            .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    }

    /// Has rustc find the libraries.
    pub fn rustc_flag(&self) -> String {
        format!("-Lnative={}", self.lib().display())
    }

    /// A program, to be run by qemu-user.
    pub fn runner(&self, program: &Path) -> Command {
        let mut qemu = Command::new(&self.qemu);
        qemu.args(["-L", C_LIBRARY, "-E"]);
        qemu.arg(format!("LD_LIBRARY_PATH={}", self.lib().display()));
        qemu.arg(program);
        qemu
    }
}

fn fetch_into(directory: &Path, unpacked: &Path) -> Outcome {
    println!("fetching {} for arm64", PACKAGES.join(", "));
    // apt gives its programs paths, which they read from other directories.
    let directory = directory.canonicalize().context("resolving target")?;
    let arch = Arch::Arm64;
    let apt = Apt::new(&directory.join(".apt"), &[arch.debian()], Suites::Bookworm)?;
    apt.update(|_| ())?;
    let mut packages = Vec::new();
    for name in PACKAGES {
        let package = kernels::newest_package(&apt, name, arch)?;
        packages.push(package.with_context(|| format!("Debian has no {name} for {arch}"))?);
    }
    let scratch = tempfile::tempdir_in(&directory).context("making a directory for packages")?;
    let debs = scratch.path().join("debs");
    let tree = scratch.path().join("tree");
    std::fs::create_dir(&debs).context("making a directory for packages")?;
    std::fs::create_dir(&tree).context("making a directory for packages")?;
    apt.download(&packages, &debs, |_| ())?;
    for entry in std::fs::read_dir(&debs).context("reading what apt-get downloaded")? {
        let deb = entry.context("reading what apt-get downloaded")?.path();
        unpack::unpack(&deb, &tree, &["usr/include", "usr/lib"], |_| ())?;
    }
    std::fs::rename(&tree, unpacked)
        .with_context(|| format!("renaming to {}", unpacked.display()))?;
    Ok(())
}
