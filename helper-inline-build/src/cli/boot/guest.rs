//! The guest's program, compiled for the machine with nothing but rustup's own parts: no
//! C compiler for that architecture, no crate.

use crate::cli::command;
use crate::cli::kernels::Arch;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("init.rs");

/// rustc's own lld and the musl objects that come with the target.
pub const FLAGS: [&str; 5] = [
    "-Clinker=rust-lld",
    "-Clinker-flavor=ld.lld",
    "-Clink-self-contained=yes",
    "-Ctarget-feature=+crt-static",
    "-Cstrip=symbols",
];

/// Compiles it into a directory, and returns its path.
pub fn compile(dir: &Path, arch: Arch) -> Result<PathBuf> {
    let target = arch.guest_target();
    let (source, program) = (dir.join("init.rs"), dir.join(format!("init-{target}")));
    std::fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    std::fs::write(&source, SOURCE).with_context(|| format!("writing {}", source.display()))?;
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args([
            "--edition=2024",
            "-Copt-level=s",
            "-Cpanic=abort",
            "--target",
            target,
        ])
        .args(FLAGS)
        .arg("-o")
        .arg(&program)
        .arg(&source);
    command::output(&mut rustc).with_context(|| {
        format!(
            "building the guest's program (if the target is missing: `rustup target add {target}`)"
        )
    })?;
    Ok(program)
}
