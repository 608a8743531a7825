//! A copy of the fixture module, running `dist` on it, and what that left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

pub const X86: &str = "x86_64-unknown-none";
pub const ARM: &str = "aarch64-unknown-none-softfloat";

/// A copy of the fixture module, in the same place for each run of a test.
pub struct Fixture {
    pub dir: PathBuf,
}

impl Fixture {
    pub fn new(name: &str) -> Fixture {
        Fixture::of("module", name)
    }

    /// A copy of one of the fixtures, which are modules all.
    pub fn of(fixture: &str, name: &str) -> Fixture {
        let dir = scratch("copies").join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        let original = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(fixture);
        copy(&original, &dir);
        let fixture = Fixture { dir };
        let libraries = format!("{}/", workspace().display());
        fixture.edit("Cargo.toml", "../../../../", &libraries);
        // Cargo tells packages in one target directory apart by their names.
        fixture.edit("Cargo.toml", "fixture-kmod", &format!("fixture-{name}"));
        // What the workspace has compiled needs no network here either.
        fs::copy(
            workspace().join("Cargo.lock"),
            fixture.dir.join("Cargo.lock"),
        )
        .unwrap();
        fixture
    }

    /// One with a complete `dist` for x86_64, for tests that leave it as it is.
    pub fn good() -> &'static Fixture {
        static GOOD: OnceLock<Fixture> = OnceLock::new();
        GOOD.get_or_init(|| {
            let fixture = Fixture::new("good");
            fixture.make();
            fixture
        })
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    pub fn append(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        let old = fs::read_to_string(&path).unwrap();
        fs::write(path, old + text).unwrap();
    }

    /// `cargo xtask dist` for x86_64 on this copy.
    pub fn dist(&self) -> Command {
        self.dist_for(X86, &kernel("amd64"))
    }

    pub fn dist_for(&self, target: &str, kernel: &Path) -> Command {
        let mut command = self.xtask();
        command.args(["--target", target, "--kernel"]).arg(kernel);
        command
    }

    /// The same without a target and a kernel.
    pub fn xtask(&self) -> Command {
        let mut command = xtask_dist();
        command
            .arg("--manifest-path")
            .arg(self.dir.join("Cargo.toml"))
            .arg("--out")
            .arg(self.out());
        command
    }

    pub fn out(&self) -> PathBuf {
        self.dir.join("out")
    }

    /// Where the outputs for x86_64 belong.
    pub fn outputs(&self) -> PathBuf {
        let kernel = kernel("amd64");
        self.out().join(X86).join(kernel.file_name().unwrap())
    }

    /// A `dist` that must succeed.
    pub fn make(&self) {
        let made = run(&mut self.dist());
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        assert_eq!(
            self.left().into_keys().collect::<Vec<_>>(),
            [".fixture.stamp", "fixture.ko", "report.html", "report.json"],
            "a complete output is these files"
        );
    }

    /// Every file in the output directory, hidden and half-written ones too.
    pub fn left(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for path in files_below(&self.out()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, fs::read(path).unwrap());
        }
        files
    }

    /// Runs what must fail and leave no output at all.
    #[track_caller]
    pub fn fails(&self, code: i32, command: &mut Command, words: &[&str]) {
        let failed = run(command);
        failed.expect(code, words);
        assert_eq!(self.left().into_keys().collect::<Vec<_>>(), [""; 0]);
    }

    /// Runs what must fail before it touches the outputs that are there.
    #[track_caller]
    pub fn refuses(&self, code: i32, command: &mut Command, words: &[&str]) {
        let before = self.left();
        let failed = run(command);
        failed.expect(code, words);
        let unchanged = before == self.left();
        assert!(unchanged, "the outputs changed: {:?}", self.left().keys());
    }

    /// `OUT_DIR` of this copy's build script, after a build for x86_64.
    pub fn out_dir(&self) -> PathBuf {
        let builds = target_dir().join(format!("dist/.build/{X86}/release/build"));
        let helpers = self.dir.join("helpers");
        for entry in fs::read_dir(builds).unwrap() {
            let out = entry.unwrap().path().join("out");
            let unit = fs::read_to_string(out.join("helper-inline-unit.c")).unwrap_or_default();
            if unit.contains(helpers.to_str().unwrap()) {
                return out;
            }
        }
        panic!("no build of {} is there", self.dir.display());
    }
}

/// What a command said and how it ended.
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    #[track_caller]
    pub fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            let found = self.stderr.contains(word);
            assert!(found, "no `{word}` in:\n{}", self.stderr);
        }
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Finished {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Finished {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

pub fn run(command: &mut Command) -> Finished {
    command.output().unwrap().into()
}

/// `cargo xtask dist`, without the variables that would change what it does.
pub fn xtask_dist() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("dist");
    for variable in [
        "HELPER_INLINE_CLANG",
        "HELPER_INLINE_LLVM",
        "HELPER_INLINE_KERNEL",
        "LIBCLANG_PATH",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
    ] {
        command.env_remove(variable);
    }
    command
        .env("CARGO_TARGET_DIR", target_dir())
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never");
    command
}

/// The target directory that all copies share.
pub fn target_dir() -> PathBuf {
    scratch("target")
}

/// A directory of these tests' own, below the target directory.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fixtures")
        .join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The tree of a fetched kernel for an architecture of Debian's.
pub fn kernel(arch: &str) -> PathBuf {
    let kernels = workspace().join("target/kernels");
    let mut found: Vec<PathBuf> = fs::read_dir(&kernels)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(&format!("-{arch}")))
        .collect();
    found.sort();
    found.into_iter().next().unwrap_or_else(|| {
        panic!(
            "no kernel for {arch} in {}: run `cargo xtask kernels fetch` first",
            kernels.display()
        )
    })
}

/// The build directory in the tree of a fetched kernel.
pub fn build_dir(tree: &Path) -> PathBuf {
    let release = tree.file_name().unwrap().to_string_lossy();
    tree.join(format!("usr/src/linux-headers-{release}"))
}

/// An executable script.
pub fn script(path: &Path, body: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The clang that `dist` would take.
pub fn real_clang() -> PathBuf {
    let rustc = helper_inline_build::Rustc::from_env().unwrap();
    let clang = helper_inline_build::Clang::find(rustc.llvm).unwrap();
    on_path(clang.path.to_str().unwrap())
}

/// Where PATH has a program.
pub fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("`{program}` is not on PATH"))
}

pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
