//! The whole inputs that are damaged: bitcode of helpers and of crates, a prebuilt
//! library, the hand-off manifest. Made once for each target, small so that many
//! links of them are affordable.
//!
//! Not here: damaging them.

use crate::command;
use crate::fuzz::tools::Tools;
use anyhow::{Context as _, Result};
use helper_inline_build::link::child;
use helper_inline_build::manifest::{ClangInfo, Manifest, VERSION};
use std::path::{Path, PathBuf};

/// The prefix of the helpers' symbols.
pub const PREFIX: &str = "rust_helper_";

/// A second unit, of another crate.
const MORE: &str = "unsigned long rust_helper_count(unsigned long);\n\
    unsigned long rust_helper_more(unsigned long v) { return rust_helper_count(v) + 1; }\n\
    void helper_inline_baseline(void) {}\n";

/// What the module takes from a library; it stands for `core`.
const LIBRARY: &str = "#![no_std]\n#[inline(never)]\npub fn twice(v: u64) -> u64 { v << 1 }\n";

/// A build script's list of what helpers were made of, which has no input.
const INPUTS: &str = "helper-inline-inputs 1\n-\nend\n";

/// The inputs for one target.
pub struct Originals {
    pub target: &'static str,
    pub llvm: PathBuf,
    /// Where they are.
    pub dir: PathBuf,
    pub helpers: PathBuf,
    /// The second unit of helpers.
    pub more: PathBuf,
    pub module: PathBuf,
    /// The helpers, prepared for a crate by itself.
    pub prepared: PathBuf,
    /// A library with embedded bitcode.
    pub library: PathBuf,
    /// The target's own `core`.
    pub core: PathBuf,
}

impl Originals {
    /// Compiles them in a directory.
    pub fn make(tools: &Tools, dir: PathBuf) -> Result<Originals> {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // A short name, because it stands in job files.
        let llvm = dir.join("llvm.so");
        std::os::unix::fs::symlink(&tools.llvm, &llvm).context("cannot link to libLLVM")?;
        let originals = Originals {
            target: tools.target,
            llvm,
            helpers: dir.join("helpers.bc"),
            more: dir.join("more.bc"),
            module: dir.join("module.bc"),
            prepared: dir.join("prepared.bc"),
            library: dir.join("liblibrary.rlib"),
            core: tools
                .libraries
                .first()
                .context("the target has no core")?
                .clone(),
            dir,
        };
        // Beside what the build script made.
        let inputs = originals.dir.join("helper-inline-inputs");
        write(&inputs, INPUTS.as_bytes())?;
        originals.c(tools, include_str!("helpers.c"), &originals.helpers)?;
        originals.c(tools, MORE, &originals.more)?;
        originals.rust(tools, LIBRARY, "link", &originals.library)?;
        // The same as a crate of a cargo build.
        let library = originals.dir.join("library.bc");
        originals.rust(tools, LIBRARY, "llvm-bc", &library)?;
        let module = include_str!("module.rs");
        originals.rust(tools, module, "llvm-bc", &originals.module)?;
        let prepare = originals.prepare_job(&originals.helpers, &originals.dir);
        child::prepare(&prepare).context("the originals cannot be prepared")?;
        Ok(originals)
    }

    fn c(&self, tools: &Tools, text: &str, output: &Path) -> Result<()> {
        let source = output.with_extension("c");
        write(&source, text.as_bytes())?;
        let mut clang = tools.clang(&source, output);
        clang.args(["-O2", "-gline-tables-only", "-emit-llvm"]);
        clang.args(["-Xclang", "-disable-llvm-passes"]);
        command::output(&mut clang).map(drop)
    }

    fn rust(&self, tools: &Tools, text: &str, kind: &str, output: &Path) -> Result<()> {
        let name = output.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.trim_start_matches("lib");
        let source = self.dir.join(name).with_extension("rs");
        write(&source, text.as_bytes())?;
        let mut rustc = tools.rustc(&source);
        rustc
            .args(["--crate-type=rlib", "-Ccodegen-units=1", "-Copt-level=2"])
            .arg("-Cdebuginfo=line-tables-only")
            .arg(format!("--crate-name={name}"))
            .arg(format!("--emit={kind}={}", output.display()))
            .arg("--out-dir")
            .arg(&self.dir);
        if name == "module" {
            rustc.arg(format!("--extern=library={}", self.library.display()));
        }
        command::output(&mut rustc).map(drop)
    }

    /// The manifest that hands a bitcode file over.
    pub fn manifest(&self, bitcode: &Path) -> Manifest {
        let helpers = ["choose", "count", "each", "pair", "swap", "wide"];
        Manifest {
            version: VERSION,
            package: "mutated".into(),
            target: self.target.into(),
            prefix: PREFIX.into(),
            helpers: helpers.map(|name| format!("{PREFIX}{name}")).to_vec(),
            exempt: vec![format!("{PREFIX}swap")],
            c_names: std::collections::BTreeMap::new(),
            replaceable: vec![],
            wrapped: std::collections::BTreeMap::new(),
            refused: vec![],
            bitcode: Some(bitcode.to_owned()),
            archive: self.dir.join("libhelpers.a"),
            clang: Some(ClangInfo {
                path: "clang".into(),
                version: "22.1.8".into(),
                llvm: 22,
            }),
            flags: vec!["-O2".into()],
            kernel: None,
            policy: None,
            out_of_line: None,
            saved_bindings: None,
        }
    }
}

/// Writes a file of a trial.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write `{}`", path.display()))
}
