//! Whether anything that a module is made of has changed since the last time.
//!
//! Not here: cargo's own judgement of what to compile again.

use super::cargo::Collected;
use super::options::Lto;
use super::{Module, inputs};
use crate::kernel::{self, SigningKey};
use crate::{Result, files};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// A digest of all inputs of one module.
pub(super) struct Stamp(String);

impl Stamp {
    pub(super) fn of(module: &Module<'_>, collected: &Collected) -> Result<Stamp> {
        let Module { options, tools, .. } = *module;
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(options.inline.name().as_bytes());
        let is_thin = matches!(options.lto, Lto::Thin(_));
        let flags = [options.debug, options.built_in, is_thin, options.compare];
        add(&flags.map(u8::from));
        add(module.target.as_bytes());
        // Large files that installations replace: read once.
        let installed = tools.files(module.target, module.kernel);
        module.memo.digest_all(&installed);
        for path in installed {
            add(path.as_os_str().as_encoded_bytes());
            add(module.memo.digest(&path).as_bytes());
        }
        module.memo.write()?;
        for contents in inputs::contents(&collected.manifests)? {
            add(contents.as_bytes());
        }
        // What is packaged goes by them too, also where the helpers come out the same.
        for variable in module.kernel.iter().flat_map(|_| kernel::variables()) {
            let value = std::env::var_os(variable).unwrap_or_default();
            add(value.as_encoded_bytes());
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
