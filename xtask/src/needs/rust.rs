//! The Rust side of the needs: rustc, the LLVM that it carries, its targets.

use std::path::{Path, PathBuf};

use super::{BOOTING, BUILDING, Host, Mend, Need, State};
use crate::kernels::Arch;

/// What rustc says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rust {
    release: String,
    /// The LLVM that links the module.
    pub llvm_major: u32,
    llvm: String,
    sysroot: PathBuf,
}

impl Rust {
    /// Asks rustc; why not, when it cannot be asked.
    pub fn probe(host: &Host) -> Result<Self, String> {
        let rustc = match host.variable("RUSTC") {
            Some(rustc) => PathBuf::from(rustc),
            None => host.find("rustc").ok_or("no `rustc` on PATH")?,
        };
        let unusable = || format!("`{} -vV` says no version", rustc.display());
        let version = host.output(&rustc, &["-vV"]).ok_or_else(unusable)?;
        let sysroot = host
            .output(&rustc, &["--print", "sysroot"])
            .ok_or_else(|| format!("`{} --print sysroot` failed", rustc.display()))?;
        Self::parse(&version, Path::new(sysroot.trim())).ok_or_else(unusable)
    }

    fn parse(version: &str, sysroot: &Path) -> Option<Self> {
        let field = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let llvm = field("LLVM version")?;
        Some(Self {
            release: field("release")?.to_owned(),
            llvm_major: llvm.split('.').next()?.parse().ok()?,
            llvm: llvm.to_owned(),
            sysroot: sysroot.to_owned(),
        })
    }
}

/// The rows of the Rust toolchain.
pub fn needs(host: &Host, rust: &Result<Rust, String>) -> Vec<Need> {
    let row = |name: &str, state: Result<State, String>| {
        let install = Mend::ByHand(
            "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y".into(),
        );
        let state = state.unwrap_or_else(|why| State::Missing(why, install));
        Need::new(name, BUILDING, state)
    };
    let mut needs = vec![
        row("rustc", rust.clone().map(|rust| State::Found(rust.release))),
        row("rustc's LLVM", rust.clone().map(|rust| llvm(host, &rust))),
    ];
    for arch in Arch::ALL {
        needs.push(target(arch.module_target(), rust, BUILDING));
    }
    for arch in Arch::ALL {
        needs.push(target(arch.guest_target(), rust, BOOTING));
    }
    needs
}

/// The shared library: rustup's toolchains carry it, distributions' use the system's.
fn llvm(host: &Host, rust: &Rust) -> State {
    if let Some(named) = host.variable("HELPER_INLINE_LLVM").map(PathBuf::from) {
        return if named.is_file() {
            State::Found(format!("{} ({})", rust.llvm, named.display()))
        } else {
            State::Missing(
                format!("HELPER_INLINE_LLVM={} is no file", named.display()),
                Mend::ByHand("unset HELPER_INLINE_LLVM".into()),
            )
        };
    }
    let major = rust.llvm_major;
    let mut directories = vec![rust.sysroot.join("lib")];
    directories.extend(host.llvm_libraries(major));
    directories.extend(host.libraries.iter().cloned());
    // In this order: rustup's second file is a linker script that names the first.
    let found = [format!("libLLVM.so.{major}"), format!("libLLVM-{major}")]
        .iter()
        .find_map(|prefix| Host::file_in(&directories, |name| name.starts_with(prefix.as_str())));
    match found {
        Some(path) => State::Found(format!("{} ({})", rust.llvm, path.display())),
        None => State::Missing(
            format!(
                "no libLLVM of version {major} in {}",
                directories[0].display()
            ),
            Mend::Apt(vec![format!("libllvm{major}")]),
        ),
    }
}

fn target(target: &str, rust: &Result<Rust, String>, purposes: &'static [super::Purpose]) -> Need {
    let mend = Mend::RustTarget(target.to_owned());
    let state = match rust {
        Err(why) => State::Missing(why.clone(), mend),
        Ok(rust) => {
            let libraries = rust.sysroot.join("lib/rustlib").join(target).join("lib");
            if Host::file_in(&[libraries], |name| name.starts_with("libcore-")).is_some() {
                State::Found("installed".into())
            } else {
                State::Missing("its core library is not installed".into(), mend)
            }
        }
    };
    Need::new(&format!("target {target}"), purposes, state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustcs_own_words_are_understood() {
        let text = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        let rust = Rust::parse(text, Path::new("/s")).unwrap();
        assert_eq!((rust.llvm_major, rust.release.as_str()), (22, "1.95.0"));
        assert_eq!(Rust::parse("rustc 1.95.0", Path::new("/s")), None);
    }
}
