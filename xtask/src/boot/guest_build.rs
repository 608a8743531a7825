//! Builds the guest's program, static and for the machine's architecture, with
//! nothing but rustup's own parts: no C compiler for that architecture.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use helper_inline_build::cli::boot::guest::FLAGS;

use crate::command;
use crate::kernels::Arch;

/// Builds it and returns its path.
pub fn build(root: &Path, arch: Arch) -> Result<PathBuf> {
    let target = arch.guest_target();
    // A directory of its own, so that its flags never rebuild anybody else's artifacts.
    let target_dir = root.join("target/boot/guest");
    let mut build = command::cargo();
    build
        .args(["build", "--quiet", "--locked", "--release"])
        .args(["--package", "guest", "--bin", "init", "--target", target])
        .arg("--target-dir")
        .arg(&target_dir)
        .current_dir(root)
        // Above every other source of flags, so that the user's RUSTFLAGS stay out.
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_TARGET_DIR");
    command::run(&mut build).with_context(|| {
        format!(
            "building the guest's program (if the target is missing: `rustup target add {target}`)"
        )
    })?;
    let program = target_dir.join(target).join("release/init");
    if !program.is_file() {
        bail!("`{}` left no {}", command::shown(&build), program.display());
    }
    Ok(program)
}
