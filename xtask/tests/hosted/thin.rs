//! The same linked as many units, each compiled by a job of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use helper_inline_build::prove::{HelperState, Report};
use object::{Object as _, ObjectSymbol as _};

use crate::support::{Hosted, PRINTED};

const THIN: [&str; 2] = ["--lto", "thin"];

/// The crates whose back ends ran, without what cargo adds to their names.
fn ran(report: &Report) -> BTreeSet<String> {
    let thin = report.thin.as_ref().expect("it is linked as many units");
    let ran = thin.back_ends.iter().filter(|back_end| back_end.ran);
    ran.map(|back_end| plain(&back_end.unit)).collect()
}

/// The crates and helpers that a crate imports from.
fn imports(report: &Report, unit: &str) -> BTreeSet<String> {
    let thin = report.thin.as_ref().unwrap();
    let mut back_ends = thin.back_ends.iter();
    let back_end = back_ends.find(|back_end| plain(&back_end.unit) == unit);
    let imports = &back_end.unwrap().imports;
    imports.iter().map(|unit| plain(unit)).collect()
}

fn plain(unit: &str) -> String {
    match unit.strip_prefix("helpers-") {
        Some(package) => format!("helpers of {package}"),
        None => unit.rsplit_once('-').unwrap().0.to_owned(),
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn only_what_changed_is_compiled_again() {
    let hosted = Hosted::new();
    // What another test had compiled would not run here.
    hosted.forget_units();
    hosted.make("hosted-app", &THIN);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    assert_eq!(hosted.helpers("hosted-app"), BTreeSet::new());
    let first = hosted.report("report.json");
    assert_eq!((first.summary.used, first.summary.outlined), (3, 0));
    assert_eq!(first.summary.inlined, first.summary.call_sites);
    // Across crates, and from helpers of a crate that it only depends on.
    let imported = imports(&first, "hosted_app");
    for unit in [
        "hosted_native",
        "hosted_counter",
        "helpers of hosted_counter",
    ] {
        assert!(imported.contains(unit), "{imported:?}");
    }
    assert_eq!(
        imports(&first, "hosted_counter"),
        set(&["helpers of hosted_counter"])
    );

    let again = hosted.make("hosted-app", &THIN);
    assert!(again.contains("nothing changed, nothing done"), "{again}");

    // A program that nobody imports from.
    hosted.edit("app/src/main.rs", "\"native {}\"", "\"native, {}\"");
    hosted.make("hosted-app", &THIN);
    let printed = PRINTED.replace("native", "native,");
    assert_eq!(hosted.run("hosted-app"), printed);
    assert_eq!(ran(&hosted.report("report.json")), set(&["hosted_app"]));

    // A library: itself, and the program that imports from it.
    hosted.edit("native/src/lib.rs", "3 * a", "3 * a + 0x10_0000");
    hosted.make("hosted-app", &THIN);
    assert_eq!(hosted.run("hosted-app"), printed.replace("3844", "1052420"));
    let report = hosted.report("report.json");
    assert_eq!(ran(&report), set(&["hosted_app", "hosted_native"]));

    // A helper: the units that it is imported into.
    hosted.edit("native/helpers.c", "n & 63", "(n + 1) & 63");
    hosted.make("hosted-app", &THIN);
    let report = hosted.report("report.json");
    let users = ["hosted_app", "hosted_native"].into_iter();
    let users = users.filter(|unit| imports(&report, unit).contains("helpers of hosted_native"));
    assert_eq!(ran(&report), users.map(str::to_owned).collect());
    assert_ne!(hosted.run("hosted-app"), printed.replace("3844", "1052420"));

    // Back again, all of it is known.
    hosted.edit("native/helpers.c", "(n + 1) & 63", "n & 63");
    hosted.make("hosted-app", &THIN);
    assert_eq!(ran(&hosted.report("report.json")), BTreeSet::new());
    assert_eq!(hosted.run("hosted-app"), printed.replace("3844", "1052420"));
}

#[test]
fn what_stays_is_told_as_in_one_unit() {
    let hosted = Hosted::new();
    hosted.edit(
        "counter/helpers.c",
        "unsigned long rust",
        "__attribute__((noinline)) unsigned long rust",
    );
    // Declared with another type than C's by hand, as no bindgen would.
    hosted.edit(
        "app/src/main.rs",
        "unsafe { bindings::bits(0xff00) }",
        "unsafe { bits(0.5) }",
    );
    let declared = "unsafe extern \"C\" {\n    #[link_name = \"rust_helper_bits\"]\n    \
                    fn bits(a: f64) -> u32;\n}\n\nfn main() {";
    hosted.edit("app/src/main.rs", "fn main() {", declared);
    let mut told = Vec::new();
    for lto in ["one", "thin"] {
        let (code, text) = hosted.dist("hosted-app", &["--lto", lto]);
        assert_eq!(code, Some(1), "{text}");
        assert_eq!(hosted.outputs(), set(&["report.html", "report.json"]));
        let report = hosted.report("report.json");
        let outlined = report.outlined();
        let outlined = outlined.map(|h| (h.name.clone(), h.call_sites, h.inlined, h.state));
        let causes = report.helpers.iter().flat_map(|h| {
            let remaining = h.remaining.iter();
            remaining.map(|call| (h.name.clone(), call.cause.name(), call.attribute.clone()))
        });
        let places = report.helpers.iter().flat_map(|h| &h.remaining);
        let places: BTreeSet<_> = places.map(|call| call.location.clone()).collect();
        told.push((
            outlined.collect::<Vec<_>>(),
            causes.collect::<BTreeSet<_>>(),
            places,
        ));
    }
    assert_eq!(told[0], told[1]);
    let (outlined, causes, places) = &told[0];
    let names: Vec<&str> = outlined.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["rust_helper_bits", "rust_helper_count"]);
    assert!(
        outlined
            .iter()
            .all(|(.., state)| *state == HelperState::Outlined)
    );
    let causes: BTreeSet<&str> = causes.iter().map(|(_, cause, _)| *cause).collect();
    assert_eq!(causes, ["noinline", "type-mismatch"].into());
    assert!(
        places
            .iter()
            .all(|place| place.as_ref().unwrap().contains(".rs:"))
    );

    // Accepted, they are called, and there is one of each with one static.
    hosted.make("hosted-app", &["--lto", "thin", "--inline", "prefer"]);
    let called = set(&["rust_helper_bits", "rust_helper_count"]);
    assert_eq!(hosted.helpers("hosted-app"), called);
    assert!(hosted.run("hosted-app").starts_with("counter 2\n"));
    // The comparison can fail.
    hosted.make("hosted-app", &["--lto", "thin", "--inline", "off"]);
    assert!(hosted.helpers("hosted-app").contains("rust_helper_rotate"));
}

#[test]
fn a_static_of_the_helpers_is_there_once() {
    let hosted = Hosted::new();
    for inline in ["require", "off"] {
        hosted.make("hosted-app", &["--lto", "thin", "--inline", inline]);
        let data = fs::read(hosted.output("hosted-app")).unwrap();
        let file = object::File::parse(data.as_slice()).unwrap();
        let named = |symbol: &object::Symbol<'_, '_>| {
            symbol
                .name()
                .is_ok_and(|name| name.contains("rust_helper_count") && name.ends_with(".counter"))
        };
        let statics = file.symbols().filter(named);
        assert_eq!(statics.count(), 1, "{inline}");
    }
}

/// Where a workspace lies is in nothing that is made of it, in either mode.
#[test]
fn two_directories_make_the_same() {
    let mut made = Vec::new();
    for name in ["hosted", "another-place/of/hosted"] {
        let hosted = Hosted::at(name);
        hosted.forget_units();
        for lto in ["one", "thin"] {
            hosted.make("hosted-app", &["--lto", lto]);
            made.push(fs::read(hosted.output("hosted-app")).unwrap());
        }
        let report = hosted.report("report.json");
        assert_eq!(ran(&report).len(), 3, "it is made anew");
    }
    assert!(made[0] == made[2], "as one unit");
    assert!(made[1] == made[3], "as many units");
    assert!(made[0] != made[1]);
}

/// ninja runs the same jobs, and only those of which something changed.
#[test]
fn ninja_makes_the_same_object() {
    let hosted = Hosted::new();
    let graph = hosted.dir.join("build.ninja");
    let emit = ["--lto", "thin", "--emit-ninja", graph.to_str().unwrap()];
    hosted.make("hosted-app", &emit);
    let text = fs::read_to_string(&graph).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("# ninja -C "));
    let dir = PathBuf::from(line.unwrap().split(" -f ").next().unwrap());
    let object = dir.join("hosted-app.o");
    let before = fs::read(&object).unwrap();
    for part in ["objects", "index", "fresh/units"] {
        fs::remove_dir_all(dir.join(part)).unwrap();
    }
    fs::remove_file(&object).unwrap();
    let all = ninja(&dir, &graph);
    assert!(all.contains("-fthinlto-index="), "{all}");
    assert!(fs::read(&object).unwrap() == before);
    assert!(ninja(&dir, &graph).contains("no work to do"));

    // Another program, and no other unit.
    hosted.edit("app/src/main.rs", "\"native {}\"", "\"native, {}\"");
    // Which leaves the crates' bitcode.
    hosted.make("hosted-app", &["--lto", "one"]);
    let some = ninja(&dir, &graph);
    let compiled: Vec<&str> = some
        .lines()
        .filter(|l| l.contains("-fthinlto-index="))
        .collect();
    assert_eq!(compiled.len(), 1, "{some}");
    assert!(compiled[0].contains("objects/hosted_app-"), "{some}");
    assert!(fs::read(&object).unwrap() != before);
}

fn ninja(dir: &Path, graph: &Path) -> String {
    let mut ninja = Command::new("ninja");
    ninja.arg("-C").arg(dir).arg("-v").arg("-f").arg(graph);
    let output = ninja.output().expect("`apt-get install ninja-build`");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}
