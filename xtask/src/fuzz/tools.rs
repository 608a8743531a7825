//! What programs are built and run with, for one target: compilers, clang's
//! lld, musl's objects and the harness.
//!
//! Nothing here depends on a C toolchain for the target. Not here: one program
//! (`trial`).

use crate::command;
use crate::failure::{Failure, Outcome};
use anyhow::{Context as _, Result};
use helper_inline_build::dist::thin::ThinTools;
use helper_inline_build::{Clang, Rustc, link};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The targets that programs are built for.
pub const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// Everything for one target.
pub struct Tools {
    pub target: &'static str,
    pub rustc: Rustc,
    pub clang: Clang,
    pub llvm: PathBuf,
    /// `core`, in bitcode, for the link engine.
    pub libraries: Vec<PathBuf>,
    /// What a thin link takes.
    pub thin: ThinTools,
    lld: PathBuf,
    /// Where musl's start files and libraries are.
    musl: PathBuf,
    harness: PathBuf,
    /// The program that runs another, when the target is not this machine's.
    qemu: Option<PathBuf>,
}

impl Tools {
    /// Finds them, and builds the harness in `dir`.
    pub fn find(target: &'static str, dir: &Path) -> Outcome<Tools> {
        let qemu = qemu(target)?;
        let rustc = Rustc::from_env().map_err(Failure::need_of)?;
        let clang = Clang::find(rustc.llvm).map_err(Failure::need_of)?;
        let llvm = link::find_llvm_for(&rustc, &clang)
            .map_err(Failure::need_of)?
            .path;
        let sysroot = rustc.sysroot().map_err(Failure::need_of)?;
        let musl = sysroot
            .join("lib/rustlib")
            .join(target)
            .join("lib/self-contained");
        if !musl.join("crt1.o").is_file() {
            return Err(Failure::need(format!(
                "Rust's target {target} is missing: `rustup target add {target}`"
            )));
        }
        let thin = ThinTools::find(&rustc, &clang, &sysroot).map_err(Failure::need_of)?;
        let lld = clang.tool("ld.lld");
        if command::find(&lld.to_string_lossy()).is_none() {
            return Err(Failure::need(format!(
                "`{}`, which links the programs, is not there: `apt-get install lld{}`",
                lld.display(),
                clang.suffix()
            )));
        }
        let libraries = Rustc::target_libraries(&sysroot, target)
            .into_iter()
            // Generated programs allocate nothing.
            .filter(|path| path.to_string_lossy().contains("/libcore-"))
            .collect();
        let mut tools = Tools {
            target,
            rustc,
            clang,
            llvm,
            libraries,
            thin,
            lld,
            musl,
            harness: PathBuf::new(),
            qemu,
        };
        tools.harness = tools.build_harness(dir).map_err(Failure::step)?;
        Ok(tools)
    }

    fn build_harness(&self, dir: &Path) -> Result<PathBuf> {
        let source = dir.join("harness.rs");
        std::fs::write(&source, include_str!("harness.rs"))
            .with_context(|| format!("cannot write `{}`", source.display()))?;
        let harness = dir.join(format!("{}.a", self.target));
        let mut build = self.rustc(&source);
        build.args(["--crate-type=staticlib", "-Copt-level=1"]);
        build.arg("-Crelocation-model=static");
        build.arg("-o").arg(&harness);
        command::output(&mut build)?;
        Ok(harness)
    }

    /// rustc for the target, on a source.
    pub fn rustc(&self, source: &Path) -> Command {
        let mut rustc = Command::new(&self.rustc.program);
        rustc
            .args(["--edition=2024", "-Cpanic=abort", "--target", self.target])
            .arg(source);
        rustc
    }

    /// clang for the target, from a source to an output, with the meaning that
    /// the generator counts on.
    pub fn clang(&self, source: &Path, output: &Path) -> Command {
        let mut clang = Command::new(&self.clang.path);
        clang
            .arg(format!("--target={}", self.target))
            // Whether a product and a sum are fused is free otherwise.
            .args(["-std=gnu11", "-w", "-ffp-contract=off", "-c"])
            .arg(source)
            .arg("-o")
            .arg(output);
        clang
    }

    /// The linker, for a static program of objects, what is needed of an archive of
    /// others, and the harness.
    pub fn linker(&self, objects: &[&Path], archive: &[&Path], program: &Path) -> Command {
        let mut lld = Command::new(&self.lld);
        // Entries of a section that is named by its ends alone stay, as with GNU ld.
        lld.args(["-static", "--gc-sections", "-znostart-stop-gc", "-o"])
            .arg(program)
            .arg(self.musl.join("crt1.o"))
            .arg(self.musl.join("crti.o"))
            .args(objects)
            .arg("--start-lib")
            .args(archive)
            .arg("--end-lib")
            .arg("--start-group")
            .arg(&self.harness)
            .arg(self.musl.join("libc.a"))
            .arg(self.musl.join("libunwind.a"))
            .arg("--end-group")
            .arg(self.musl.join("crtn.o"));
        lld
    }

    pub fn runner(&self, program: &Path) -> Command {
        match &self.qemu {
            None => Command::new(program),
            Some(qemu) => {
                let mut command = Command::new(qemu);
                command.arg(program);
                command
            }
        }
    }
}

/// qemu-user, where the target needs it.
fn qemu(target: &str) -> Outcome<Option<PathBuf>> {
    let arch = target.split('-').next().unwrap_or_default();
    if arch == std::env::consts::ARCH {
        return Ok(None);
    }
    let name = format!("qemu-{arch}");
    match command::find(&name).or_else(|| command::find(&format!("{name}-static"))) {
        Some(qemu) => Ok(Some(qemu)),
        None => Err(Failure::need(format!(
            "`{name}` is not there, which runs the programs for {target}: \
             `apt-get install qemu-user`; or choose another `--target`"
        ))),
    }
}
