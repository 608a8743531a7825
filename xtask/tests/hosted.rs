//! `dist` of programs: a workspace with helpers, native C and a static in C becomes an
//! executable that runs, with no helper left to call.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use helper_inline_build::prove::Report;
use object::{Object as _, ObjectSymbol as _, SymbolKind};

/// One at a time: all builds are in one target directory.
static TURN: Mutex<()> = Mutex::new(());

/// What the program prints however it is built.
const PRINTED: &str = "counter 2\nnative 3844\nthread 4\ncaught number 5\nbits 8\nallocated true\n";

/// A copy of the fixture.
struct Hosted {
    dir: PathBuf,
    target: String,
    _turn: MutexGuard<'static, ()>,
}

impl Hosted {
    fn new() -> Hosted {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = scratch().join("copies/hosted");
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = here.join("tests/fixtures/hosted");
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap();
            let to = dir.join(entry.path().strip_prefix(&source).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(&to).unwrap();
                continue;
            }
            let library = here.with_file_name("helper-inline-build");
            let text = fs::read_to_string(entry.path()).unwrap();
            let from = "../../../../../helper-inline-build";
            fs::write(&to, text.replace(from, library.to_str().unwrap())).unwrap();
        }
        fs::copy(here.with_file_name("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        Hosted {
            dir,
            target: helper_inline_build::Rustc::from_env().unwrap().host,
            _turn: turn,
        }
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A package beside the others.
    fn add(&self, name: &str, manifest: &str, file: &str, text: &str) {
        self.edit("Cargo.toml", "\"app\"", &format!("\"app\", \"{name}\""));
        let dir = self.dir.join(name);
        fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
        let head = format!("[package]\nname = \"hosted-{name}\"\nedition = \"2024\"\n");
        fs::write(dir.join("Cargo.toml"), head + manifest).unwrap();
        fs::write(dir.join(file), text).unwrap();
    }

    /// Runs `dist` on a package.
    fn dist(&self, package: &str, more: &[&str]) -> (Option<i32>, String) {
        let mut dist = Command::new(env!("CARGO_BIN_EXE_xtask"));
        dist.args(["dist", "--target", &self.target, "--package", package])
            .arg("--manifest-path")
            .arg(self.dir.join("Cargo.toml"))
            .arg("--out")
            .arg(self.dir.join("out"))
            .args(more)
            .env("CARGO_TARGET_DIR", scratch().join("target"))
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_COLOR", "never");
        for variable in ["HELPER_INLINE_KERNEL", "RUSTFLAGS", "RUSTC_WRAPPER"] {
            dist.env_remove(variable);
        }
        let Output {
            status,
            stdout,
            stderr,
        } = dist.output().unwrap();
        let text = String::from_utf8([stdout, stderr].concat()).unwrap();
        (status.code(), text)
    }

    fn make(&self, package: &str, more: &[&str]) -> String {
        let (code, text) = self.dist(package, more);
        assert_eq!(code, Some(0), "{text}");
        text
    }

    fn fails(&self, code: i32, package: &str, words: &[&str]) {
        let (ended, text) = self.dist(package, &[]);
        assert_eq!(ended, Some(code), "{text}");
        for word in words {
            assert!(text.contains(word), "no `{word}` in:\n{text}");
        }
    }

    fn output(&self, name: &str) -> PathBuf {
        self.dir.join("out").join(&self.target).join(name)
    }

    /// What there is, stamps and what was left half made too.
    fn outputs(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.output("")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn report(&self, name: &str) -> Report {
        serde_json::from_slice(&fs::read(self.output(name)).unwrap()).unwrap()
    }

    /// What a program prints.
    fn run(&self, name: &str) -> String {
        let output = Command::new(self.output(name)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The functions of a program that are helpers, and whether there are symbols.
    fn helpers(&self, name: &str) -> BTreeSet<String> {
        let data = fs::read(self.output(name)).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        let functions: BTreeSet<String> = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text)
            .map(|symbol| symbol.name().unwrap().to_owned())
            .collect();
        assert!(functions.contains("main"), "it is stripped");
        let helpers = functions.into_iter();
        helpers
            .filter(|name| name.starts_with("rust_helper_"))
            .collect()
    }
}

/// What the tests of `dist` have in common.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures")
}

#[test]
fn a_program_runs_with_every_helper_inlined() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &[]);
    let files = [".hosted-app.stamp", "hosted-app", "report.json"];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    assert_eq!(hosted.helpers("hosted-app"), BTreeSet::new());
    let report = hosted.report("report.json");
    assert_eq!(report.module, "hosted-app");
    assert_eq!((report.summary.used, report.summary.outlined), (3, 0));
    assert!(report.summary.inlined >= 3);

    let again = hosted.make("hosted-app", &[]);
    assert!(again.contains("nothing changed, nothing done"), "{again}");

    // What is no bitcode counts too.
    hosted.edit("native/native.c", "+ 1", "+ 2");
    let changed = hosted.make("hosted-app", &[]);
    assert!(!changed.contains("nothing changed"), "{changed}");
    assert_eq!(hosted.run("hosted-app"), PRINTED.replace("3844", "3845"));

    // The comparison can fail.
    hosted.make("hosted-app", &["--inline", "off"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED.replace("3844", "3845"));
    let called = ["bits", "count", "rotate"].map(|name| format!("rust_helper_{name}"));
    assert_eq!(hosted.helpers("hosted-app"), called.into());
}

#[test]
fn the_profile_decides_how_a_program_is_linked() {
    let hosted = Hosted::new();
    for (profile, has_symbols) in [("lto = true", true), ("strip = true", false)] {
        let manifest = fs::read_to_string(hosted.dir.join("Cargo.toml")).unwrap();
        let with = format!("{manifest}\n[profile.release]\npanic = \"unwind\"\n{profile}\n");
        fs::write(hosted.dir.join("Cargo.toml"), with).unwrap();
        hosted.make("hosted-app", &[]);
        fs::write(hosted.dir.join("Cargo.toml"), manifest).unwrap();
        assert_eq!(hosted.run("hosted-app"), PRINTED, "{profile}");
        let data = fs::read(hosted.output("hosted-app")).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        assert_eq!(file.symbols().next().is_some(), has_symbols, "{profile}");
        assert!(!file.has_debug_symbols(), "{profile}");
    }
    hosted.make("hosted-app", &["--profile", "dev", "--debug"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    assert_eq!(hosted.helpers("hosted-app"), BTreeSet::new());
    let data = fs::read(hosted.output("hosted-app")).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    assert!(file.has_debug_symbols());
}

#[test]
fn each_program_of_a_package_has_its_report() {
    let hosted = Hosted::new();
    let other = "fn main() { println!(\"{}\", hosted_native::mixed(1)); }\n";
    fs::create_dir_all(hosted.dir.join("app/src/bin")).unwrap();
    fs::write(hosted.dir.join("app/src/bin/another.rs"), other).unwrap();
    hosted.edit(
        "app/Cargo.toml",
        "publish = false",
        "publish = false\ndefault-run = \"hosted-app\"",
    );
    hosted.make("hosted-app", &[]);
    let files = [
        ".another.stamp",
        ".hosted-app.stamp",
        "another",
        "another.report.json",
        "hosted-app",
        "hosted-app.report.json",
        "report.json",
    ];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    // 1 turned by 8 and tripled, 1 more, and the second number.
    assert_eq!(hosted.run("another"), "771\n");
    assert_eq!(hosted.report("report.json").module, "hosted-app");
    assert_eq!(hosted.report("another.report.json").module, "another");
}

#[test]
fn a_library_becomes_an_object() {
    let hosted = Hosted::new();
    hosted.make("hosted-native", &[]);
    let files = [".hosted_native.stamp", "hosted_native.o", "report.json"];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
}

#[test]
fn what_cannot_become_a_program_is_refused() {
    let hosted = Hosted::new();
    hosted.add("plain", "", "src/main.rs", "fn main() {}\n");
    hosted.fails(
        2,
        "hosted-plain",
        &["no build script of `hosted-plain` or its dependencies compiled helpers"],
    );
    hosted.add("shown", "", "examples/shown.rs", "fn main() {}\n");
    hosted.fails(
        2,
        "hosted-shown",
        &[
            "`hosted-shown` has neither a library nor a program",
            "--package",
        ],
    );
    hosted.fails(2, "hosted-none", &["has no package `hosted-none`"]);
    let features = "[features]\nextra = []\n[[bin]]\nname = \"hosted-app\"\n\
                    path = \"src/main.rs\"\nrequired-features = [\"extra\"]\n";
    hosted.edit(
        "app/Cargo.toml",
        "[build-dep",
        &format!("{features}[build-dep"),
    );
    hosted.fails(
        2,
        "hosted-app",
        &["cargo made no program of `hosted-app`", "required-features"],
    );
}

#[test]
fn a_helper_that_stays_leaves_a_report_and_no_program() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &[]);
    hosted.edit(
        "counter/helpers.c",
        "unsigned long rust",
        "__attribute__((noinline)) unsigned long rust",
    );
    hosted.fails(1, "hosted-app", &["rust_helper_count", "noinline"]);
    assert_eq!(hosted.outputs(), ["report.json".to_owned()].into());
    // The C that is called then is the one in the object, and its static with it.
    hosted.make("hosted-app", &["--inline", "prefer"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    let stayed = ["rust_helper_count".to_owned()];
    assert_eq!(hosted.helpers("hosted-app"), stayed.into());
}
