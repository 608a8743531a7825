//! Values of types that flags change, and helpers that bindgen leaves out by itself:
//! what C makes of them alone, what is called, and what is inlined is one and the same.

use crate::workspace::{Workspace, done};
use helper_inline_build::{Clang, Rustc};
use std::path::PathBuf;
use std::process::Command;

/// What C itself prints, by a compiler.
fn by(compiler: PathBuf, workspace: &Workspace, flags: &str) -> String {
    let program = workspace.dir.join("in-c");
    let mut compile = Command::new(compiler);
    compile
        .current_dir(&workspace.dir)
        .args(flags.split_whitespace())
        .args(["-O1", "-o"])
        .arg(&program)
        .arg("main.c");
    done(&mut compile);
    done(&mut Command::new(program)).stdout
}

#[test]
fn values_are_cs_called_and_inlined() {
    let workspace = Workspace::of("values");
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap().path;
    let mut all = Vec::new();
    for flags in ["-fsigned-char", "-funsigned-char -fshort-enums"] {
        let in_c = by(clang.clone(), &workspace, flags);
        assert_eq!(in_c, by("gcc".into(), &workspace, flags));
        let printed = |mut cargo: Command| {
            let cargo = cargo.env("VALUES_FLAGS", flags);
            let ran = done(cargo);
            assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
            ran.stdout
        };
        let required = |arguments| {
            let mut cargo = workspace.inlining(arguments);
            cargo.env("HELPER_INLINE_POLICY", "require");
            cargo
        };
        assert_eq!(in_c, printed(workspace.cargo("run")), "called, {flags}");
        assert_eq!(in_c, printed(required("run")), "dev, {flags}");
        let release = required("run --release");
        assert_eq!(in_c, printed(release), "release, {flags}");
        all.push(in_c);
    }
    // The control: the flag changes what each of them prints.
    assert!(all[0].starts_with("-1 -1 -56\n") && all[1].starts_with("255 255 200\n"));
}
