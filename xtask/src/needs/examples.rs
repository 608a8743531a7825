//! The rows of what the examples bind, and of what links and runs them for AArch64.
//! The libraries for AArch64 are no need: the tests fetch them.

use super::{Arch, Host, Mend, Need, State, TESTING, Toolchain, program};
use helper_inline_build::cli::needs::target;

/// A header of each library, and Debian's package.
const LIBRARIES: [(&str, &str, &str); 4] = [
    ("liburing", "liburing.h", "liburing-dev"),
    ("userspace RCU", "urcu.h", "liburcu-dev"),
    ("uthash", "uthash.h", "uthash-dev"),
    ("xxHash", "xxhash.h", "libxxhash-dev"),
];

/// The rows.
pub fn needs(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs: Vec<Need> = LIBRARIES
        .into_iter()
        .map(|(name, header, package)| {
            let state = match Host::file_in(&host.headers, |name| name == header) {
                Some(path) => State::Found(path.display().to_string()),
                None => State::Missing(
                    format!("no {header}, which an example binds"),
                    Mend::apt(&[package]),
                ),
            };
            Need::new(&format!("{name}'s headers"), TESTING, state)
        })
        .collect();
    if host.arch == "aarch64" {
        return needs;
    }
    needs.push(target(Arch::Arm64.hosted_target(), toolchain, TESTING));
    needs.push(program(
        host,
        "C compiler for AArch64",
        &["aarch64-linux-gnu-gcc"],
        "gcc-aarch64-linux-gnu",
        TESTING,
    ));
    needs.push(c_library(host));
    needs
}

fn c_library(host: &Host) -> Need {
    let state = match Host::file_in(&host.cross_libraries, |name| name == "crt1.o") {
        Some(path) => State::Found(path.display().to_string()),
        None => State::Missing(
            "no crt1.o for it".into(),
            Mend::apt(&["libc6-dev-arm64-cross"]),
        ),
    };
    Need::new("C library for AArch64", TESTING, state)
}
