//! Every kind of artifact, profile, LTO setting and linker.

use crate::workspace::{Workspace, done, helper_symbols};
use helper_inline_build::{Clang, Rustc};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// What the program prints: the library counted 1, 2, 3 and 4 in four calls, the
/// program 0 in a fifth; the build script and the proc-macro had statics of their own.
const PRINTED: &str = "counted 100073 10005 11 5001\n7001\n";

/// Files of a build, each with what its own members begin with.
const ARTIFACTS: &[(&str, &str)] = &[
    ("app", ""),
    ("libapp_library.so", ""),
    ("libapp_library.a", "app_library."),
    ("libapp_library.rlib", "app_library."),
    ("libcounter.rlib", "counter-"),
    ("libmiddle.rlib", "middle-"),
];

fn helpers_in(dir: &Path) -> Vec<(&'static str, usize)> {
    ARTIFACTS
        .iter()
        .map(|(file, members)| (*file, helper_symbols(&dir.join(file), members).len()))
        .collect()
}

#[test]
fn nothing_is_left_in_any_artifact_of_either_profile() {
    let workspace = Workspace::new();
    for (profile, dir) in [("", "debug"), ("--release", "release")] {
        let dir = workspace.target().join(dir);
        let build = format!("build --workspace {profile}");
        let run = format!("run --bin app {profile}");
        // The control: switched off, all of them call helpers.
        let off = |mut cargo: Command| {
            cargo.env("HELPER_INLINE_POLICY", "off");
            done(&mut cargo)
        };
        off(workspace.inlining(&build));
        let there = helpers_in(&dir);
        assert!(there.iter().all(|(_, helpers)| *helpers > 0), "{there:?}");
        assert_eq!(off(workspace.inlining(&run)).stdout, PRINTED);

        let inlined = done(&mut workspace.inlining(&build));
        assert!(!inlined.stderr.contains("warning"), "{}", inlined.stderr);
        let left = helpers_in(&dir);
        assert!(left.iter().all(|(_, helpers)| *helpers == 0), "{left:?}");
        assert_eq!(done(&mut workspace.inlining(&run)).stdout, PRINTED);
        let bitcode = std::fs::read_dir(dir.join("deps")).unwrap().flatten();
        let mut bitcode = bitcode.filter(|f| f.path().extension().is_some_and(|e| e == "bc"));
        assert!(bitcode.next().is_none());
    }
}

#[test]
fn tests_checks_and_documentation_are_made_with_and_without() {
    let workspace = Workspace::new();
    for arguments in [
        "test --workspace",
        "bench --workspace --no-run",
        "check --workspace",
        "doc --workspace --no-deps",
    ] {
        done(&mut workspace.cargo(arguments));
        let mut inlining = workspace.inlining(arguments);
        done(inlining.env("HELPER_INLINE_POLICY", "require"));
    }
}

/// Also a clang whose LLVM is older than rustc's.
#[test]
fn an_older_clang_serves() {
    let workspace = Workspace::new();
    for clang in ["clang-16", "clang-19"] {
        let mut cargo = workspace.inlining("run --bin app");
        cargo.env("HELPER_INLINE_CLANG", clang);
        let ran = done(cargo.env("HELPER_INLINE_POLICY", "require"));
        assert_eq!(ran.stdout, PRINTED, "{clang}");
    }
}

/// Static programs, for which rustc drops the cdylib, so that no linker runs for the
/// library.
#[test]
fn a_target_without_shared_libraries_is_served() {
    let workspace = Workspace::new();
    let target = std::env::consts::ARCH.to_owned() + "-unknown-linux-musl";
    let mut cargo = workspace.inlining(&format!("run --bin app --target {target}"));
    let ran = done(cargo.env("HELPER_INLINE_POLICY", "require"));
    assert_eq!(ran.stdout, PRINTED);
    let app = workspace.target().join(&target).join("debug/app");
    assert_eq!(helper_symbols(&app, ""), [].into());
}

/// rustc's own LTO ends in objects as well, which then have the helpers of all crates.
#[test]
fn the_users_own_lto_is_served() {
    let workspace = Workspace::new();
    for lto in ["thin", "fat"] {
        let with = |mut cargo: Command| {
            cargo.env("CARGO_PROFILE_RELEASE_LTO", lto);
            cargo
        };
        let app = workspace.target().join("release/app");
        let mut off = with(workspace.inlining("build --release --bin app"));
        done(off.env("HELPER_INLINE_POLICY", "off"));
        assert!(!helper_symbols(&app, "").is_empty());
        let ran = done(&mut with(workspace.inlining("run --release --bin app")));
        assert_eq!(ran.stdout, PRINTED);
        assert_eq!(helper_symbols(&app, ""), [].into(), "{lto}");
    }
}

/// Each linker is the one that the user chose.
#[test]
fn every_linker_links_what_was_inlined() {
    let workspace = Workspace::new();
    let target = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
    let app = workspace.target().join(&target).join("debug/app");
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    for linker in ["bfd", "lld", "mold"] {
        let flags = match linker {
            // A distribution's clang knows its own lld.
            "lld" => format!("-Clinker={}", clang.path.display()),
            // rustc has an lld of its own for x86_64.
            _ if cfg!(target_arch = "x86_64") => "-Clinker-features=-lld".to_owned(),
            _ => String::new(),
        };
        let mut cargo = workspace.inlining(&format!("run --bin app --target {target}"));
        // Without `--target` build scripts would get the flags.
        let ran = done(cargo.env("RUSTFLAGS", format!("{flags} -Clink-arg=-fuse-ld={linker}")));
        assert_eq!(ran.stdout, PRINTED, "{linker}");
        assert_eq!(helper_symbols(&app, ""), [].into(), "{linker}");
        let mut readelf = Command::new("readelf");
        let comment = done(readelf.args(["-p", ".comment"]).arg(&app)).stdout;
        let by = match linker {
            "bfd" => !comment.contains("LLD") && !comment.contains("mold"),
            "lld" => comment.contains("LLD"),
            _ => comment.contains("mold"),
        };
        assert!(by, "{linker}: {comment}");
    }
}

/// Another wrapper runs rustc, and what it caches is what has no helpers.
#[test]
fn a_wrapper_behind_ours_runs_every_compiler() {
    let workspace = Workspace::new();
    let log = workspace.dir.join("wrapped");
    let _ = std::fs::remove_file(&log);
    let other = workspace.dir.join("other-wrapper.sh");
    let script = format!("#!/bin/sh\necho \"$*\" >>{}\nexec \"$@\"\n", log.display());
    std::fs::write(&other, script).unwrap();
    std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o755)).unwrap();
    workspace.edit("tool/src/main.rs", "\"tool\"", "\"wrapped tool\"");
    workspace.edit("app/src/main.rs", "\"counted\"", "\"wrapped\"");
    for program in ["tool", "app"] {
        let mut cargo = workspace.inlining(&format!("build --bin {program}"));
        done(cargo.env("HELPER_INLINE_RUSTC_WRAPPER", &other));
        let ran = std::fs::read_to_string(&log).unwrap();
        let name = format!("--crate-name {program} ");
        assert!(
            ran.lines()
                .any(|line| line.contains("rustc ") && line.contains(&name))
        );
    }
    let app = workspace.target().join("debug/app");
    assert_eq!(helper_symbols(&app, ""), [].into());
}

/// The linker's LTO by itself, without the wrapper: small helpers of a release build
/// are inlined, and nobody proves it.
#[test]
fn the_linkers_lto_serves_where_it_is_set_up() {
    let workspace = Workspace::new();
    let target = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    let flags = format!(
        "-Clinker-plugin-lto -Clinker={} -Clink-arg=-fuse-ld=lld",
        clang.path.display()
    );
    let app = workspace.target().join(&target).join("release/app");
    let arguments = format!("run --release --bin app --target {target}");
    let mut cargo = workspace.cargo(&arguments);
    let ran = done(cargo.env("RUSTFLAGS", &flags));
    assert_eq!(ran.stdout, PRINTED);
    assert_eq!(helper_symbols(&app, ""), [].into());

    // Both together are neither, which is told.
    let words = "with `-Clinker-plugin-lto` helpers are not inlined by the rustc wrapper";
    let mut cargo = workspace.inlining(&arguments);
    let ran = done(cargo.env("RUSTFLAGS", &flags));
    assert_eq!(ran.stdout, PRINTED);
    assert!(
        ran.stderr.contains(&format!("warning: {words}")),
        "{}",
        ran.stderr
    );
    let mut cargo = workspace.inlining(&arguments);
    cargo
        .env("RUSTFLAGS", &flags)
        .env("HELPER_INLINE_POLICY", "require");
    let ran = crate::workspace::run(&mut cargo);
    assert!(
        !ran.ok && ran.stderr.contains(&format!("error: {words}")),
        "{}",
        ran.stderr
    );
}

/// cargo then has ours run the other, and that one rustc.
#[test]
fn a_workspace_wrapper_runs_between_ours_and_rustc() {
    let workspace = Workspace::new();
    let other = workspace.dir.join("workspace-wrapper-driver.sh");
    std::fs::write(&other, "#!/bin/sh\nexec \"$@\" --cfg between\n").unwrap();
    std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o755)).unwrap();
    workspace.edit(
        "app/src/main.rs",
        "\"counted\"",
        "if cfg!(between) { \"between\" } else { \"\" }",
    );
    let mut cargo = workspace.inlining("run --bin app");
    let ran = done(cargo.env("RUSTC_WORKSPACE_WRAPPER", &other));
    assert!(ran.stdout.starts_with("between 100073"), "{}", ran.stdout);
    let app = workspace.target().join("debug/app");
    assert_eq!(helper_symbols(&app, ""), [].into());
}
