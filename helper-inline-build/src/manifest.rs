//! The hand-off manifest: what a build script tells the link step about the
//! helpers that it compiled.
//!
//! Written by `build` as `helper-inline.json` in `OUT_DIR`, read by `dist`. Not
//! here: finding manifests in a cargo build.

use crate::{Error, Policy, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The manifest's file name in `OUT_DIR`.
pub const FILE_NAME: &str = "helper-inline.json";

/// The variable by which a build script tells cargo, and so `dist`, of its
/// manifest.
pub(crate) const VARIABLE: &str = "HELPER_INLINE_MANIFEST";

/// The format's version; a reader refuses any other.
pub const VERSION: u32 = 1;

/// A function that the build side adds to the bitcode of every helper unit. It
/// has no attributes of its own, so it shows what the C build gives each function.
pub(crate) const BASELINE: &str = "helper_inline_baseline";

/// The macro that is defined when a unit is compiled to bitcode, and only then.
pub(crate) const BITCODE_MACRO: &str = "HELPER_INLINE_BITCODE";

/// The variable by which `dist` asks build scripts for full debug information in
/// the bitcode. Without it there are line tables, which locate calls that stay.
pub(crate) const DEBUG_VARIABLE: &str = "HELPER_INLINE_DEBUG";

/// The variable by which `dist` asks build scripts for helpers as code that is
/// built into the kernel image. Without it they are part of a module.
pub(crate) const BUILT_IN_VARIABLE: &str = "HELPER_INLINE_BUILT_IN";

/// The `cfg` by which Rust code knows the same.
pub(crate) const BUILT_IN_CFG: &str = "helper_inline_built_in";

/// One crate's helpers, compiled.
///
/// ```no_run
/// use helper_inline_build::manifest::{FILE_NAME, Manifest};
/// use std::path::Path;
///
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let manifest = Manifest::read(&Path::new("target/out").join(FILE_NAME))?;
/// println!("{} brings {} helpers", manifest.package, manifest.helpers.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// The crate whose build script wrote this.
    pub package: String,
    /// The Rust target triple.
    pub target: String,
    /// The prefix that the C names carry and the Rust names do not.
    pub prefix: String,
    /// The symbols of the helpers, sorted.
    pub helpers: Vec<String>,
    /// Those of them that may stay out of line.
    pub exempt: Vec<String>,
    /// The C names of the helpers that have another symbol, one of this build alone, by
    /// symbol.
    #[serde(default)]
    pub c_names: BTreeMap<String, String>,
    /// Those of the helpers that are weak: another definition may take their place.
    #[serde(default)]
    pub replaceable: Vec<String>,
    /// The function, macro or expression of the headers that each helper stands
    /// for which was made from them, by the helper's C symbol.
    #[serde(default)]
    pub wrapped: BTreeMap<String, String>,
    /// What patterns matched in the headers and could not be wrapped.
    #[serde(default)]
    pub refused: Vec<Refused>,
    /// All helpers as one bitcode module, if it was clang that compiled them.
    pub bitcode: Option<PathBuf>,
    /// The helpers as an ordinary archive, for a link without inlining.
    pub archive: PathBuf,
    /// The clang that made the bitcode.
    pub clang: Option<ClangInfo>,
    /// The flags that the bitcode was compiled with.
    pub flags: Vec<String>,
    /// The kernel that the helpers were compiled for, if any.
    pub kernel: Option<KernelInfo>,
    /// What a helper that stays out of line means, where the build script says so.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// Why there is no bitcode, and everything is called.
    #[serde(default)]
    pub out_of_line: Option<String>,
    /// The file for declarations that serve where no kernel is configured, if the build
    /// script names one.
    #[serde(default)]
    pub saved_bindings: Option<PathBuf>,
}

/// Something of a header that is not wrapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The function, macro or constant.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// The clang that compiled the helpers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClangInfo {
    /// The program.
    pub path: PathBuf,
    /// Its version.
    pub version: String,
    /// The major version of its LLVM.
    pub llvm: u32,
}

/// The kernel that helpers were compiled for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelInfo {
    /// The kernel build directory.
    pub dir: PathBuf,
    /// `uname -r` of that kernel.
    pub release: String,
    /// Whether they were compiled as code of the kernel image, or else as part of
    /// a module, with `MODULE` defined.
    #[serde(default)]
    pub built_in: bool,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Malformed`] when it is no manifest of this
    /// version.
    pub fn read(path: &Path) -> Result<Manifest> {
        let text = files::read(path)?;
        let malformed = |detail: String| Error::Malformed {
            path: path.to_owned(),
            expected: "hand-off manifest",
            detail,
        };
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|e| malformed(e.to_string()))?;
        if manifest.version != VERSION {
            return Err(malformed(format!(
                "it has version {}, this tool reads {VERSION}; \
                 use one version of helper-inline-build throughout",
                manifest.version
            )));
        }
        if manifest.bitcode.is_none() && manifest.out_of_line.is_none() {
            return Err(malformed(
                "it names neither bitcode nor why there is none".to_owned(),
            ));
        }
        Ok(manifest)
    }

    /// Writes the manifest, unless the file already says the same.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is plain data");
        text.push('\n');
        files::write_if_changed(path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Manifest {
        Manifest {
            version: VERSION,
            package: "p".into(),
            target: "t".into(),
            prefix: "rust_helper_".into(),
            helpers: vec![],
            exempt: vec![],
            c_names: BTreeMap::new(),
            replaceable: vec![],
            wrapped: BTreeMap::new(),
            refused: vec![],
            bitcode: Some("helpers.bc".into()),
            archive: "libhelpers.a".into(),
            clang: Some(ClangInfo {
                path: "clang".into(),
                version: "22.1.8".into(),
                llvm: 22,
            }),
            flags: vec![],
            kernel: None,
            policy: None,
            out_of_line: None,
            saved_bindings: None,
        }
    }

    #[test]
    fn a_manifest_of_before_wrapping_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let mut value = serde_json::to_value(example()).unwrap();
        let fields = value.as_object_mut().unwrap();
        assert!(fields.remove("wrapped").is_some() && fields.remove("refused").is_some());
        std::fs::write(&path, value.to_string()).unwrap();
        assert_eq!(Manifest::read(&path).unwrap(), example());
    }

    #[test]
    fn another_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let manifest = Manifest {
            version: 99,
            ..example()
        };
        manifest.write(&path).unwrap();
        let error = Manifest::read(&path).unwrap_err().to_string();
        assert!(error.contains("it has version 99"), "{error}");
        let neither = Manifest {
            bitcode: None,
            ..example()
        };
        neither.write(&path).unwrap();
        let error = Manifest::read(&path).unwrap_err().to_string();
        assert!(error.contains("neither bitcode nor why"), "{error}");
        std::fs::write(&path, "{").unwrap();
        let error = Manifest::read(&path).unwrap_err().to_string();
        assert!(error.contains("is not valid hand-off manifest"), "{error}");
    }
}
