//! The table itself: every need, in the order in which `doctor` shows it.

use std::path::Path;

use super::toolchain::Toolchain;
use super::{BOOTING, BUILDING, Host, Mend, Need, State, clang, rust};
use crate::cli::front;
use crate::cli::kernels::{self, Arch};

/// Probes everything.
pub fn all(root: &Path, host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = untested(root, host, toolchain);
    needs.extend(front::needs_of_tests(host, toolchain));
    needs
}

/// What building and booting need.
pub fn untested(root: &Path, host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = rust::needs(toolchain);
    needs.extend(clang::needs(host, toolchain));
    needs.push(program(host, "make", &["make"], "make", BUILDING));
    needs.push(program(
        host,
        "C compiler for this machine",
        &["cc", "gcc"],
        "gcc libc6-dev",
        BUILDING,
    ));
    needs.push(libelf(host));
    let kernels = Arch::ALL.map(|arch| kernel(root, arch));
    let fetching = kernels.iter().any(|need| need.missing().is_some());
    needs.extend(kernels);
    if fetching {
        needs.push(program(
            host,
            "apt-get, for kernels",
            &["apt-get"],
            "",
            BUILDING,
        ));
        needs.push(keyring());
    }
    needs.push(program(
        host,
        "qemu-system-x86_64",
        &["qemu-system-x86_64"],
        "qemu-system-x86",
        BOOTING,
    ));
    needs.push(program(
        host,
        "qemu-system-aarch64",
        &["qemu-system-aarch64"],
        "qemu-system-arm",
        BOOTING,
    ));
    // Makes the .BTF of modules for kernels whose headers come with vmlinux.
    needs.push(program(host, "pahole", &["pahole"], "dwarves", BUILDING));
    needs
}

pub fn program(
    host: &Host,
    name: &str,
    programs: &[&str],
    packages: &str,
    purposes: &'static [super::Purpose],
) -> Need {
    let found = programs.iter().find_map(|program| host.find(program));
    let state = match found {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing(
            format!("no `{}` on PATH", programs.join("` or `")),
            if packages.is_empty() {
                Mend::OnDemand(
                    "unpack kernel headers yourself and name them with --kernel DIR".into(),
                )
            } else {
                Mend::apt(&packages.split(' ').collect::<Vec<_>>())
            },
        ),
    };
    Need::new(name, purposes, state)
}

/// Kbuild's objtool, from Debian's package, is linked with it.
fn libelf(host: &Host) -> Need {
    let state = match Host::file_in(&host.libraries, |name| name == "libelf.so.1") {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing(
            "no libelf.so.1, which the kernel's objtool needs".into(),
            Mend::apt(&["libelf1"]),
        ),
    };
    Need::new("libelf", BUILDING, state)
}

fn keyring() -> Need {
    let state = match crate::cli::apt::keyring() {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing(
            "no Debian keyring to verify kernel packages with".into(),
            Mend::apt(&["debian-archive-keyring"]),
        ),
    };
    Need::new("Debian's archive keyring", BUILDING, state)
}

fn kernel(root: &Path, arch: Arch) -> Need {
    let directory = kernels::directory(root);
    let state = match kernels::default_for(&directory, arch.module_target()) {
        Some(kernel) => State::Found(kernel.release),
        None => State::Missing(
            format!("none under {}", directory.display()),
            Mend::OnDemand(format!("{} kernels fetch --arch {arch}", front::name())),
        ),
    };
    let everything = &[
        super::Purpose::Dist,
        super::Purpose::Boot,
        super::Purpose::Test,
    ];
    Need::new(&format!("kernel for {arch}"), everything, state)
}
