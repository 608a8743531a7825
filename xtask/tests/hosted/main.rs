//! `dist` of programs: a workspace with helpers, native C and a static in C becomes an
//! executable that runs, with no helper left to call; linked as one unit, and as many.

mod compare;
mod names;
mod said;
mod support;
mod thin;

use std::collections::BTreeSet;
use std::fs;

use object::Object as _;
use support::{Hosted, PRINTED};

#[test]
fn a_program_runs_with_every_helper_inlined() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &[]);
    let files = [
        ".hosted-app.stamp",
        "hosted-app",
        "report.html",
        "report.json",
    ];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    assert_eq!(hosted.helpers("hosted-app"), BTreeSet::new());
    let report = hosted.report("report.json");
    assert_eq!(report.module, "hosted-app");
    assert_eq!((report.summary.used, report.summary.outlined), (3, 0));
    assert!(report.summary.inlined >= 3);

    let again = hosted.make("hosted-app", &[]);
    assert!(again.contains("nothing changed, nothing done"), "{again}");

    // What is no bitcode counts too.
    hosted.edit("native/native.c", "(a) +", "(a) + 1 +");
    let changed = hosted.make("hosted-app", &[]);
    assert!(!changed.contains("nothing changed"), "{changed}");
    assert_eq!(hosted.run("hosted-app"), PRINTED.replace("3844", "3845"));

    // The comparison can fail.
    hosted.make("hosted-app", &["--inline", "off"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED.replace("3844", "3845"));
    let called = ["bits", "count", "rotate"].map(|name| format!("rust_helper_{name}"));
    assert_eq!(hosted.helpers("hosted-app"), called.into());
}

#[test]
fn the_profile_decides_how_a_program_is_linked() {
    let hosted = Hosted::new();
    for (profile, has_symbols) in [("lto = true", true), ("strip = true", false)] {
        let manifest = fs::read_to_string(hosted.dir.join("Cargo.toml")).unwrap();
        let with = format!("{manifest}\n[profile.release]\npanic = \"unwind\"\n{profile}\n");
        fs::write(hosted.dir.join("Cargo.toml"), with).unwrap();
        hosted.make("hosted-app", &[]);
        fs::write(hosted.dir.join("Cargo.toml"), manifest).unwrap();
        assert_eq!(hosted.run("hosted-app"), PRINTED, "{profile}");
        let data = fs::read(hosted.output("hosted-app")).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        assert_eq!(file.symbols().next().is_some(), has_symbols, "{profile}");
        assert!(!file.has_debug_symbols(), "{profile}");
    }
    hosted.make("hosted-app", &["--profile", "dev", "--debug"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    assert_eq!(hosted.helpers("hosted-app"), BTreeSet::new());
    let data = fs::read(hosted.output("hosted-app")).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    assert!(file.has_debug_symbols());
}

#[test]
fn each_program_of_a_package_has_its_report() {
    let hosted = Hosted::new();
    let other = "fn main() { println!(\"{}\", hosted_native::mixed(1)); }\n";
    fs::create_dir_all(hosted.dir.join("app/src/bin")).unwrap();
    fs::write(hosted.dir.join("app/src/bin/another.rs"), other).unwrap();
    hosted.edit(
        "app/Cargo.toml",
        "publish = false",
        "publish = false\ndefault-run = \"hosted-app\"",
    );
    hosted.make("hosted-app", &[]);
    let files = [
        ".another.stamp",
        ".hosted-app.stamp",
        "another",
        "another.report.html",
        "another.report.json",
        "hosted-app",
        "hosted-app.report.html",
        "hosted-app.report.json",
        "report.html",
        "report.json",
    ];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    // 1 turned by 8 and tripled, 1 more, and the second number.
    assert_eq!(hosted.run("another"), "771\n");
    assert_eq!(hosted.report("report.json").module, "hosted-app");
    assert_eq!(hosted.report("another.report.json").module, "another");
}

#[test]
fn a_library_becomes_an_object() {
    let hosted = Hosted::new();
    hosted.make("hosted-native", &[]);
    let files = [
        ".hosted_native.stamp",
        "hosted_native.o",
        "report.html",
        "report.json",
    ];
    assert_eq!(hosted.outputs(), files.map(str::to_owned).into());
}

#[test]
fn what_cannot_become_a_program_is_refused() {
    let hosted = Hosted::new();
    hosted.add("plain", "", "src/main.rs", "fn main() {}\n");
    hosted.fails(
        2,
        "hosted-plain",
        &["no build script of `hosted-plain` or its dependencies compiled helpers"],
    );
    hosted.add("shown", "", "examples/shown.rs", "fn main() {}\n");
    hosted.fails(
        2,
        "hosted-shown",
        &[
            "`hosted-shown` has neither a library nor a program",
            "--package",
        ],
    );
    hosted.fails(2, "hosted-none", &["has no package `hosted-none`"]);
    let features = "[features]\nextra = []\n[[bin]]\nname = \"hosted-app\"\n\
                    path = \"src/main.rs\"\nrequired-features = [\"extra\"]\n";
    hosted.edit(
        "app/Cargo.toml",
        "[build-dep",
        &format!("{features}[build-dep"),
    );
    hosted.fails(
        2,
        "hosted-app",
        &["cargo made no program of `hosted-app`", "required-features"],
    );
}

#[test]
fn a_helper_that_stays_leaves_a_report_and_no_program() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &[]);
    hosted.edit(
        "counter/helpers.c",
        "unsigned long rust",
        "__attribute__((noinline)) unsigned long rust",
    );
    hosted.fails(1, "hosted-app", &["rust_helper_count", "noinline"]);
    let reports = ["report.html", "report.json"].map(str::to_owned);
    assert_eq!(hosted.outputs(), reports.into());
    // The C that is called then is the one in the object, and its static with it.
    hosted.make("hosted-app", &["--inline", "prefer"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    let stayed = ["rust_helper_count".to_owned()];
    assert_eq!(hosted.helpers("hosted-app"), stayed.into());
}
