//! Small Rust and C sources compiled to bitcode, linked by the engine.

use crate::clang::instrumentation::{INSTRUMENTED_MACRO, INSTRUMENTED_SECTION, is_added_by_passes};
use crate::link::engine;
use crate::link::find_llvm;
use crate::link::job::{CrateInput, Failure, HelperInput, HelperOutcome, Job, Outcome};
use crate::manifest::BASELINE;
use crate::prove::{ObjectFacts, read_object};
use crate::{Clang, Rustc};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

pub(in crate::link) const PREFIX: &str = "rust_helper_";

/// Inputs of one link.
pub(in crate::link) struct Fixture {
    dir: Rc<tempfile::TempDir>,
    pub(in crate::link) target: &'static str,
    pub(in crate::link) kernel: bool,
    pub(in crate::link) inline: bool,
    /// Whether sources added after it is set have full debug information, and
    /// the object debug sections.
    pub(in crate::link) debug: bool,
    /// Flags for C sources added after they are set.
    pub(in crate::link) flags: Vec<&'static str>,
    /// Exempted helpers of C sources added after they are set.
    pub(in crate::link) exempt: Vec<String>,
    /// Helpers that only wrap, of C sources added after they are set.
    pub(in crate::link) wrapped: Vec<String>,
    /// How rustc optimizes sources added after it is set.
    pub(in crate::link) level: &'static str,
    /// Symbols that what else is linked needs.
    pub(in crate::link) keep: Vec<String>,
    /// The helpers of C sources added after it is set; all names with the prefix without it.
    pub(in crate::link) listed: Option<BTreeSet<String>>,
    helpers: Vec<HelperInput>,
    crates: Vec<CrateInput>,
}

impl Fixture {
    pub(in crate::link) fn new() -> Fixture {
        Fixture {
            dir: Rc::new(tempfile::tempdir().unwrap()),
            target: "x86_64-unknown-none",
            kernel: true,
            inline: true,
            debug: false,
            flags: vec!["-mno-sse", "-mno-mmx", "-mno-80387"],
            exempt: Vec::new(),
            wrapped: Vec::new(),
            level: "2",
            keep: Vec::new(),
            listed: None,
            helpers: Vec::new(),
            crates: Vec::new(),
        }
    }

    /// For a program, not a kernel.
    pub(in crate::link) fn hosted() -> Fixture {
        Fixture {
            target: "x86_64-unknown-linux-gnu",
            kernel: false,
            flags: Vec::new(),
            ..Fixture::new()
        }
    }

    pub(in crate::link) fn aarch64() -> Fixture {
        Fixture {
            target: "aarch64-unknown-none-softfloat",
            // As the kernel's; clang's default depends on the gcc that it finds.
            flags: vec!["-mgeneral-regs-only", "-mno-outline-atomics"],
            ..Fixture::new()
        }
    }

    /// Compiles helpers as the build side does for a kernel.
    pub(in crate::link) fn c(&mut self, source: &str) -> PathBuf {
        let number = self.helpers.len();
        let path = self.dir.path().join(format!("helpers{number}.c"));
        let bitcode = path.with_extension("bc");
        let baseline = format!(
            "#ifdef {INSTRUMENTED_MACRO}\n__attribute__((section(\"{INSTRUMENTED_SECTION}\")))\n#endif\n\
             void {BASELINE}(void) {{}}"
        );
        std::fs::write(&path, format!("{source}\n{baseline}\n")).unwrap();
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let triple = match self.target.split('-').next() {
            Some("aarch64") => "aarch64-linux-gnu",
            _ => "x86_64-linux-gnu",
        };
        let compile = || {
            let mut command = Command::new(&clang.path);
            command
                .arg(format!("--target={triple}"))
                .args(["-O2", "-fno-PIE", self.debug_flags().0])
                .args(&self.flags)
                .args(["-emit-llvm", "-c", "-o"])
                .arg(&bitcode)
                .arg(&path);
            command
        };
        let mut command = compile();
        if !is_added_by_passes(compile()) {
            command.args(["-Xclang", "-disable-llvm-passes"]);
        } else {
            command.arg(format!("-D{INSTRUMENTED_MACRO}"));
        }
        run(&mut command);
        self.helpers.push(HelperInput {
            package: format!("package{number}"),
            prefix: PREFIX.into(),
            helpers: self.listed.clone().unwrap_or_else(|| names(source)),
            c_names: std::collections::BTreeMap::new(),
            bitcode: bitcode.clone(),
            exempt: self.exempt.clone(),
            wrapped: self.wrapped.clone(),
        });
        bitcode
    }

    /// Compiles a Rust crate as `dist` does.
    pub(in crate::link) fn rust(&mut self, source: &str) -> PathBuf {
        let number = self.crates.len();
        let dir = self.dir.path().join(format!("crate{number}"));
        std::fs::create_dir(&dir).unwrap();
        let path = dir.join("module.rs");
        std::fs::write(&path, format!("#![no_std]\n{source}\n")).unwrap();
        let bitcode = dir.join("module.bc");
        let mut command = Command::new(Rustc::from_env().unwrap().program);
        command
            .args(["--edition=2024", "--crate-type=rlib", "--emit=llvm-bc"])
            .args(["-Ccodegen-units=1", "-Cpanic=abort"])
            .arg(format!("-Copt-level={}", self.level))
            .args([self.debug_flags().1, "-Crelocation-model=static"])
            .args(["-Cforce-unwind-tables=n", "--target", self.target])
            .arg(format!("-Cmetadata={number}"))
            .arg("-o")
            .arg(&bitcode)
            .arg(&path);
        run(&mut command);
        let name = format!("crate{number}");
        self.crates.push(CrateInput {
            name,
            bitcode: bitcode.clone(),
        });
        bitcode
    }

    /// What clang and what rustc is told.
    fn debug_flags(&self) -> (&'static str, &'static str) {
        match self.debug {
            true => ("-g", "-Cdebuginfo=full"),
            false => ("-gline-tables-only", "-Cdebuginfo=line-tables-only"),
        }
    }

    pub(in crate::link) fn job(&self) -> Job {
        let llvm = find_llvm(&Rustc::from_env().unwrap()).unwrap();
        Job {
            llvm: llvm.path,
            name: "module".into(),
            helpers: self.helpers.clone(),
            crates: self.crates.clone(),
            libraries: Vec::new(),
            keep: self.keep.clone(),
            kernel: self.kernel,
            inline: self.inline,
            debug: self.debug,
            object: self.dir.path().join("module.o"),
        }
    }

    pub(in crate::link) fn try_link(&self) -> Result<Linked, Failure> {
        let job = self.job();
        let outcome = engine::run(&job, &mut |_| {})?;
        Ok(self.linked(job.object, outcome))
    }

    /// An object in the fixture's directory.
    pub(in crate::link) fn linked(&self, object: PathBuf, outcome: Outcome) -> Linked {
        Linked {
            _dir: Rc::clone(&self.dir),
            object,
            outcome,
        }
    }

    /// The account of an object that no helper is known of.
    pub(in crate::link) fn outcome_of_nothing() -> Outcome {
        Outcome {
            llvm: String::new(),
            helpers: Vec::new(),
            harmonized: Vec::new(),
            exports: Vec::new(),
            imports: Vec::new(),
            timings_ms: BTreeMap::new(),
        }
    }

    pub(in crate::link) fn link(&self) -> Linked {
        self.try_link()
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    /// The refusal's text, and that it left no object.
    pub(in crate::link) fn refusal(&self) -> String {
        let failure = match self.try_link() {
            Ok(_) => panic!("the inputs were linked"),
            Err(failure) => failure,
        };
        assert!(!self.job().object.exists());
        crate::Error::from(failure).to_string()
    }
}

/// A linked object and the engine's account of it.
pub(in crate::link) struct Linked {
    _dir: Rc<tempfile::TempDir>,
    pub(in crate::link) object: PathBuf,
    pub(in crate::link) outcome: Outcome,
}

impl Linked {
    pub(in crate::link) fn helper(&self, name: &str) -> &HelperOutcome {
        let found = self.outcome.helpers.iter().find(|h| h.name == name);
        found.unwrap_or_else(|| panic!("no helper `{name}`"))
    }

    pub(in crate::link) fn facts(&self) -> ObjectFacts {
        let symbols = self.symbols_where(|_| true).into_iter();
        let mut named = self.outcome.proved_symbols();
        named.extend(symbols.filter(|name| name.starts_with(PREFIX)));
        read_object(&self.object, &named).unwrap()
    }

    pub(in crate::link) fn symbols(&self) -> Vec<String> {
        self.symbols_where(|symbol| symbol.is_definition())
    }

    pub(in crate::link) fn global_symbols(&self) -> Vec<String> {
        self.symbols_where(|symbol| symbol.is_definition() && symbol.is_global())
    }

    pub(in crate::link) fn sections(&self) -> Vec<String> {
        let data = std::fs::read(&self.object).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        file.sections()
            .map(|section| section.name().unwrap().to_owned())
            .collect()
    }

    /// Also labels, which have no type and no size.
    pub(in crate::link) fn global_labels(&self) -> Vec<String> {
        self.symbols_where(|symbol| !symbol.is_undefined() && symbol.is_global())
    }

    pub(in crate::link) fn undefined_symbols(&self) -> Vec<String> {
        let mut names = self.symbols_where(|symbol| symbol.is_undefined());
        names.retain(|name| !name.is_empty());
        names
    }

    fn symbols_where(&self, keep: impl Fn(&object::Symbol<'_, '_>) -> bool) -> Vec<String> {
        let data = std::fs::read(&self.object).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        file.symbols()
            .filter(keep)
            .map(|symbol| symbol.name().unwrap().to_owned())
            .collect()
    }

    /// The code, disassembled by the LLVM tools beside clang.
    pub(in crate::link) fn disassembly(&self) -> String {
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let objdump = format!("llvm-objdump{}", clang.suffix());
        let mut command = Command::new(objdump);
        command
            .args(["-d", "-r", "--no-show-raw-insn"])
            .arg(&self.object);
        run(&mut command)
    }
}

/// The names in a source that begin with the prefix.
fn names(source: &str) -> BTreeSet<String> {
    let words = source.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with(PREFIX))
        .map(str::to_owned)
        .collect()
}

/// Runs a command that must succeed; what it printed.
pub(in crate::link) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A path's last part.
pub(in crate::link) fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}
