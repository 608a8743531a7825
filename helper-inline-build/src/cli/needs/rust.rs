//! The rows of the Rust toolchain: rustc, the LLVM that it carries, its targets.
//! They are found by the library (`toolchain`); what mends them is decided here.

use crate::{Error, Rustc};

use super::toolchain::{Rust, Toolchain};
use super::{BOOTING, BUILDING, Mend, Need, Purpose, State};
use crate::cli::kernels::Arch;

/// The rows.
pub fn needs(toolchain: &Toolchain) -> Vec<Need> {
    let mut needs = vec![
        Need::new("rustc", BUILDING, rustc(toolchain)),
        Need::new("rustc's LLVM", BUILDING, llvm(toolchain)),
    ];
    for arch in Arch::ALL {
        needs.push(target(arch.module_target(), toolchain, BUILDING));
    }
    for arch in Arch::ALL {
        needs.push(target(arch.guest_target(), toolchain, BOOTING));
    }
    needs
}

fn rustc(toolchain: &Toolchain) -> State {
    match &toolchain.rust {
        Ok(rust) => {
            let version = &rust.rustc.version;
            State::Found(version.strip_prefix("rustc ").unwrap_or(version).to_owned())
        }
        Err(error) => State::Missing(said(error), install_rust()),
    }
}

fn install_rust() -> Mend {
    Mend::ByHand("curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y".into())
}

/// One line of an error: rows have no room for a command and all that it printed.
fn said(error: &Error) -> String {
    match error {
        Error::Command { status, output, .. } => match output.lines().next() {
            Some(line) => format!("{line} ({status})"),
            None => status.clone(),
        },
        Error::LlvmUnusable { detail } => detail.clone(),
        other => other.to_string(),
    }
}

/// The shared library: rustup's toolchains carry it, distributions' use the system's.
fn llvm(toolchain: &Toolchain) -> State {
    let Rust { rustc, llvm, .. } = match &toolchain.rust {
        Ok(rust) => rust,
        Err(error) => return State::Missing(said(error), install_rust()),
    };
    let error = match llvm {
        Ok(library) => {
            let path = library.path.display();
            return State::Found(match &toolchain.clang {
                Ok(clang) if clang.version.major > rustc.llvm.major && !toolchain.named.llvm => {
                    format!("{}; clang's {} links ({path})", rustc.llvm, clang.version)
                }
                _ => format!("{} ({path})", rustc.llvm),
            });
        }
        Err(error) => error,
    };
    let major = rustc.llvm.major;
    let mend = if toolchain.named.llvm {
        "unset HELPER_INLINE_LLVM, or set it to a libLLVM shared library".to_owned()
    } else {
        format!(
            "install rustc with rustup, whose toolchains carry their libLLVM, or set \
             HELPER_INLINE_LLVM to one of at least version {major}"
        )
    };
    State::Missing(said(error), Mend::ByHand(mend))
}

/// The row of a Rust target.
pub fn target(target: &str, toolchain: &Toolchain, purposes: &'static [Purpose]) -> Need {
    let sysroot = match &toolchain.rust {
        Ok(rust) => rust.sysroot.as_ref(),
        Err(error) => Err(error),
    };
    let missing = |why| State::Missing(why, Mend::RustTarget(target.to_owned()));
    let state = match sysroot {
        Err(error) => missing(said(error)),
        Ok(sysroot) if Rustc::target_libraries(sysroot, target).is_empty() => {
            missing("its core library is not installed".to_owned())
        }
        Ok(_) => State::Found("installed".into()),
    };
    Need::new(&format!("target {target}"), purposes, state)
}
