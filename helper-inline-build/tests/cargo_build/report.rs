//! `cargo helper-inline report`.

use crate::workspace::{Workspace, done, run};

#[test]
fn the_report_names_each_crate_and_helper() {
    let workspace = Workspace::new();
    let ran = done(&mut report(&workspace, true, "--bin app"));
    expect_test::expect![[r#"
        helper             crate                                 calls  inlined
        rust_helper_peek   app (bin)                                 1        1
        rust_helper_count  app_library (lib, cdylib, staticlib)      1        1
        rust_helper_count  counter (lib)                             1        1
        rust_helper_mul    counter (lib)                             1        1
        rust_helper_sort   counter (lib)                             1        1
        rust_helper_count  middle (lib)                              1        1

        6 call sites, 6 inlined, 0 out of line
    "#]]
    .assert_eq(&ran.stdout);
}

#[test]
fn a_call_that_stayed_is_reported_with_its_place_and_cause() {
    let workspace = Workspace::new();
    workspace.edit("counter/helpers.c", "#ifdef STAY", "#if 1");
    let ran = done(&mut report(&workspace, true, "--bin app"));
    let text = ran
        .stdout
        .replace(workspace.dir.to_str().unwrap(), "WORKSPACE");
    let (_, tail) = text.split_once("OUT OF LINE\n").unwrap();
    expect_test::expect![[r#"
        rust_helper_count  app_library (lib, cdylib, staticlib)      1        1
        rust_helper_count  counter (lib)                             1        1
        rust_helper_mul    counter (lib)                             1        1
        rust_helper_sort   counter (lib)                             1        1
        rust_helper_count  middle (lib)                              1        1

        rust_helper_peek stayed out of line in app (bin):
          in counter::peek at WORKSPACE/counter/src/lib.rs:21:14: noinline (noinline)

        6 call sites, 5 inlined, 1 out of line
    "#]]
    .assert_eq(tail);
}

#[test]
fn a_build_without_the_wrapper_says_how_to_have_it() {
    let workspace = Workspace::new();
    done(&mut workspace.inlining("build --bin app"));
    let ran = done(&mut report(&workspace, false, "--bin app"));
    expect_test::expect![[r#"
        counter: 4 helpers, called out of line everywhere

        The build did not go through the rustc wrapper. To have helpers inlined, put this into .cargo/config.toml:

        [build]
        rustc-wrapper = "cargo-helper-inline"
    "#]].assert_eq(&ran.stdout);
    let ran = done(&mut report(&workspace, false, "--bin tool"));
    assert_eq!(ran.stdout, "No crate of this build has helpers.\n");
}

/// Where cargo keeps all but what it is asked for in another directory.
#[test]
fn programs_are_reported_wherever_cargo_builds() {
    let workspace = Workspace::new();
    let elsewhere = tempfile::tempdir_in(&workspace.dir).unwrap();
    let mut report = report(&workspace, true, "--bin app");
    let ran = done(report.env("CARGO_BUILD_BUILD_DIR", elsewhere.path()));
    assert!(
        elsewhere.path().join("debug/deps").is_dir(),
        "{}",
        ran.stderr
    );
    let of_program = "rust_helper_peek   app (bin)                                 1        1\n";
    assert!(ran.stdout.contains(of_program), "{}", ran.stdout);
}

#[test]
fn a_build_that_fails_is_no_report() {
    let workspace = Workspace::new();
    workspace.edit("app/src/main.rs", "fn main()", "fn main(");
    let ran = run(&mut report(&workspace, true, "--bin app"));
    assert!(!ran.ok && ran.stdout.is_empty());
    assert!(
        ran.stderr
            .contains("error: `cargo build` (its messages are above) failed")
    );
}

fn report(workspace: &Workspace, inlining: bool, arguments: &str) -> std::process::Command {
    let cargo = match inlining {
        true => workspace.inlining(""),
        false => workspace.cargo(""),
    };
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-helper-inline"));
    command
        .args(["helper-inline", "report"])
        .args(arguments.split_whitespace());
    command.current_dir(&workspace.dir);
    for (name, value) in cargo.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}
