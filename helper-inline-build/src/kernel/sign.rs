//! Signing a packaged module with a key of the author's, by the kernel's own
//! `sign-file`.
//!
//! Not here: making keys, or enrolling one where a kernel looks for it.

use super::KernelDir;
use crate::{Error, Result, command};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A key, and the certificate that says whose it is.
///
/// ```
/// let key = helper_inline_build::kernel::SigningKey {
///     key: "signing_key.pem".into(),
///     certificate: "signing_key.x509".into(),
/// };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The private key: a PEM file, or a `pkcs11:` URI. `KBUILD_SIGN_PIN` holds its
    /// passphrase, if it has one.
    pub key: PathBuf,
    /// The X.509 certificate, PEM or DER.
    pub certificate: PathBuf,
}

impl SigningKey {
    /// Fails unless both files are there.
    ///
    /// # Errors
    /// [`Error::InputNotFound`].
    pub(crate) fn check(&self) -> Result<()> {
        let missing = |what, path: &Path| Error::InputNotFound {
            what,
            path: path.to_owned(),
        };
        if !self.is_token() && !self.key.is_file() {
            return Err(missing("signing key", &self.key));
        }
        if !self.certificate.is_file() {
            return Err(missing("certificate", &self.certificate));
        }
        Ok(())
    }

    /// The files that a signature is made with.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let key = (!self.is_token()).then_some(self.key.as_path());
        key.into_iter().chain([self.certificate.as_path()])
    }

    /// Whether the key is in a device that keeps it.
    fn is_token(&self) -> bool {
        self.key.to_string_lossy().starts_with("pkcs11:")
    }
}

/// Appends a signature to a module, with the digest that the kernel is configured
/// for.
pub(crate) fn sign(kernel: &KernelDir, key: &SigningKey, ko: &Path) -> Result<()> {
    let unfit = |problem: &str, mend: &str| Error::KernelDir {
        dir: kernel.path().to_owned(),
        problem: problem.to_owned(),
        mend: mend.to_owned(),
    };
    let digest = kernel
        .value("CONFIG_MODULE_SIG_HASH")
        .map(|value| value.trim_matches('"'))
        .filter(|_| kernel.is_set("CONFIG_MODULE_SIG"))
        .ok_or_else(|| {
            unfit(
                "it looks at no module's signature (CONFIG_MODULE_SIG is not set)",
                "leave the signing key out",
            )
        })?;
    let tool = kernel.path().join("scripts/sign-file");
    if !tool.is_file() {
        return Err(unfit(
            "it has no scripts/sign-file to sign modules with",
            "install the package of its Kbuild programs, or run `make scripts` there",
        ));
    }
    let mut command = Command::new(tool);
    command
        .arg(digest)
        .args([&key.key, &key.certificate])
        .arg(ko);
    command::run("signing the module", &mut command).map(drop)
}
