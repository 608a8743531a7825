//! The toolchain as the library finds it: rustc, the libLLVM that links, clang and
//! libclang. What is chosen and what is refused is decided there, so that
//! `doctor` cannot promise what `dist` then refuses.

use std::path::PathBuf;

use crate::cli::rustup;
use crate::link::{LlvmLibrary, find_llvm, find_llvm_for};
use crate::{Clang, Result, Rustc, Version, libclang_version};

/// When rustc cannot be asked: the LLVM of the stable rustc of this writing.
const LIKELY_LLVM: Version = Version {
    major: 22,
    minor: 0,
    patch: 0,
};

/// What was found, and why not what was not.
pub struct Toolchain {
    /// rustc and what hangs on it.
    pub rust: Result<Rust>,
    /// The clang that compiles the helpers.
    pub clang: Result<Clang>,
    /// bindgen's libclang, as it calls itself.
    pub libclang: Result<String>,
    /// rustup's toolchains, the one in use and others.
    pub rustups: Vec<rustup::Toolchain>,
    /// Which of the variables that override the search are set.
    pub named: Named,
}

/// A rustc and what belongs to it.
pub struct Rust {
    /// Its version and its LLVM's.
    pub rustc: Rustc,
    /// The libLLVM that links.
    pub llvm: Result<LlvmLibrary>,
    /// Where its targets are.
    pub sysroot: Result<PathBuf>,
}

/// The variables whose value, when it is wrong, only a person can mend.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named {
    /// `HELPER_INLINE_CLANG`
    pub clang: bool,
    /// `HELPER_INLINE_LLVM`
    pub llvm: bool,
    /// `LIBCLANG_PATH`
    pub libclang: bool,
}

impl Toolchain {
    /// Looks for everything.
    pub fn find() -> Self {
        let toolchain = Self::find_compilers();
        Self {
            libclang: libclang_version(toolchain.llvm_major()),
            rustups: rustup::toolchains(),
            ..toolchain
        }
    }

    /// What compiles and links alone. `dist` looks for libclang itself, which takes as long
    /// as all of this, only when something is built for the first time.
    pub fn find_compilers() -> Self {
        let rustc = Rustc::from_env();
        let clang = Clang::find(rustc.as_ref().map_or(LIKELY_LLVM, |rustc| rustc.llvm));
        let rust = rustc.map(|rustc| Rust {
            llvm: match &clang {
                Ok(clang) => find_llvm_for(&rustc, clang),
                Err(_) => find_llvm(&rustc),
            },
            sysroot: rustc.sysroot(),
            rustc,
        });
        let set = |variable| std::env::var_os(variable).is_some();
        Self {
            rust,
            clang,
            libclang: Ok(String::new()),
            rustups: Vec::new(),
            named: Named {
                clang: set("HELPER_INLINE_CLANG"),
                llvm: set("HELPER_INLINE_LLVM"),
                libclang: set("LIBCLANG_PATH"),
            },
        }
    }

    /// LLVM's major version in rustc, the newest that clang may have.
    pub fn llvm_major(&self) -> u32 {
        let llvm = self.rust.as_ref().map_or(LIKELY_LLVM, |r| r.rustc.llvm);
        llvm.major
    }

    /// The major version of the tools to install: clang's own, so that all come
    /// from one LLVM, or else rustc's.
    pub fn tools_major(&self) -> u32 {
        let clang = self.clang.as_ref().map(|clang| clang.version.major);
        clang.unwrap_or_else(|_| self.llvm_major())
    }
}
