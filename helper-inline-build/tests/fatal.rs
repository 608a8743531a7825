//! A fatal error of LLVM's ends the child that links, and the parent names the
//! input. With compilers and an LLVM as they are: a helper that reads the frame
//! pointer, compiled without one, is a fatal error of LLVM's x86 back end.
//!
//! It has a `main` of its own, because linking runs the program again. Not here:
//! inputs that are refused (`src/link/tests`).

use helper_inline_build::link::job::{CrateInput, HelperInput, Job};
use helper_inline_build::link::{child, find_llvm_for};
use helper_inline_build::{Clang, Error, Rustc};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

const GOOD: &str = "unsigned long rust_helper_good(void) { return 7; }\n\
    void helper_inline_baseline(void) {}\n";
const FATAL: &str = "register unsigned long frame __asm__(\"rbp\");\n\
    unsigned long rust_helper_frame(void) { return frame; }\n\
    void helper_inline_baseline(void) {}\n";
const CALLER: &str = "#![no_std]\n\
    unsafe extern \"C\" { fn rust_helper_good() -> u64; fn rust_helper_frame() -> u64; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn good() -> u64 { unsafe { rust_helper_good() } }\n";
const FATAL_CALL: &str =
    "#[unsafe(no_mangle)] pub extern \"C\" fn frame() -> u64 { unsafe { rust_helper_frame() } }\n";

fn main() -> ExitCode {
    if let Some(code) = child::dispatch() {
        return code;
    }
    let inputs = Inputs::new();
    // What is not called is not lowered: the same inputs link.
    let job = inputs.job(CALLER);
    let outcome = child::run(&job).unwrap();
    assert_eq!(outcome.helpers.len(), 2);
    assert!(job.object.is_file());
    std::fs::remove_file(&job.object).unwrap();

    let job = inputs.job(&format!("{CALLER}{FATAL_CALL}"));
    let error = child::run(&job).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::LlvmDied { .. }), "{text}");
    assert_eq!(error.exit_code(), 3);
    for part in [
        "LLVM ended with signal: 6 (SIGABRT)",
        "while lowering `module`",
        &format!("as also with `{}` alone", job.helpers[1].bitcode.display()),
        "register rbp is allocatable",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let left: Vec<PathBuf> = std::fs::read_dir(inputs.dir.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    println!("a fatal error of LLVM's is told with its input: ok");
    ExitCode::SUCCESS
}

struct Inputs {
    dir: tempfile::TempDir,
    rustc: Rustc,
    clang: Clang,
}

impl Inputs {
    fn new() -> Inputs {
        let rustc = Rustc::from_env().unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("out")).unwrap();
        Inputs {
            clang: Clang::find(rustc.llvm).unwrap(),
            rustc,
            dir,
        }
    }

    /// Two crates' helpers, of which the second ones are fatal when called.
    fn job(&self, caller: &str) -> Job {
        let crates = self.dir.path().join("module.bc");
        let mut rustc = Command::new(&self.rustc.program);
        rustc
            .args(["--edition=2024", "--crate-type=rlib", "--emit=llvm-bc"])
            .args(["-Copt-level=2", "-Cpanic=abort", "-Ccodegen-units=1"])
            .args(["--target", "x86_64-unknown-none", "-o"])
            .arg(&crates)
            .arg(self.source("module.rs", caller));
        run(&mut rustc);
        let helpers = [("good", GOOD), ("fatal", FATAL)].map(|(package, source)| {
            let bitcode = self.dir.path().join(format!("{package}.bc"));
            let mut clang = Command::new(&self.clang.path);
            clang
                .args(["--target=x86_64-linux-gnu", "-O2", "-fno-PIE"])
                .args(["-fomit-frame-pointer", "-Xclang", "-disable-llvm-passes"])
                .args(["-emit-llvm", "-c", "-o"])
                .arg(&bitcode)
                .arg(self.source(&format!("{package}.c"), source));
            run(&mut clang);
            HelperInput {
                package: package.into(),
                prefix: "rust_helper_".into(),
                helpers: ["good", "frame"].map(|n| format!("rust_helper_{n}")).into(),
                c_names: std::collections::BTreeMap::new(),
                bitcode,
                exempt: Vec::new(),
                wrapped: Vec::new(),
            }
        });
        Job {
            llvm: find_llvm_for(&self.rustc, &self.clang).unwrap().path,
            name: "module".into(),
            helpers: helpers.into(),
            crates: vec![CrateInput {
                name: "module".into(),
                bitcode: crates,
            }],
            libraries: Vec::new(),
            keep: Vec::new(),
            kernel: false,
            inline: true,
            debug: false,
            object: self.dir.path().join("out/module.o"),
        }
    }

    fn source(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}
