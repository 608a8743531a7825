//! A copy of the workspace that the tests build, and cargo run in it.

use object::{Object as _, ObjectSymbol as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One build at a time: all share one target directory, so that dependencies are
/// compiled once.
static TURN: Mutex<()> = Mutex::new(());

pub struct Workspace {
    pub dir: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// What a cargo command printed.
pub struct Ran {
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Workspace {
    /// The workspace as it is in the repository.
    pub fn new() -> Workspace {
        Workspace::of("workspace")
    }

    /// Another directory of the repository that holds one.
    pub fn of(name: &str) -> Workspace {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(name);
        let program = std::env::current_exe().unwrap();
        for entry in walkdir::WalkDir::new(&source) {
            let entry = entry.unwrap();
            let to = dir.join(entry.path().strip_prefix(&source).unwrap());
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(&to).unwrap();
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let text = text.replace("@program@", program.to_str().unwrap());
            // Only what differs, so that cargo does not take all of it for new.
            if std::fs::read_to_string(&to).ok().as_ref() != Some(&text) {
                std::fs::write(&to, text).unwrap();
            }
        }
        Workspace { dir, _turn: turn }
    }

    /// Replaces text in a file.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A cargo without any setting of the caller's.
    pub fn cargo(&self, arguments: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(&self.dir)
            .args(arguments.split_whitespace())
            .env("CARGO_TARGET_DIR", self.target());
        for variable in ["RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        cargo.env_remove("HELPER_INLINE_POLICY");
        cargo.env_remove("CARGO_INCREMENTAL");
        cargo
    }

    /// The same with helpers inlined.
    pub fn inlining(&self, arguments: &str) -> Command {
        let mut cargo = self.cargo(arguments);
        cargo.env("RUSTC_WRAPPER", env!("CARGO_BIN_EXE_cargo-helper-inline"));
        cargo
    }

    pub fn target(&self) -> PathBuf {
        self.dir.join("target")
    }
}

pub fn run(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ran {
        ok: status.success(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// The same, which must succeed.
pub fn done(command: &mut Command) -> Ran {
    let ran = run(command);
    assert!(ran.ok, "{command:?}\n{}{}", ran.stdout, ran.stderr);
    ran
}

/// Every symbol with the helpers' prefix, as it is called in C, in an object, a program or a
/// static library's members that begin with a name.
pub fn helper_symbols(file: &Path, members: &str) -> BTreeSet<String> {
    let symbols = raw_helper_symbols(file, members).into_iter();
    symbols.map(|symbol| c_name(&symbol).to_owned()).collect()
}

/// A symbol without what tells the helpers of one build of one crate apart.
fn c_name(symbol: &str) -> &str {
    let name = symbol.rsplit_once("__").filter(|(_, tag)| {
        let hash = tag.rsplit('_').next().unwrap_or_default();
        hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit())
    });
    name.map_or(symbol, |(name, _)| name)
}

/// Every symbol with the helpers' prefix in an object, a program or a static
/// library's members that begin with a name.
pub fn raw_helper_symbols(file: &Path, members: &str) -> BTreeSet<String> {
    let data = std::fs::read(file).unwrap();
    let mut names = BTreeSet::new();
    let mut add = |object: &[u8]| {
        let object = object::File::parse(object).unwrap();
        let symbols = object
            .symbols()
            .map(|symbol| symbol.name().unwrap().to_owned());
        names.extend(symbols.filter(|name| name.starts_with("rust_helper_")));
    };
    match object::read::archive::ArchiveFile::parse(data.as_slice()) {
        Err(_) => add(&data),
        Ok(archive) => {
            for member in archive.members().map(Result::unwrap) {
                let name = String::from_utf8_lossy(member.name()).into_owned();
                if name.starts_with(members) && name.ends_with(".o") {
                    add(member.data(data.as_slice()).unwrap());
                }
            }
        }
    }
    names
}
