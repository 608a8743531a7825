//! lld distributes through `cargo helper-inline distribute`: Debian's and rustc's, of C
//! and of Rust.

use crate::tools::{clang, command, distributor, on_path, ours, stderr, succeed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// One as LLVM's own local.py is.
const PEER: &str = r#"
import json, subprocess, sys
with open(sys.argv[-1]) as file:
    data = json.load(file)
for job in data["jobs"]:
    subprocess.check_call(data["common"]["args"] + job["args"])
"#;

const SOURCES: [(&str, &str); 3] = [
    (
        "main.c",
        "int middle(int); int main(void) { return middle(3) - 9; }",
    ),
    (
        "sub/middle.c",
        "int leaf(int); int middle(int x) { return leaf(x) * 3; }",
    ),
    ("sub/leaf.c", "int leaf(int x) { return x; }"),
];

/// A directory to link in, and what lld distributes by.
struct Fixture {
    dir: TempDir,
}

/// Has lld distribute by the peer of another make.
fn peer(fixture: &Fixture) -> Vec<String> {
    let script = fixture.path("peer.py").display().to_string();
    distributor(&on_path("python3").to_string_lossy(), &[&script])
}

impl Fixture {
    fn new() -> Fixture {
        let dir = TempDir::new().unwrap();
        for (name, text) in SOURCES {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        fs::write(dir.path().join("peer.py"), PEER).unwrap();
        let fixture = Fixture { dir };
        for (name, _) in SOURCES {
            fixture.compile(name);
        }
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn in_dir(&self, program: &str) -> Command {
        let mut command = command(program);
        command.current_dir(self.dir.path());
        command
    }

    fn compile(&self, source: &str) {
        let object = Path::new(source).with_extension("o");
        let mut clang = self.in_dir(&clang().to_string_lossy());
        clang.args(["-O2", "-flto=thin", "-c", source, "-o"]);
        succeed(clang.arg(object));
    }

    /// Links what was compiled into `sub/OUTPUT`, from `sub`, and gives what was said.
    fn link(&self, lld_dir: Option<&Path>, output: &str, distributor: &[String]) -> Output {
        let mut clang = self.in_dir(&clang().to_string_lossy());
        clang.current_dir(self.path("sub"));
        clang.args([
            "-flto=thin",
            "-fuse-ld=lld",
            "../main.o",
            "middle.o",
            "leaf.o",
        ]);
        if let Some(dir) = lld_dir {
            clang.arg(format!("-B{}", dir.display()));
        }
        clang.args(distributor).args(["-o", output]);
        clang.output().unwrap()
    }

    fn linked(
        &self,
        lld_dir: Option<&Path>,
        output: &str,
        distributor: &[String],
    ) -> (Vec<u8>, String) {
        let path = self.path("sub").join(output);
        let _ = fs::remove_file(&path);
        let said = self.link(lld_dir, output, distributor);
        assert!(said.status.success(), "{said:?}");
        succeed(&mut Command::new(&path));
        (fs::read(path).unwrap(), stderr(&said))
    }

    /// By a distributor of another make.
    fn reference(&self, lld_dir: Option<&Path>) -> Vec<u8> {
        self.linked(lld_dir, "reference", &peer(self)).0
    }
}

/// Where rustc has its lld under lld's own name.
fn rust_lld() -> PathBuf {
    let output = succeed(Command::new("rustc").args(["--print", "target-libdir"]));
    let libdir = String::from_utf8(output.stdout).unwrap();
    let dir = Path::new(libdir.trim())
        .parent()
        .unwrap()
        .join("bin/gcc-ld");
    assert!(dir.join("ld.lld").exists(), "no {}", dir.display());
    dir
}

#[test]
fn both_llds_link_c() {
    let fixture = Fixture::new();
    for lld_dir in [None, Some(&*rust_lld())] {
        let (made, said) = fixture.linked(lld_dir, "ours", &ours(&[]));
        assert_eq!(said.matches("ran ").count(), 3, "{said}");
        assert!(
            made == fixture.reference(lld_dir),
            "another program was made"
        );
    }
    // Nothing of ours or lld's is left.
    let left = fs::read_dir(fixture.path("sub")).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        [
            "leaf.c",
            "leaf.o",
            "middle.c",
            "middle.o",
            "ours",
            "reference"
        ]
    );
}

#[test]
fn a_second_link_compiles_what_has_changed() {
    let fixture = Fixture::new();
    let cache = fixture.path("cache").display().to_string();
    let cached = ours(&["--cache", &cache]);
    let (first, said) = fixture.linked(None, "ours", &cached);
    assert_eq!(said.matches("cache ").count(), 0, "{said}");
    let (second, said) = fixture.linked(None, "ours", &cached);
    assert_eq!(said.matches("cache ").count(), 3, "{said}");
    assert!(first == second);
    // `leaf` was inlined into the other two.
    fs::write(
        fixture.path("sub/leaf.c"),
        "int leaf(int x) { return x + 0 * x + (x > 9); }",
    )
    .unwrap();
    fixture.compile("sub/leaf.c");
    let (third, said) = fixture.linked(None, "ours", &cached);
    assert_eq!(said.matches("ran ").count(), 3, "{said}");
    assert!(third == fixture.reference(None), "another program was made");
    fs::write(
        fixture.path("main.c"),
        "int middle(int); int main(void) { return middle(2) - 6; }",
    )
    .unwrap();
    fixture.compile("main.c");
    let (_, said) = fixture.linked(None, "ours", &cached);
    assert_eq!(
        (said.matches("ran ").count(), said.matches("cache ").count()),
        (1, 2),
        "{said}"
    );
}

#[test]
fn rust_is_linked_too() {
    let fixture = Fixture::new();
    let source = "fn main() { let n = std::env::args().count(); assert_eq!(add(n), 4); }\n\
                  #[inline(never)] fn add(n: usize) -> usize { let v = vec![n; 3]; v.iter().sum::<usize>() + 1 }";
    fs::write(fixture.path("program.rs"), source).unwrap();
    let lld = rust_lld();
    for lld_dir in [None, Some(&lld)] {
        let made = |words: &[String]| {
            let program = fixture.path("program");
            let mut rustc = fixture.in_dir("rustc");
            rustc.args(["-Copt-level=2", "-Ccodegen-units=4", "-Clinker-plugin-lto"]);
            rustc.arg(format!("-Clinker={}", clang().display()));
            rustc.args(["-Clink-arg=-fuse-ld=lld", "program.rs", "-o"]);
            rustc.arg(&program);
            if let Some(dir) = lld_dir {
                rustc.arg(format!("-Clink-arg=-B{}", dir.display()));
            }
            rustc.args(words.iter().map(|word| format!("-Clink-arg={word}")));
            succeed(&mut rustc);
            succeed(&mut Command::new(&program));
            fs::read(program).unwrap()
        };
        // What is in the cache was made by us.
        let cache = TempDir::new().unwrap();
        let dir = cache.path().display().to_string();
        let ours = made(&ours(&["--cache", &dir]));
        let kept = fs::read_dir(cache.path()).unwrap().count();
        assert!(kept > 4, "{kept}");
        assert!(ours == made(&peer(&fixture)), "another program was made");
    }
}

#[test]
fn a_failure_is_told_through_lld() {
    let fixture = Fixture::new();
    let mut words = ours(&[]);
    words.push("-Wl,--thinlto-remote-compiler-arg=-no-such-option".into());
    let said = fixture.link(None, "ours", &words);
    assert!(!said.status.success());
    let said = stderr(&said);
    assert!(
        said.contains("unknown argument: '-no-such-option'"),
        "{said}"
    );
    assert!(said.contains("to see it alone: cd "), "{said}");
    assert!(!fixture.path("sub/ours").exists());
}
