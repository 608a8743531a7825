//! The rows of what `cargo xtask versions` compares: compilers beside those that
//! build modules, and what runs the other architecture's programs.

use super::{Arch, Host, Mend, Need, State, TESTING, Toolchain, program};
use crate::versions::{CLANGS, OLDEST_RUSTC};

/// The rows.
pub fn needs(host: &Host, toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = vec![Need::new(
        &format!("rustc {OLDEST_RUSTC}, the oldest"),
        TESTING,
        oldest_rustc(toolchain),
    )];
    for major in CLANGS {
        let name = format!("clang-{major}");
        let shown = format!("clang {major}, to compare");
        needs.push(program(host, &shown, &[&name], &name, TESTING));
    }
    needs
}

fn oldest_rustc(toolchain: &Toolchain) -> State {
    let target = Arch::Arm64.guest_target();
    let there = toolchain
        .rustups
        .iter()
        .find(|there| there.name.starts_with(OLDEST_RUSTC));
    let why = match there {
        Some(there) if there.sysroot.join("lib/rustlib").join(target).is_dir() => {
            return State::Found(there.sysroot.display().to_string());
        }
        Some(there) => format!("`{}` has no target {target}", there.name),
        None => "rustup has it not".to_owned(),
    };
    State::Missing(why, Mend::RustToolchain(OLDEST_RUSTC, target))
}
