//! A crate with helpers in an ordinary `cargo` build, without a kernel: out of
//! line everywhere, built again only when something that matters changed, and
//! inlined by `dist`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use helper_inline_build::prove::{self, FunctionReport, Report};

struct Copy {
    dir: PathBuf,
    target_dir: PathBuf,
}

impl Copy {
    /// A copy of the fixture, in the same place for each run.
    fn new(name: &str) -> Copy {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
        let dir = scratch.join("copies").join(format!("plain-{name}"));
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&here.join("tests/fixtures/plain"), &dir);
        let workspace = here.parent().unwrap();
        let manifest = fs::read_to_string(dir.join("Cargo.toml")).unwrap();
        let library = workspace.join("helper-inline-build");
        let manifest = manifest
            .replace("../../../../helper-inline-build", library.to_str().unwrap())
            .replace("fixture-plain", &format!("fixture-{name}"));
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        fs::copy(workspace.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        Copy {
            dir,
            target_dir: scratch.join("target"),
        }
    }

    /// Runs cargo on it; what it printed, when that succeeded.
    fn cargo(&self, arguments: &[&str]) -> String {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(&self.dir);
        self.run(&mut cargo)
    }

    fn run(&self, command: &mut Command) -> String {
        let (succeeded, text) = self.try_run(command);
        assert!(succeeded, "{text}");
        text
    }

    /// Whether it succeeded, and what it printed.
    fn try_run(&self, command: &mut Command) -> (bool, String) {
        command
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("CARGO_INCREMENTAL")
            .env_remove("HELPER_INLINE_KERNEL");
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        (output.status.success(), text)
    }

    /// Runs `dist` on it for this machine; where the outputs are.
    fn dist(&self, more: &[&str]) -> PathBuf {
        let target = helper_inline_build::Rustc::from_env().unwrap().host;
        let out = self.dir.join("out");
        let mut dist = Command::new(env!("CARGO_BIN_EXE_xtask"));
        dist.args(["dist", "--target", &target, "--manifest-path"])
            .arg(self.dir.join("Cargo.toml"))
            .arg("--out")
            .arg(&out)
            .args(more);
        // What a user may have set, for builds of their own.
        let elsewhere = self.dir.join("elsewhere");
        self.run(dist.env("CARGO_BUILD_BUILD_DIR", &elsewhere));
        assert!(!elsewhere.exists());
        out.join(target)
    }

    /// Whether a build runs the build script again.
    fn builds_again(&self) -> bool {
        let text = self.cargo(&["build", "--verbose"]);
        text.contains("Running `") && text.contains("build-script-build`")
    }

    fn append(&self, file: &str, text: &str) {
        let path = self.dir.join(file);
        let old = fs::read_to_string(&path).unwrap();
        fs::write(path, old + text).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn cargo_test_passes_out_of_line() {
    let text = Copy::new("tested").cargo(&["test"]);
    assert!(text.contains("2 passed"), "{text}");
}

#[test]
fn the_build_script_runs_again_when_something_that_matters_changed() {
    let copy = Copy::new("rerun");
    assert!(copy.builds_again(), "the first build runs it");
    assert!(!copy.builds_again(), "nothing changed");
    for file in ["c/one.c", "c/all.h", "c/include/plain.h"] {
        copy.append(file, "\n");
        assert!(copy.builds_again(), "{file} changed");
        assert!(!copy.builds_again(), "nothing changed after {file}");
    }
    fs::write(
        copy.dir.join("c/more/three.c"),
        "void helper_three(void) {}\n",
    )
    .unwrap();
    assert!(copy.builds_again(), "a source was added to the directory");
    copy.append("src/lib.rs", "\n");
    assert!(!copy.builds_again(), "only Rust changed");
}

#[test]
fn a_type_that_stands_for_another_of_other_size_does_not_compile() {
    let copy = Copy::new("layout");
    copy.append(
        "c/include/plain.h",
        "struct part { unsigned long a[3]; };\n\
         struct whole { struct part part; int rest; };\n",
    );
    copy.append(
        "c/one.c",
        "int helper_rest(const struct whole *w) { return w->rest; }\n",
    );
    copy.cargo(&["build"]);
    let script = copy.dir.join("build.rs");
    let text = fs::read_to_string(&script).unwrap();
    let stand_in = r#"bindgen.blocklist_type("part").raw_line("pub struct part {}")"#;
    let changed = text.replace("|bindgen| bindgen", &format!("|bindgen| {stand_in}"));
    assert_ne!(changed, text);
    fs::write(script, changed).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.arg("build").current_dir(&copy.dir);
    let (succeeded, text) = copy.try_run(&mut build);
    assert!(!succeeded && text.contains("Size of whole"), "{text}");
}

#[test]
fn dist_inlines_every_helper_of_it() {
    let copy = Copy::new("inlined");
    let outputs = copy.dist(&[]);
    let report = fs::read(outputs.join("report.json")).unwrap();
    let report: Report = serde_json::from_slice(&report).unwrap();
    assert_eq!(report.kernel, None);
    assert_eq!(
        (
            report.summary.used,
            report.summary.call_sites,
            report.summary.inlined
        ),
        (3, 3, 3)
    );
    let object = outputs.join("fixture_inlined.o");
    let facts = prove::read_object(&object, &BTreeSet::new()).unwrap();
    let left = |f: &FunctionReport| f.symbol.starts_with("helper_");
    assert!(!facts.functions.iter().any(left), "{facts:?}");
    assert_eq!(debug_information(&object, "helper_next"), "");
}

#[test]
fn dist_with_debug_describes_the_inlined_helpers() {
    let copy = Copy::new("debug");
    let object = copy.dist(&["--debug"]).join("fixture_debug.o");
    let text = debug_information(&object, "helper_next");
    // Line tables alone would know of no variable.
    for word in ["DW_TAG_inlined_subroutine", "src/lib.rs", "\"counter\")"] {
        assert!(text.contains(word), "no {word} in:\n{text}");
    }
    let facts = prove::read_object(&object, &BTreeSet::new()).unwrap();
    let left = |f: &FunctionReport| f.symbol.starts_with("helper_");
    assert!(!facts.functions.iter().any(left), "{facts:?}");
}

/// What an object's DWARF says of a function's uses.
fn debug_information(object: &Path, function: &str) -> String {
    let rustc = helper_inline_build::Rustc::from_env().unwrap();
    let clang = helper_inline_build::Clang::find(rustc.llvm).unwrap();
    let output = Command::new(clang.tool("llvm-dwarfdump"))
        .args(["--show-children", "--name", function])
        .arg(object)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // The first line names the file.
    let (_, said) = text.split_once('\n').unwrap();
    said.trim().to_owned()
}
