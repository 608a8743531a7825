//! One architecture under its several names: Debian's, Rust's targets', ELF's.
//! The only place that maps between them.

use crate::served;
use std::fmt;

/// An architecture that modules are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Arch {
    /// x86_64
    Amd64,
    /// aarch64
    Arm64,
}

impl Arch {
    /// Every architecture, in the order in which they are built and listed.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// Debian's name.
    pub fn debian(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The Rust target that modules are compiled for.
    pub fn module_target(self) -> &'static str {
        match self {
            Self::Amd64 => served::X86_64_MODULES,
            Self::Arm64 => served::AARCH64_MODULES,
        }
    }

    /// The Rust target of static user-space programs, for the guest.
    pub fn guest_target(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-unknown-linux-musl",
            Self::Arm64 => "aarch64-unknown-linux-musl",
        }
    }

    /// The Rust target of ordinary programs, linked with the C library that Debian has.
    pub fn hosted_target(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// From a module's Rust target.
    pub fn of_target(target: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|arch| arch.module_target() == target)
    }

    /// From a kernel release's flavour: `6.1.0-56-amd64`, `6.1.0-56-cloud-arm64`.
    pub fn of_release(release: &str) -> Option<Self> {
        let flavour = release.rsplit('-').next()?;
        Self::ALL.into_iter().find(|arch| arch.debian() == flavour)
    }

    /// From an ELF file's `e_machine`.
    pub fn of_elf(machine: object::Architecture) -> Option<Self> {
        match machine {
            object::Architecture::X86_64 => Some(Self::Amd64),
            object::Architecture::Aarch64 => Some(Self::Arm64),
            _ => None,
        }
    }

    /// The machine this program runs on: Kbuild's own programs must be for it.
    pub fn host() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::Amd64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.debian())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_map_back_to_the_architecture() {
        for arch in Arch::ALL {
            assert_eq!(Arch::of_target(arch.module_target()), Some(arch));
            assert_eq!(Arch::of_release(&format!("6.1.0-56-{arch}")), Some(arch));
        }
        assert_eq!(Arch::of_release("6.1.0-56-armmp"), None);
        assert_eq!(Arch::of_target("x86_64-unknown-linux-gnu"), None);
    }
}
