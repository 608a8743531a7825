//! A copy of the fixture, running `dist` on it, and what that left.

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
pub const PRINTED: &str =
    "counter 2\nnative 3844\nthread 4\ncaught number 5\nbits 8\nallocated true\n";

/// A copy of the fixture.
pub struct Hosted {
    pub dir: PathBuf,
    pub target: String,
    _turn: MutexGuard<'static, ()>,
}

impl Hosted {
    pub fn new() -> Hosted {
        Hosted::at("hosted")
    }

    /// A copy in a directory of that name.
    pub fn at(name: &str) -> Hosted {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = scratch().join("copies").join(name);
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

    /// Where a thin link of a program leaves its objects.
    pub fn objects(&self, name: &str) -> PathBuf {
        let units = scratch().join("target/dist/.build/thin");
        let dir = units.join(&self.target).join("hosted").join(name);
        dir.join("objects")
    }

    /// Has the next thin link begin with nothing.
    pub fn forget_units(&self) {
        let units = scratch().join("target/dist/.build/thin");
        if units.exists() {
            fs::remove_dir_all(units).unwrap();
        }
    }

    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A package beside the others.
    pub fn add(&self, name: &str, manifest: &str, file: &str, text: &str) {
        self.edit("Cargo.toml", "\"app\"", &format!("\"app\", \"{name}\""));
        let dir = self.dir.join(name);
        fs::create_dir_all(dir.join(file).parent().unwrap()).unwrap();
        let head = format!("[package]\nname = \"hosted-{name}\"\nedition = \"2024\"\n");
        fs::write(dir.join("Cargo.toml"), head + manifest).unwrap();
        fs::write(dir.join(file), text).unwrap();
    }

    /// Runs `dist` on a package.
    pub fn dist(&self, package: &str, more: &[&str]) -> (Option<i32>, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(package, more).output().unwrap();
        let text = String::from_utf8([stdout, stderr].concat()).unwrap();
        (status.code(), text)
    }

    /// `dist` on a package, before it runs.
    pub fn command(&self, package: &str, more: &[&str]) -> Command {
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
        dist
    }

    pub fn make(&self, package: &str, more: &[&str]) -> String {
        let (code, text) = self.dist(package, more);
        assert_eq!(code, Some(0), "{text}");
        text
    }

    pub fn fails(&self, code: i32, package: &str, words: &[&str]) {
        let (ended, text) = self.dist(package, &[]);
        assert_eq!(ended, Some(code), "{text}");
        for word in words {
            assert!(text.contains(word), "no `{word}` in:\n{text}");
        }
    }

    pub fn output(&self, name: &str) -> PathBuf {
        self.dir.join("out").join(&self.target).join(name)
    }

    /// What there is, stamps and what was left half made too.
    pub fn outputs(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.output("")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    pub fn report(&self, name: &str) -> Report {
        serde_json::from_slice(&fs::read(self.output(name)).unwrap()).unwrap()
    }

    /// What a program prints.
    pub fn run(&self, name: &str) -> String {
        let output = Command::new(self.output(name)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The functions of a program that are helpers, and whether there are symbols.
    pub fn helpers(&self, name: &str) -> BTreeSet<String> {
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
            // Behind it is what tells the crate's build apart.
            .map(|name| name.split("__hosted_").next().unwrap().to_owned())
            .collect()
    }
}

/// What the tests of `dist` have in common.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures")
}
