//! Helpers of one C name in several crates, and in two versions of one: each crate has its
//! own, by plain cargo and through the wrapper; and what has the prefix and is no helper.
//!
//! Not here: `dist` (`xtask`'s tests), reports of several crates (`src/prove/names.rs`).

use crate::workspace::{Workspace, done, raw_helper_symbols, run};

/// What the program prints, however it is built.
const RIGHT: &str = "1 2\n3 4\n108077 9\n";

const RUN: &str = "run --offline --manifest-path names/Cargo.toml";

#[test]
fn each_crate_has_its_own_helper() {
    let workspace = Workspace::new();
    let plain = done(&mut workspace.cargo(RUN));
    assert_eq!(plain.stdout, RIGHT);
    let symbols = raw_helper_symbols(&workspace.target().join("debug/names"), "");
    let own = symbols
        .iter()
        .filter(|s| s.starts_with("rust_helper_version__"));
    assert_eq!(own.count(), 4, "{symbols:?}");
    // What something else is bound to keeps its name.
    for name in ["target", "other", "weak", "state", "callback"] {
        assert!(
            symbols.contains(&format!("rust_helper_{name}")),
            "{symbols:?}"
        );
    }

    for profile in ["", "--release"] {
        let ran = done(&mut workspace.inlining(&format!("{RUN} {profile}")));
        assert_eq!(ran.stdout, RIGHT, "{profile}");
        assert!(
            !ran.stderr.contains("rust_helper_version`"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn equal_names_that_must_be_global_are_an_error() {
    let workspace = Workspace::new();
    // The control: one such crate, and what calls it by its name, is right.
    let declared = "unsafe extern \"C\" { safe fn rust_helper_version() -> i32; }";
    let main = format!(
        "{declared}\nfn main() {{ println!(\"{{}} {{}}\", one::version(), rust_helper_version()); \
         let _ = two::version; }}\n"
    );
    std::fs::write(workspace.dir.join("names/src/main.rs"), main).unwrap();
    let keeping = |mut command: std::process::Command, which: &str| {
        command.env("KEEP_C_NAMES", which);
        run(&mut command)
    };
    let ran = keeping(workspace.cargo(RUN), "one");
    assert_eq!(ran.stdout, "1 1\n", "{}", ran.stderr);
    let ran = keeping(workspace.inlining(RUN), "one");
    assert_eq!(ran.stdout, "1 1\n", "{}", ran.stderr);

    let ran = keeping(workspace.cargo(RUN), "one two");
    assert!(!ran.ok, "{}", ran.stdout);
    assert!(
        ran.stderr.contains("multiple definition") || ran.stderr.contains("duplicate symbol"),
        "{}",
        ran.stderr
    );
    let ran = keeping(workspace.inlining(RUN), "one two");
    assert!(!ran.ok, "{}", ran.stdout);
    let told = "`one` and `two` each have a helper of the symbol `rust_helper_version`";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}
