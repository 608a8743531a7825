//! `dist --built-in`: the same crate as a module and as a part of a kernel's image,
//! for both architectures and every fetched kernel, where the two must differ and
//! where not.
//!
//! What a kernel does with such an object is not seen here: Debian's headers have no
//! source to link an image from.

#[path = "bad_input/support.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use helper_inline_build::kernel::KernelDir;
use helper_inline_build::prove::Report;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};
use support::{ARM, Fixture, X86, run};

#[test]
fn on_x86_64() {
    check_all(X86, "amd64");
}

#[test]
fn on_aarch64() {
    check_all(ARM, "arm64");
}

fn check_all(target: &str, arch: &str) {
    let fixture = Fixture::of("either", &format!("either-{arch}"));
    let kernels = build_dirs(arch);
    assert!(!kernels.is_empty(), "run `cargo xtask kernels fetch` first");
    for (number, kernel) in kernels.iter().enumerate() {
        let kernel = KernelDir::open(kernel).unwrap();
        println!("{}", kernel.release());
        let module = Made::by(&fixture, target, &kernel, false);
        module.check_module();
        let built_in = Made::by(&fixture, target, &kernel, true);
        built_in.check_built_in(&kernel);
        // cargo keeps both builds, and dist makes the module again; which goes by no kernel.
        if number == 0 {
            assert!(Made::by(&fixture, target, &kernel, false).data == module.data);
        }
    }
}

/// The build directories of every fetched kernel for an architecture of Debian's.
fn build_dirs(arch: &str) -> Vec<PathBuf> {
    let mut list = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let listed = run(list.args(["kernels", "list"])).stdout;
    let kernels = listed.lines().filter_map(|line| line.split_once("  "));
    let fitting = kernels.filter(|(release, _)| release.ends_with(&format!("-{arch}")));
    fitting.map(|(_, dir)| dir.trim().into()).collect()
}

/// What one `dist` left.
struct Made {
    data: Vec<u8>,
    report: Report,
    functions: Vec<(String, String)>,
}

impl Made {
    fn by(fixture: &Fixture, target: &str, kernel: &KernelDir, built_in: bool) -> Made {
        let mut dist = fixture.dist_for(target, kernel.path());
        dist.args(built_in.then_some("--built-in"));
        let made = run(&mut dist);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        assert!(!made.stderr.contains("warning"), "{}", made.stderr);
        let dir = fixture.out().join(target).join(kernel.release());
        let (this, other) = if built_in { ("o", "ko") } else { ("ko", "o") };
        // One report is there, and what it is of.
        assert!(!dir.join("fixture").with_extension(other).exists());
        let path = dir.join("fixture").with_extension(this);
        Made {
            data: fs::read(&path).unwrap(),
            report: serde_json::from_slice(&fs::read(dir.join("report.json")).unwrap()).unwrap(),
            functions: disassemble(&path),
        }
    }

    fn file(&self) -> object::File<'_> {
        object::File::parse(self.data.as_slice()).unwrap()
    }

    fn check_both(&self) {
        let summary = &self.report.summary;
        assert_eq!((summary.outlined, summary.call_sites), (0, 2));
        for line in &self.report.object.modinfo {
            assert!(self.modinfo().contains(line), "{line}");
        }
        // sizeof(struct kernel_param)
        let file = self.file();
        assert_eq!(file.section_by_name("__param").unwrap().size(), 40);
    }

    /// The positive control: each thing that the image's code must not have is there.
    fn check_module(&self) {
        self.check_both();
        assert!(!self.report.kernel.as_ref().unwrap().built_in);
        assert!(self.undefined().contains("__this_module") || self.defines("__this_module"));
        for (function, named) in [("fixture_owner", true), ("fixture_own_owner", true)] {
            assert_eq!(self.function(function).contains("__this_module"), named);
        }
        for function in ["fixture_variant", "fixture_rust_variant"] {
            assert!(
                self.function(function).contains("$0x4d4d")
                    || self.function(function).contains("#0x4d4d")
            );
        }
        assert!(self.defines("init_module") && self.defines("cleanup_module"));
        assert!(self.file().section_by_name(".initcall6.init").is_none());
        assert!(self.targets("__param").contains("__this_module"));
        assert!(self.modinfo().contains("parmtype=answer:uint"));
        assert!(self.modinfo().contains("license=GPL"));
        assert!(self.strings(".rodata").contains("answer"));
    }

    fn check_built_in(&self, kernel: &KernelDir) {
        self.check_both();
        assert!(self.report.kernel.as_ref().unwrap().built_in);
        let names = self.undefined();
        assert!(!names.contains("__this_module"), "{names:?}");
        for function in ["fixture_owner", "fixture_own_owner"] {
            let text = self.function(function);
            assert!(!text.contains("__this_module"), "{text}");
            assert!(
                text.contains("xor") || text.contains("mov\tx0, xzr"),
                "{text}"
            );
        }
        for function in ["fixture_variant", "fixture_rust_variant"] {
            let text = self.function(function);
            assert!(
                text.contains("$0x6b6b") || text.contains("#0x6b6b"),
                "{text}"
            );
        }
        assert!(!self.defines("init_module") && !self.defines("cleanup_module"));
        self.check_initcall();
        assert!(!self.targets("__param").contains("__this_module"));
        assert_eq!(
            self.modinfo(),
            [
                "fixture.alias=devname:fixture",
                "fixture.alias=of:N*T*Cvendor,fixture-1",
                "fixture.alias=of:N*T*Cvendor,fixture-1C*",
                "fixture.alias=pci:v00001B36d000000FFsv*sd*bc*sc*i*",
                "fixture.author=Test",
                "fixture.description=A module or a part of the kernel",
                "fixture.file=fixture",
                "fixture.license=GPL",
                "fixture.parm=answer:42",
                "fixture.parmtype=answer:uint",
            ]
            .map(str::to_owned)
            .into()
        );
        assert!(self.strings(".rodata").contains("fixture.answer"));
        // What the author wrote for others, and nothing that would meet a symbol of
        // the kernel's or of a second such object.
        let file = self.file();
        let globals = file
            .symbols()
            .filter(|s| s.is_global() && s.is_definition());
        let globals: BTreeSet<&str> = globals.map(|s| s.name().unwrap()).collect();
        assert!(
            globals.iter().all(|name| name.starts_with("fixture_")),
            "{globals:?}"
        );
        // objtool looks at each object, or at the whole image later.
        let is_later = ["CONFIG_X86_KERNEL_IBT", "CONFIG_LTO_CLANG"];
        let is_later = is_later.iter().any(|option| kernel.is_set(option));
        assert_eq!(
            file.section_by_name(".orc_unwind").is_some(),
            kernel.is_set("CONFIG_UNWINDER_ORC") && !is_later
        );
    }

    /// One initial call: four bytes that say how far `init` is.
    fn check_initcall(&self) {
        let file = self.file();
        let section = file
            .section_by_name(".initcall6.init")
            .expect("no initial call");
        assert_eq!((section.size(), section.align()), (4, 4));
        let relocations: Vec<_> = section.relocations().collect();
        let [(0, relocation)] = relocations.as_slice() else {
            panic!("{relocations:?}")
        };
        assert_eq!(relocation.kind(), object::RelocationKind::Relative);
        let RelocationTarget::Symbol(symbol) = relocation.target() else {
            panic!("{relocation:?}")
        };
        let symbol = file.symbol_by_index(symbol).unwrap();
        let called = file
            .section_by_index(symbol.section_index().unwrap())
            .unwrap();
        assert_eq!(called.name(), Ok(".init.text"));
    }

    fn defines(&self, name: &str) -> bool {
        let file = self.file();
        let mut symbols = file.symbols();
        symbols.any(|symbol| symbol.is_definition() && symbol.name() == Ok(name))
    }

    fn undefined(&self) -> BTreeSet<String> {
        let file = self.file();
        let symbols = file.symbols().filter(|symbol| symbol.is_undefined());
        symbols
            .map(|symbol| symbol.name().unwrap().to_owned())
            .collect()
    }

    /// What the relocations of a section name.
    fn targets(&self, section: &str) -> BTreeSet<String> {
        let file = self.file();
        let section = file.section_by_name(section).unwrap();
        let names = section.relocations().map(|(_, relocation)| {
            let RelocationTarget::Symbol(symbol) = relocation.target() else {
                panic!("{relocation:?}")
            };
            file.symbol_by_index(symbol)
                .unwrap()
                .name()
                .unwrap()
                .to_owned()
        });
        names.collect()
    }

    fn modinfo(&self) -> BTreeSet<String> {
        self.strings(".modinfo")
    }

    /// The strings in all sections whose names begin so.
    fn strings(&self, prefix: &str) -> BTreeSet<String> {
        let mut strings = BTreeSet::new();
        for section in self.file().sections() {
            if section.name().unwrap().starts_with(prefix) {
                let text = String::from_utf8_lossy(section.data().unwrap()).into_owned();
                strings.extend(
                    text.split('\0')
                        .filter(|s| !s.is_empty())
                        .map(str::to_owned),
                );
            }
        }
        strings
    }

    fn function(&self, name: &str) -> &str {
        let found = self.functions.iter().find(|(function, _)| function == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }
}

/// Each function with its instructions and relocations.
fn disassemble(object: &Path) -> Vec<(String, String)> {
    let rustc = helper_inline_build::Rustc::from_env().unwrap();
    let clang = helper_inline_build::Clang::find(rustc.llvm).unwrap();
    let mut objdump = Command::new(clang.tool("llvm-objdump"));
    let text = run(objdump.args(["-dr", "--no-show-raw-insn"]).arg(object)).stdout;
    let functions = text.split("\n\n").filter_map(|function| {
        let (head, body) = function.trim_start().split_once(">:\n")?;
        Some((head.split_once('<')?.1.to_owned(), body.to_owned()))
    });
    functions.collect()
}
