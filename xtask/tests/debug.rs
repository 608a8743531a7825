//! `dist --debug` on the sample module, for both architectures: DWARF names the
//! inlined helpers in their own C files, around the same code; and without
//! `--debug` there is none of it.
//!
//! What a debugger shows of it is tested in the library, on a program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use helper_inline_build::prove::Report;
use helper_inline_build::{Clang, Rustc};
use object::{Object as _, ObjectSection as _, SectionFlags, SectionKind};

/// Helpers that the sample uses and that leave an instruction in every kernel,
/// with their sources.
const HELPERS: &[(&str, &str)] = &[
    ("rust_helper_atomic_inc", "atomic.c"),
    ("rust_helper_refcount_inc", "refcount.c"),
    ("rust_helper_refcount_dec_and_test", "refcount.c"),
    ("rust_helper_spin_lock", "spinlock.c"),
    ("rust_helper_list_add_tail", "list.c"),
    ("rust_helper_copy_to_user", "uaccess.c"),
    ("rust_helper_kzalloc", "slab.c"),
    ("rust_helper_test_and_set_bit", "bitops.c"),
];

#[test]
fn on_x86_64() {
    let [plain, debug] = code_of_both("x86_64-unknown-none", "amd64");
    assert_eq!(plain, debug);
}

#[test]
fn on_aarch64() {
    let [plain, debug] = code_of_both("aarch64-unknown-none-softfloat", "arm64");
    // LLVM moves no instruction of a prologue across the unwinding marks, which
    // only `.debug_frame` brings here: the same ones in another order.
    let words = |code: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<[u8; 4]>> {
        let sorted = code.into_iter().map(|(name, bytes)| {
            let words = bytes.chunks(4).map(|word| word.try_into().unwrap());
            let mut words: Vec<[u8; 4]> = words.collect();
            words.sort_unstable();
            (name, words)
        });
        sorted.collect()
    };
    assert_eq!(words(plain), words(debug));
}

/// Checks the module without and with `--debug`, and returns the code of both.
fn code_of_both(target: &str, arch: &str) -> [BTreeMap<String, Vec<u8>>; 2] {
    let out = scratch(&format!("debug-{arch}"));
    fs::remove_dir_all(&out).unwrap();
    let plain = dist(target, arch, &out, &[]);
    assert!(!plain.unchanged);
    assert_eq!(plain.debug_sections(), BTreeSet::new());
    let code = plain.code();

    let debug = dist(target, arch, &out, &["--debug"]);
    assert!(!debug.unchanged, "the switch counts as a change");
    assert_eq!(debug.report.summary, plain.report.summary);
    let sections = debug.debug_sections();
    assert!(sections.contains(".debug_info"), "{sections:?}");
    let image = out.join("image");
    check_frames(&debug, &image);
    check_types(&image);
    assert!(dist(target, arch, &out, &["--debug"]).unchanged);
    [code, debug.code()]
}

/// What one `dist` left.
struct Module {
    ko: Vec<u8>,
    path: PathBuf,
    report: Report,
    unchanged: bool,
}

fn dist(target: &str, arch: &str, out: &Path, more: &[&str]) -> Module {
    let kernel = kernel(arch);
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask
        .args(["dist", "--target", target, "--kernel"])
        .arg(&kernel)
        .arg("--out")
        .arg(out)
        .args(more)
        .env("CARGO_TARGET_DIR", scratch("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("HELPER_INLINE_KERNEL");
    let (stdout, stderr) = run(&mut xtask);
    assert!(!stderr.contains("warning"), "{stderr}");
    let unchanged = stdout.contains("is up to date");
    // These kernels' modules have .BTF, given the means.
    let told = stderr.contains("no .BTF section: pahole cannot make it");
    assert_eq!(told, more == ["--debug"] && !unchanged, "{stderr}");
    let dir = out.join(target).join(kernel.file_name().unwrap());
    let path = dir.join("sample_kmod.ko");
    Module {
        ko: fs::read(&path).unwrap(),
        path,
        report: serde_json::from_slice(&fs::read(dir.join("report.json")).unwrap()).unwrap(),
        unchanged,
    }
}

impl Module {
    fn file(&self) -> object::File<'_> {
        object::File::parse(self.ko.as_slice()).unwrap()
    }

    /// The debug sections; none is ever loaded.
    fn debug_sections(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for section in self.file().sections() {
            let name = section.name().unwrap();
            if name.contains("debug") {
                let SectionFlags::Elf { sh_flags } = section.flags() else {
                    panic!("no ELF")
                };
                let loaded = sh_flags & u64::from(object::elf::SHF_ALLOC) != 0;
                assert!(!loaded, "{name} would be loaded");
                names.insert(name.to_owned());
            }
        }
        names
    }

    /// Sections of code with their bytes.
    fn code(&self) -> BTreeMap<String, Vec<u8>> {
        let file = self.file();
        let code = file.sections().filter(|s| s.kind() == SectionKind::Text);
        code.map(|s| (s.name().unwrap().to_owned(), s.data().unwrap().to_owned()))
            .collect()
    }
}

/// A function and its place, as the symbolizer names them.
struct Frame {
    function: String,
    file: String,
    line: usize,
}

impl Frame {
    fn is_rust(&self) -> bool {
        self.file.ends_with(".rs")
    }
}

fn check_frames(module: &Module, image: &Path) {
    let chains = frames(module, image);
    let all = || chains.iter().flatten();
    let generated = all().find(|frame| {
        ["helper-inline-unit.c", "kbuild/helpers.c"]
            .iter()
            .any(|name| frame.file.ends_with(name))
    });
    assert!(generated.is_none(), "{}", generated.unwrap().file);

    for (helper, file) in HELPERS {
        let source = workspace().join("helpers").join(file);
        let lines = lines_of(&source, helper);
        // What the helper calls is within it, and the Rust function around it.
        let found = chains.iter().any(|chain| {
            let Some(at) = chain.iter().position(|frame| frame.function == *helper) else {
                return false;
            };
            Path::new(&chain[at].file) == source
                && lines.contains(&chain[at].line)
                && chain[at + 1..].iter().all(Frame::is_rust)
                && chain[at + 1..]
                    .iter()
                    .any(|frame| frame.file.contains("sample-kmod/src/"))
        });
        assert!(found, "{helper} has no frame in {}", source.display());
    }
    // The kernel's own inline functions have theirs, within a helper's.
    let in_header = chains.iter().any(|chain| {
        chain[0].file.contains("linux-headers-")
            && chain[0].file.ends_with("include/linux/refcount.h")
            && chain.iter().any(|f| f.function.starts_with("rust_helper_"))
    });
    assert!(in_header, "no frame in refcount.h");

    // Some helpers are no instruction at all; most are.
    let shown: BTreeSet<&str> = all().map(|frame| frame.function.as_str()).collect();
    let used = module.report.helpers.iter().filter(|h| h.call_sites > 0);
    let used: Vec<&str> = used.map(|helper| helper.name.as_str()).collect();
    let shown = used.iter().filter(|name| shown.contains(**name)).count();
    println!("{shown} of {} helpers have a frame", used.len());
    assert!(shown * 4 > used.len() * 3, "{shown} of {}", used.len());
}

/// Both sides have types and parameters, not line tables alone.
fn check_types(image: &Path) {
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    for (name, words) in [
        // An inlined call with its parameter, and where that is.
        (
            "rust_helper_refcount_inc",
            ["DW_TAG_inlined_subroutine", "DW_AT_location", "\"r\")"],
        ),
        (
            "refcount_struct",
            ["DW_TAG_structure_type", "DW_TAG_member", "\"refs\")"],
        ),
        (
            "Counters",
            ["DW_TAG_structure_type", "DW_TAG_member", "counters.rs\")"],
        ),
    ] {
        let mut dwarfdump = Command::new(clang.tool("llvm-dwarfdump"));
        dwarfdump
            .args(["--show-children", "--name", name])
            .arg(image);
        let (text, _) = run(&mut dwarfdump);
        for word in words {
            assert!(text.contains(word), "no {word} for {name}:\n{text}");
        }
    }
}

/// The lines of a C function's definition.
fn lines_of(source: &Path, function: &str) -> std::ops::RangeInclusive<usize> {
    let text = fs::read_to_string(source).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let head = format!("{function}(");
    let first = lines.iter().position(|line| line.contains(&head)).unwrap();
    let length = lines[first..].iter().position(|line| *line == "}").unwrap();
    first + 1..=first + 1 + length
}

/// The frames at each address of a module's code, innermost first.
///
/// Every section of a `.ko` begins at address 0; so it is linked into an image,
/// as the kernel's loader does it.
fn frames(module: &Module, image: &Path) -> Vec<Vec<Frame>> {
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    let mut link = Command::new(clang.tool("ld.lld"));
    link.args(["--unresolved-symbols=ignore-all", "-e", "init_module", "-o"])
        .args([image, &module.path]);
    run(&mut link);
    let data = fs::read(image).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let code = file.sections().filter(|s| s.kind() == SectionKind::Text);
    let addresses = code.flat_map(|s| (s.address()..s.address() + s.size()).step_by(4));
    let mut symbolizer = Command::new(clang.tool("llvm-symbolizer"));
    symbolizer
        .args(["--output-style=JSON", "--inlines", "--obj"])
        .arg(image)
        .args(addresses.map(|address| format!("{address:#x}")));
    let (text, _) = run(&mut symbolizer);
    let symbols: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let chain = |symbol: &serde_json::Value| -> Vec<Frame> {
        let frames = symbol["Symbol"].as_array().unwrap().iter();
        frames
            .map(|frame| Frame {
                function: frame["FunctionName"].as_str().unwrap().to_owned(),
                file: frame["FileName"].as_str().unwrap().to_owned(),
                line: frame["Line"].as_u64().unwrap() as usize,
            })
            .collect()
    };
    symbols.iter().map(chain).collect()
}

/// Runs a command that must succeed; what it printed.
fn run(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stdout}{stderr}");
    (stdout, stderr)
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A directory of these tests' own, below the target directory.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fixtures")
        .join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The tree of the fetched 6.1 kernel for an architecture of Debian's.
fn kernel(arch: &str) -> PathBuf {
    let kernels = workspace().join("target/kernels");
    let found = fs::read_dir(&kernels).into_iter().flatten().find(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        let name = name.to_string_lossy();
        name.starts_with("6.1.") && name.ends_with(&format!("-{arch}"))
    });
    found
        .unwrap_or_else(|| {
            panic!(
                "no kernel for {arch} in {}: run `cargo xtask kernels fetch` first",
                kernels.display()
            )
        })
        .unwrap()
        .path()
}
