//! Has the tests' own program do what the library does in a build script.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let (program, what) = ("@program@", "build_script::named");
    println!("cargo::rerun-if-changed={program}");
    println!("cargo::rerun-if-env-changed=KEEP_C_NAMES");
    let arguments = ["--ignored", "--exact", "--nocapture", what];
    let status = Command::new(program).args(arguments).status();
    match status.expect("starting the tests' own program").success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
