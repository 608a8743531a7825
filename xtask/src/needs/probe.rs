//! The table itself: every need, in the order in which `doctor` shows it.

use std::path::Path;

use super::toolchain::Toolchain;
use super::{BOOTING, BUILDING, Host, Mend, Need, State, TESTING, clang, examples, rust, versions};
use crate::kernels::{self, Arch};

/// Probes everything.
pub fn all(root: &Path, host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = untested(root, host, toolchain);
    needs.extend(tested(host, toolchain));
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

/// What tests need beside.
fn tested(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = vec![program(host, "gdb", &["gdb"], "gdb", TESTING)];
    // A linker that the tests of ordinary cargo builds link by.
    needs.push(program(host, "mold", &["mold"], "mold", TESTING));
    // Makes the keys of the tests that sign modules.
    needs.push(program(host, "openssl", &["openssl"], "openssl", TESTING));
    // Machines that are network namespaces, and what takes jobs from one to another.
    needs.push(program(host, "distcc", &["distccd"], "distcc", TESTING));
    needs.push(program(host, "ip", &["ip"], "iproute2", TESTING));
    // A distributor as others write them.
    needs.push(program(host, "python3", &["python3"], "python3", TESTING));
    // Runs the graph of a thin link.
    needs.push(program(host, "ninja", &["ninja"], "ninja-build", TESTING));
    // A kernel is built from sources.
    for (name, package) in [
        ("flex", "flex"),
        ("bison", "bison"),
        ("bc", "bc"),
        ("xz", "xz-utils"),
    ] {
        needs.push(program(host, name, &[name], package, TESTING));
    }
    needs.push(libelf_headers(host));
    needs.extend(Arch::ALL.iter().filter_map(|arch| emulator(host, *arch)));
    needs.extend(examples::needs(host, toolchain));
    needs.extend(versions::needs(host, toolchain));
    needs
}

/// What runs single programs of another architecture.
fn emulator(host: &Host, arch: Arch) -> Option<Need> {
    let arch = arch.guest_target().split('-').next().unwrap_or_default();
    let [plain, fixed] = [format!("qemu-{arch}"), format!("qemu-{arch}-static")];
    let programs = [plain.as_str(), &fixed];
    (arch != host.arch).then(|| program(host, &plain, &programs, "qemu-user", TESTING))
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

/// objtool is built with it, when a kernel is.
fn libelf_headers(host: &Host) -> Need {
    let state = match Host::file_in(&host.libraries, |name| name == "libelf.so") {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing(
            "no libelf.so, which objtool of a kernel's sources is linked with".into(),
            Mend::apt(&["libelf-dev"]),
        ),
    };
    Need::new("libelf's headers", TESTING, state)
}

fn keyring() -> Need {
    let state = match crate::apt::keyring() {
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
            Mend::OnDemand(format!("cargo xtask kernels fetch --arch {arch}")),
        ),
    };
    let everything = &[
        super::Purpose::Dist,
        super::Purpose::Boot,
        super::Purpose::Test,
    ];
    Need::new(&format!("kernel for {arch}"), everything, state)
}
