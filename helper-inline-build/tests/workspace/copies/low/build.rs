//! Compiles what takes the place of weak definitions, and has the tests' own program do
//! what the library does in a build script.

use std::process::{Command, ExitCode};

const STRONG: &str = "const int weak_const = 77;
int rust_helper_weak(int x) { return x + 100; }
int optional(int x) { return x * 9; }
";

fn main() -> ExitCode {
    let out = std::env::var("OUT_DIR").unwrap();
    let [source, object, archive] =
        ["strong.c", "strong.o", "libstrong.a"].map(|n| format!("{out}/{n}"));
    std::fs::write(&source, STRONG).unwrap();
    let cc = ["-O1", "-fPIC", "-c", "-o", &object, &source];
    assert!(Command::new("cc").args(cc).status().unwrap().success());
    let ar = ["crs", &archive, &object];
    assert!(Command::new("ar").args(ar).status().unwrap().success());
    println!("cargo::rustc-link-search=native={out}");
    println!("cargo::rustc-link-lib=static:+whole-archive=strong");

    let (program, what) = ("@program@", "build_script::plain");
    println!("cargo::rerun-if-changed={program}");
    let arguments = ["--ignored", "--exact", "--nocapture", what];
    let status = Command::new(program).args(arguments).status();
    match status.expect("starting the tests' own program").success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
