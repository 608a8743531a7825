//! The ways to build a program whose Rust calls C, each as settings of cargo's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use helper_inline_build::{Clang, Rustc};

use crate::command;

/// The package with the loops.
pub const LOOPS: &str = "loops";

/// One way.
pub struct Way {
    /// Its name, also of its target directory.
    pub name: &'static str,
    /// What it is, for the table.
    pub what: &'static str,
    /// Whether the linker joins bitcode, and of which kind clang's is.
    plugin_lto: Option<&'static str>,
    /// `lto` of the release profile.
    lto: Option<&'static str>,
    /// Whether it is ours.
    pub wrapper: bool,
}

impl Way {
    /// Whether each build compiles the whole program again.
    pub fn is_slow(&self) -> bool {
        self.plugin_lto.is_some() || self.lto.is_some()
    }

    /// Whether it is more than one of the others with another setting, which takes
    /// the time of both.
    pub fn is_combined(&self) -> bool {
        self.plugin_lto.is_some() && self.lto.is_some()
    }
}

/// Ours last; the first is what all are compared to where C is not.
pub const WAYS: &[Way] = &[
    Way {
        name: "out-of-line",
        what: "FFI as it is",
        plugin_lto: None,
        lto: None,
        wrapper: false,
    },
    Way {
        name: "rustc-fat",
        what: "rustc's `lto = \"fat\"`",
        plugin_lto: None,
        lto: Some("fat"),
        wrapper: false,
    },
    Way {
        name: "plugin-thin",
        what: "`-Clinker-plugin-lto`, clang's `-flto=thin`",
        plugin_lto: Some("thin"),
        lto: None,
        wrapper: false,
    },
    Way {
        name: "plugin-full",
        what: "`-Clinker-plugin-lto`, clang's `-flto=full`",
        plugin_lto: Some("full"),
        lto: None,
        wrapper: false,
    },
    Way {
        name: "plugin-fat",
        what: "the same and rustc's `lto = \"fat\"`",
        plugin_lto: Some("full"),
        lto: Some("fat"),
        wrapper: false,
    },
    Way {
        name: "ours",
        what: "ours",
        plugin_lto: None,
        lto: None,
        wrapper: true,
    },
];

/// Programs that building takes.
pub struct Tools {
    pub clang: Clang,
    pub host: String,
    /// The workspace that is built.
    pub workspace: PathBuf,
    wrapper: PathBuf,
    target: PathBuf,
}

impl Tools {
    pub fn find(root: &Path) -> Result<Tools> {
        let rustc = Rustc::from_env()?;
        // Optimized, as an installed one is.
        let target = root.join("target/bench-peers");
        command::run(
            command::cargo()
                .current_dir(root)
                .args(["build", "--release", "--package", "helper-inline-build"])
                .args(["--features", "cli"]),
        )?;
        Ok(Tools {
            clang: Clang::find(rustc.llvm)?,
            host: rustc.host,
            workspace: root.join("bench/peers"),
            wrapper: root.join("target/release/cargo-helper-inline"),
            target,
        })
    }

    /// The target directory of a way.
    pub fn target_dir(&self, way: &Way) -> PathBuf {
        self.target.join(way.name)
    }

    /// Where a way's programs are.
    pub fn programs(&self, way: &Way) -> PathBuf {
        self.target_dir(way).join(&self.host).join("release")
    }

    /// A release build of a package in a way. `level` is that of the C twin.
    pub fn cargo(&self, way: &Way, package: &str, level: &str) -> Command {
        let mut cargo = command::cargo();
        cargo
            .current_dir(&self.workspace)
            .args(["build", "--release", "--quiet", "--package", package])
            // Flags must not reach build scripts.
            .args(["--target", &self.host])
            .arg("--target-dir")
            .arg(self.target_dir(way))
            .env("PEERS_CLANG", &self.clang.path)
            .env("PEERS_C_LEVEL", level)
            .env("HELPER_INLINE_CLANG", &self.clang.path);
        for variable in [
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "CFLAGS",
            "HELPER_INLINE_POLICY",
        ] {
            cargo.env_remove(variable);
        }
        let mut flags = Vec::new();
        if package == LOOPS {
            // Shows what is called.
            flags.push("-Clink-arg=-Wl,--emit-relocs".to_owned());
        }
        if let Some(kind) = way.plugin_lto {
            let linker = self.clang.path.display();
            flags.push(format!(
                "-Clinker-plugin-lto -Clinker={linker} -Clink-arg=-fuse-ld=lld"
            ));
            cargo.env("CFLAGS", format!("-flto={kind}"));
        }
        cargo.env("RUSTFLAGS", flags.join(" "));
        if let Some(lto) = way.lto {
            cargo.env("CARGO_PROFILE_RELEASE_LTO", lto);
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1");
        }
        if way.wrapper {
            cargo.env("RUSTC_WRAPPER", &self.wrapper);
            cargo.env("HELPER_INLINE_POLICY", "require");
        }
        cargo
    }
}
