//! Whether anything that a module is made of has changed since the last time.
//!
//! Not here: cargo's own judgement of what to compile again.

use super::cargo::Collected;
use super::options::{Lto, Options};
use super::preflight::Tools;
use crate::kernel::{KernelDir, SigningKey};
use crate::link::child;
use crate::{Result, files};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// A digest of all inputs of one module.
pub(super) struct Stamp(String);

impl Stamp {
    pub(super) fn of(
        options: &Options,
        tools: &Tools,
        target: &str,
        kernel: Option<&KernelDir>,
        collected: &Collected,
    ) -> Result<Stamp> {
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        add(options.inline.name().as_bytes());
        let is_thin = matches!(options.lto, Lto::Thin(_));
        let flags = [options.debug, options.built_in, is_thin, options.compare];
        add(&flags.map(u8::from));
        add(target.as_bytes());
        // Large files that installations replace whole: by path, size and time.
        let mut installed = tools.libraries(target);
        installed.push(tools.llvm.path.clone());
        installed.push(child::program());
        if let Some(kernel) = kernel {
            for file in [
                "Makefile",
                "Module.symvers",
                "System.map",
                "include/generated/autoconf.h",
            ] {
                installed.push(kernel.path().join(file));
            }
        }
        for path in installed {
            add(path.as_os_str().as_encoded_bytes());
            add(files::identity(&path).as_bytes());
        }
        for path in options.sign.iter().flat_map(SigningKey::files) {
            add(&files::read(path)?);
        }
        // What cargo made: by content.
        for manifest in &collected.manifests {
            add(manifest.prefix.as_bytes());
            add(manifest.helpers.join(" ").as_bytes());
            add(manifest.exempt.join(",").as_bytes());
            if let (Some(clang), Some(bitcode)) = (&manifest.clang, &manifest.bitcode) {
                add(clang.path.as_os_str().as_encoded_bytes());
                add(clang.version.as_bytes());
                add(&files::read(bitcode)?);
            }
        }
        for krate in &collected.crates {
            add(&files::read(&krate.bitcode)?);
        }
        Ok(Stamp(format!("{:x}\n", digest.finalize())))
    }

    /// One of these inputs and of more.
    pub(super) fn and(self, more: &[&[u8]]) -> Stamp {
        let mut digest = Sha256::new();
        digest.update(&self.0);
        for bytes in more {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        }
        Stamp(format!("{:x}\n", digest.finalize()))
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        std::fs::read(path).is_ok_and(|old| old == self.0.as_bytes())
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        files::write(path, self.0.as_bytes())
    }
}
