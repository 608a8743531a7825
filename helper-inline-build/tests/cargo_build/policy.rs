//! What a helper that stays means: a warning, a failure, or nothing.

use crate::workspace::{Workspace, done, helper_symbols, run};

/// Has one helper say `noinline`.
fn with_one_that_stays() -> Workspace {
    let workspace = Workspace::new();
    workspace.edit("counter/helpers.c", "#ifdef STAY", "#if 1");
    workspace
}

#[test]
fn a_helper_that_stays_is_told_with_caller_place_and_cause() {
    let workspace = with_one_that_stays();
    let ran = done(&mut workspace.inlining("build --bin app"));
    let words = format!(
        "warning: helper `rust_helper_peek` of `counter` stayed out of line\n  \
         in counter::peek at {}:21:14: noinline (noinline)\n",
        workspace.dir.join("counter/src/lib.rs").display()
    );
    assert!(ran.stderr.contains(&words), "{}", ran.stderr);
    // cargo tells it again, though nothing is built.
    let again = done(&mut workspace.inlining("build --bin app"));
    assert!(again.stderr.contains(&words), "{}", again.stderr);
    let app = workspace.target().join("debug/app");
    assert_eq!(
        helper_symbols(&app, ""),
        ["rust_helper_peek".to_owned()].into()
    );
}

#[test]
fn required_inlining_that_fails_fails_the_build_and_leaves_no_program() {
    let workspace = with_one_that_stays();
    let app = workspace.target().join("debug/app");
    let _ = std::fs::remove_file(&app);
    let mut cargo = workspace.inlining("build --bin app");
    let ran = run(cargo.env("HELPER_INLINE_POLICY", "require"));
    assert!(!ran.ok && !app.exists(), "{}", ran.stderr);
    let words = "error: helper `rust_helper_peek` of `counter` stayed out of line";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    // Without the policy it builds again.
    done(&mut workspace.inlining("build --bin app"));
}

#[test]
fn a_build_script_may_require_it_of_its_own_helpers() {
    let workspace = with_one_that_stays();
    workspace.edit("counter/build.rs", "::plain", "::requiring");
    let ran = run(&mut workspace.inlining("build --bin app"));
    assert!(!ran.ok, "{}", ran.stderr);
    let words = "error: helper `rust_helper_peek` of `counter` stayed out of line";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    // The environment goes before it.
    let mut cargo = workspace.inlining("build --bin app");
    done(cargo.env("HELPER_INLINE_POLICY", "prefer"));
}

#[test]
fn switched_off_everything_is_called() {
    let workspace = Workspace::new();
    let mut cargo = workspace.inlining("build --bin app");
    let ran = done(cargo.env("HELPER_INLINE_POLICY", "off"));
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let app = workspace.target().join("debug/app");
    assert!(helper_symbols(&app, "").contains("rust_helper_count"));
}

#[test]
fn a_policy_of_no_such_name_is_refused() {
    let workspace = Workspace::new();
    for mut cargo in [workspace.inlining("build"), workspace.cargo("build")] {
        let ran = run(cargo.env("HELPER_INLINE_POLICY", "always"));
        assert!(!ran.ok);
        let words = "HELPER_INLINE_POLICY is `always`: set it to require, prefer or off";
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn required_inlining_without_the_wrapper_is_an_error_that_says_what_is_missing() {
    let workspace = Workspace::new();
    let mut cargo = workspace.cargo("build --bin app");
    let ran = run(cargo.env("HELPER_INLINE_POLICY", "require"));
    assert!(!ran.ok);
    let words = "rustc-wrapper = \"cargo-helper-inline\"";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let mut cargo = workspace.cargo("build --bin app");
    let ran = done(cargo.env("HELPER_INLINE_POLICY", "prefer"));
    assert!(
        ran.stderr
            .contains("warning: counter@0.1.0: helpers are called out of line")
    );
}

/// The commands of this machine but clang.
fn without_clang(workspace: &Workspace) -> std::ffi::OsString {
    let bin = workspace.dir.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for dir in std::env::split_paths(&path) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let link = bin.join(&name);
            if !name.to_string_lossy().starts_with("clang") && !link.exists() {
                // One that an earlier directory has goes before it.
                let _ = std::os::unix::fs::symlink(entry.path(), link);
            }
        }
    }
    bin.into()
}

#[test]
fn without_clang_a_build_is_out_of_line_and_says_so() {
    let workspace = Workspace::new();
    let path = without_clang(&workspace);
    let mut cargo = workspace.inlining("run --bin app");
    let ran = done(cargo.env("PATH", &path));
    assert!(ran.stdout.starts_with("counted 100073"), "{}", ran.stdout);
    let words = "counter@0.1.0: helpers are called out of line: no clang found";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let app = workspace.target().join("debug/app");
    assert!(helper_symbols(&app, "").contains("rust_helper_count"));

    let mut cargo = workspace.inlining("build --bin app");
    let ran = run(cargo
        .env("PATH", &path)
        .env("HELPER_INLINE_POLICY", "require"));
    assert!(!ran.ok);
    let words = "helpers must be inlined (policy `require`), and would be called out of line: \
                 no clang found";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}
