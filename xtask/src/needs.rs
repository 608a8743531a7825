//! What the tests of this workspace need on the machine, beside what building and booting
//! modules needs.
//!
//! Not here: the rest of the table (`helper_inline_build::cli::needs`).

mod examples;
mod versions;

use crate::browser;
use helper_inline_build::cli::kernels::Arch;
use helper_inline_build::cli::needs::{Host, Mend, Need, Purpose, State, Toolchain, program};

/// Needed by tests alone.
const TESTING: &[Purpose] = &[Purpose::Test];

/// The rows.
pub fn of_tests(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
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
    // Holds reports to the published form.
    needs.push(program(
        host,
        "jsonschema",
        &["jsonschema"],
        "python3-jsonschema",
        TESTING,
    ));
    // Shows the report's page.
    needs.push(program(
        host,
        "chromium",
        &[browser::PROGRAM],
        "chromium fonts-liberation",
        TESTING,
    ));
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

#[cfg(test)]
mod tests;
