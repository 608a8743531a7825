//! Saving the helpers' declarations in their packages, for where no kernel is
//! configured (`Helpers::bindings_without_kernel`).
//!
//! Not here: using them (`build`).

use super::cargo::{Collected, Workspace};
use crate::kernel::KernelDir;
use crate::manifest::Manifest;
use crate::{Result, files};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What has been saved. Declarations for one kernel serve as well as for the next: the
/// first has it.
#[derive(Debug, Default)]
pub(super) struct Saved(RefCell<BTreeSet<PathBuf>>);

impl Saved {
    /// Saves those of a build that are wanted and not there yet, and returns where.
    pub(super) fn save(
        &self,
        workspace: &Workspace,
        collected: &Collected,
        kernel: &KernelDir,
    ) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for manifest in &collected.manifests {
            let Some(path) = wanted(manifest, workspace) else {
                continue;
            };
            if self.0.borrow_mut().insert(path.to_owned()) {
                let text = text(manifest, kernel.release())?;
                files::write_if_changed(path, text.as_bytes())?;
                written.push(path.to_owned());
            }
        }
        Ok(written)
    }
}

/// Where a package wants them. Not that of somebody else, which is cargo's own copy.
fn wanted<'a>(manifest: &'a Manifest, workspace: &Workspace) -> Option<&'a Path> {
    let path = manifest.saved_bindings.as_deref()?;
    let is_ours = workspace.members.contains(&manifest.package);
    (is_ours && path.starts_with(&workspace.root)).then_some(path)
}

fn text(manifest: &Manifest, release: &str) -> Result<String> {
    let mut declared = files::read_to_string(&manifest.archive.with_file_name("helpers.rs"))?;
    // Symbols are of one build, and what is saved is never linked.
    for (symbol, name) in &manifest.c_names {
        declared = declared.replace(&format!("\"{symbol}\""), &format!("\"{name}\""));
    }
    Ok(format!(
        "// The helpers' declarations as they are for Linux {release} and {}.\n\
         // Written by `dist --save-bindings`, for `cargo check` where no kernel is configured.\n\n\
         {declared}",
        manifest.target
    ))
}
