//! Has the tests' own program do what the library does in a build script. It has the
//! library; as a dependency that would be compiled for each profile and each LTO setting.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let (program, what) = ("@program@", "build_script::cures");
    println!("cargo::rerun-if-changed={program}");
    println!("cargo::rerun-if-changed=expressions");
    let arguments = ["--ignored", "--exact", "--nocapture", what];
    let status = Command::new(program).args(arguments).status();
    match status.expect("starting the tests' own program").success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
