//! A workspace with two modules: all are made but those that must be named, or the
//! one that is named; each has its report; and names that cannot be told apart are
//! refused.

use std::fs;

use crate::support::Fixture;
use crate::support::run;

/// A copy of the fixture whose workspace has a second module like it, `b`.
fn two_modules(name: &str) -> Fixture {
    let fixture = Fixture::new(name);
    let read = |file: &str| fs::read_to_string(fixture.dir.join(file)).unwrap();
    let package = read("Cargo.toml")
        .replace(&format!("fixture-{name}"), &format!("fixture-{name}-b"))
        .replace("module = \"fixture\"", "module = \"b\"")
        .replace("[workspace]", "");
    fixture.write("b/Cargo.toml", &package);
    for file in [
        "build.rs",
        "src/lib.rs",
        "helpers/atomic.c",
        "helpers/bug.c",
    ] {
        fixture.write(&format!("b/{file}"), &read(file));
    }
    fixture.edit(
        "Cargo.toml",
        "[workspace]",
        "[workspace]\nmembers = [\"b\"]",
    );
    fixture
}

#[test]
fn each_module_has_its_report_and_one_of_them_is_report_json() {
    let fixture = two_modules("two");
    let package = |name: &str| {
        let mut dist = fixture.dist();
        let made = run(dist.args(["--package", &format!("fixture-{name}")]));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
    };
    let all = || {
        let made = run(&mut fixture.dist());
        assert_eq!(made.code, Some(0), "{}", made.stderr);
    };
    let modules = |left: &[&str]| {
        let files = fixture.left();
        assert_eq!(files.keys().collect::<Vec<_>>(), left);
        let module = |file: &str| {
            let report: serde_json::Value = serde_json::from_slice(&files[file]).unwrap();
            report["module"].as_str().unwrap().to_owned()
        };
        for file in left.iter().filter(|file| file.ends_with(".report.json")) {
            assert_eq!(format!("{}.report.json", module(file)), **file);
        }
        let default = module("report.json");
        let page = |file: &str| &files[&file.replace(".json", ".html")];
        assert!(page("report.json") == page(&format!("{default}.report.json")));
        default
    };

    package("two-b");
    let only_b = [
        ".b.stamp",
        "b.ko",
        "b.report.html",
        "b.report.json",
        "report.html",
        "report.json",
    ];
    assert_eq!(modules(&only_b), "b");
    all();
    let both = [
        ".b.stamp",
        ".fixture.stamp",
        "b.ko",
        "b.report.html",
        "b.report.json",
        "fixture.ko",
        "fixture.report.html",
        "fixture.report.json",
        "report.html",
        "report.json",
    ];
    // The first by name, as none is the default.
    assert_eq!(modules(&both), "fixture");
    package("two-b");
    assert_eq!(modules(&both), "b");
    fixture.append(
        "Cargo.toml",
        "[workspace.metadata.helper-inline]\ndefault = \"fixture-two-b\"\n",
    );
    package("two");
    assert_eq!(modules(&both), "fixture");
    all();
    assert_eq!(modules(&both), "b");
}

#[test]
fn a_module_that_must_be_named_is_not_made_with_the_others() {
    let fixture = two_modules("named");
    let by_name = "module = \"b\"\nby-name-only = true";
    fixture.edit("b/Cargo.toml", "module = \"b\"", by_name);
    let make = |arguments: &[&str]| {
        let made = run(fixture.dist().args(arguments));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let files = fixture.left().into_keys();
        files
            .filter(|file| file.ends_with(".ko"))
            .collect::<Vec<_>>()
    };
    assert_eq!(make(&[]), ["fixture.ko"]);
    assert_eq!(
        make(&["--package", "fixture-named-b"]),
        ["b.ko", "fixture.ko"]
    );
    fixture.edit(
        "Cargo.toml",
        "module = \"fixture\"",
        "module = \"fixture\"\nby-name-only = true",
    );
    fixture.refuses(
        2,
        &mut fixture.dist(),
        &[
            "every module of the workspace has `by-name-only = true`",
            "--package; they are fixture-named, fixture-named-b",
        ],
    );
}

#[test]
fn modules_that_cannot_be_told_apart_are_refused() {
    let fixture = two_modules("twins");
    fixture.edit("b/Cargo.toml", "module = \"b\"", "module = \"fixture\"");
    fixture.fails(
        2,
        &mut fixture.dist(),
        &[
            "packages `fixture-twins` and `fixture-twins-b` both make the module `fixture`",
            "[package.metadata.helper-inline]",
        ],
    );
}

#[test]
fn a_default_that_is_no_module_is_refused() {
    let fixture = two_modules("default");
    fixture.append(
        "Cargo.toml",
        "[workspace.metadata.helper-inline]\ndefault = \"none\"\n",
    );
    fixture.fails(
        2,
        &mut fixture.dist(),
        &[
            "default = \"none\"",
            "they are fixture-default, fixture-default-b",
        ],
    );
}
