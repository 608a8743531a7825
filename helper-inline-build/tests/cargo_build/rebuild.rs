//! What is built again after an edit, and what is not.

use crate::workspace::{Workspace, done, helper_symbols};
use std::path::Path;

/// The objects kept for the next incremental build, with the time of each.
fn kept(dir: &Path) -> Vec<(String, std::time::SystemTime)> {
    let entries = walkdir::WalkDir::new(dir).into_iter().flatten();
    let kept = entries.filter(|e| {
        e.path()
            .parent()
            .is_some_and(|p| p.extension().is_some_and(|e| e == "helper-inline"))
    });
    let mut kept: Vec<_> = kept
        .filter(|e| e.path().extension().is_some_and(|e| e == "o"))
        .map(|e| {
            (
                e.path().display().to_string(),
                e.metadata().unwrap().modified().unwrap(),
            )
        })
        .collect();
    kept.sort();
    kept
}

#[test]
fn an_edit_of_the_program_makes_only_what_changed() {
    let workspace = Workspace::new();
    done(&mut workspace.inlining("build --bin app"));
    let deps = workspace.target().join("debug/deps");
    let before = kept(&deps);
    assert!(!before.is_empty());
    workspace.edit("app/src/main.rs", "\"counted\"", "\"edited\"");
    let ran = done(&mut workspace.inlining("run --bin app"));
    assert_eq!(ran.stdout, "edited 100073 10005 11 5001\n7001\n");
    assert!(!ran.stderr.contains("Compiling counter"), "{}", ran.stderr);
    // Units of the edited crate that call helpers and are as they were are not made
    // again, those of others are not touched.
    let after = kept(&deps);
    let same = after.iter().filter(|unit| before.contains(unit)).count();
    assert!(same > 0, "{before:?}\n{after:?}");
    let app = workspace.target().join("debug/app");
    assert_eq!(helper_symbols(&app, ""), [].into());
}

#[test]
fn an_edit_of_a_helper_reaches_every_crate() {
    let workspace = Workspace::new();
    done(&mut workspace.inlining("build --bin app"));
    workspace.edit("counter/helpers.c", "a * b + MORE", "a * b + 1");
    let ran = done(&mut workspace.inlining("run --bin app"));
    // Three products, each one more.
    assert!(ran.stdout.starts_with("counted 100076 "), "{}", ran.stdout);
}

/// What the compiler calls `vendor/inc/more.h`, after the flag.
#[test]
fn an_edit_of_a_header_with_a_relative_path_reaches_every_crate() {
    for cargo in [Workspace::cargo, Workspace::inlining] {
        let workspace = Workspace::new();
        let ran = done(&mut cargo(&workspace, "run --bin app"));
        assert!(ran.stdout.starts_with("counted 100073 "), "{}", ran.stdout);
        workspace.edit("counter/vendor/inc/more.h", "MORE 0", "MORE 1");
        let ran = done(&mut cargo(&workspace, "run --bin app"));
        assert!(ran.stdout.starts_with("counted 100076 "), "{}", ran.stdout);
    }
}

#[test]
fn another_build_of_the_wrapper_uses_nothing_that_the_first_made() {
    use std::io::Write as _;
    let workspace = Workspace::new();
    let copy = workspace.dir.join("copy-of-cargo-helper-inline");
    std::fs::copy(env!("CARGO_BIN_EXE_cargo-helper-inline"), &copy).unwrap();
    let mut by_copy = workspace.inlining("build --bin app");
    by_copy.env("RUSTC_WRAPPER", &copy);
    done(&mut workspace.inlining("build --bin app"));
    let ran = done(&mut by_copy);
    assert!(!ran.stderr.contains("Compiling"), "{}", ran.stderr);
    // Of the same version, and of another content.
    let mut file = std::fs::File::options().append(true).open(&copy).unwrap();
    file.write_all(b"x").unwrap();
    drop(file);
    let ran = done(&mut by_copy);
    assert!(ran.stderr.contains("Compiling counter"), "{}", ran.stderr);
}

#[test]
fn switching_the_wrapper_on_and_off_leaves_nothing_of_the_other_build() {
    let workspace = Workspace::new();
    let app = workspace.target().join("debug/app");
    for _ in 0..2 {
        done(&mut workspace.cargo("build --bin app"));
        assert!(helper_symbols(&app, "").contains("rust_helper_count"));
        done(&mut workspace.inlining("build --bin app"));
        assert_eq!(helper_symbols(&app, ""), [].into());
        let mut off = workspace.inlining("build --bin app");
        done(off.env("HELPER_INLINE_POLICY", "off"));
        assert!(helper_symbols(&app, "").contains("rust_helper_count"));
    }
}
