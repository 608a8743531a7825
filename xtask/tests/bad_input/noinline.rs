//! A helper that is kept from inlining: found, named, and judged by the policy.

use crate::support::{ARM, Fixture, X86, files_below, kernel, run};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionKind};
use std::collections::BTreeMap;
use std::path::Path;

const HELPER: &str = "rust_helper_kept";

#[test]
fn on_x86_64() {
    judged_and_counted(X86, "amd64");
}

#[test]
fn on_aarch64() {
    judged_and_counted(ARM, "arm64");
}

fn judged_and_counted(target: &str, arch: &str) {
    let fixture = Fixture::new(&format!("noinline-{arch}"));
    fixture.write(
        "helpers/kept.c",
        "noinline int rust_helper_kept(int number) { barrier(); return number + 1; }\n",
    );
    fixture.write(
        "src/keeps.rs",
        "use crate::bindings::kept;\n\n\
         pub fn keeps(number: i32) -> i32 {\n    unsafe {\n        \
         let once = kept(number);\n        once + kept(once)\n    }\n}\n",
    );
    fixture.append(
        "src/lib.rs",
        "mod keeps;\n#[unsafe(no_mangle)] pub extern \"C\" fn f(n: c_int) -> c_int { keeps::keeps(n) }\n",
    );
    let dist = || fixture.dist_for(target, &kernel(arch));

    let required = run(&mut dist());
    required.expect(1, &[HELPER, "--inline prefer"]);
    assert_eq!(
        fixture.left().into_keys().collect::<Vec<_>>(),
        ["report.html", "report.json"],
        "a module that the policy refuses is not there"
    );
    let table = &required.stdout;
    for line in [
        "rust_helper_kept     OUTLINED      2        0",
        "rust_helper_count    inlined       2        2",
        "rust_helper_kept stayed out of line:",
        "src/keeps.rs:5:20: noinline",
        "src/keeps.rs:6:16: noinline",
    ] {
        assert!(table.contains(line), "no `{line}` in:\n{table}");
    }
    check_report(&fixture, 2);

    let preferred = run(dist().args(["--inline", "prefer"]));
    preferred.expect(0, &["warning: rust_helper_kept stayed out of line"]);
    check_report(&fixture, 2);
    let ko = files_below(&fixture.out())
        .into_iter()
        .find(|path| path.ends_with("fixture.ko"))
        .unwrap();
    assert_eq!(helpers_in(&ko), [(HELPER.to_owned(), 2)].into());

    // The policy again, on what is up to date but for the policy.
    run(&mut dist()).expect(1, &[HELPER]);
    assert!(!ko.exists(), "the accepted module is left behind");
}

/// The report's own words on the helper, and on those beside it.
fn check_report(fixture: &Fixture, calls: u64) {
    let report: serde_json::Value = serde_json::from_slice(&fixture.left()["report.json"]).unwrap();
    for helper in report["helpers"].as_array().unwrap() {
        let kept = helper["name"] == HELPER;
        let state = if kept { "outlined" } else { "inlined" };
        assert_eq!(helper["state"], state, "{helper:#}");
        let remaining = helper["remaining"].as_array().unwrap();
        assert_eq!(remaining.len(), if kept { 2 } else { 0 }, "{helper:#}");
        for call in remaining {
            assert_eq!(call["cause"], "noinline", "{call:#}");
            let location = call["location"].as_str().unwrap();
            assert!(location.contains("src/keeps.rs:"), "{call:#}");
            let caller = call["caller"].as_str().unwrap();
            assert!(caller.contains("keeps") || caller == "f", "{call:#}");
        }
    }
    assert_eq!(report["summary"]["outlined"], calls, "{report:#}");
    assert_eq!(
        report["object"]["helper_calls"][HELPER], calls,
        "{report:#}"
    );
}

/// Each helper that a module defines, with the calls that relocations show.
fn helpers_in(ko: &Path) -> BTreeMap<String, usize> {
    let data = std::fs::read(ko).unwrap();
    let object = object::File::parse(&*data).unwrap();
    let mut helpers = BTreeMap::new();
    for helper in object.symbols() {
        let name = helper.name().unwrap();
        if !name.starts_with("rust_helper_") {
            continue;
        }
        assert!(helper.is_definition(), "{name} is undefined");
        let is_helper = |target: RelocationTarget, addend: i64| {
            let RelocationTarget::Symbol(index) = target else {
                return false;
            };
            let symbol = object.symbol_by_index(index).unwrap();
            // The assembler may name the section and the place in it instead.
            // x86_64 counts from the end of the four bytes that it mends.
            let place = symbol.address().wrapping_add_signed(addend);
            symbol.name() == Ok(name)
                || symbol.section_index() == helper.section_index()
                    && [place, place.wrapping_add(4)].contains(&helper.address())
        };
        let calls = object
            .sections()
            .filter(|section| section.kind() == SectionKind::Text)
            .flat_map(|section| section.relocations())
            .filter(|(_, relocation)| is_helper(relocation.target(), relocation.addend()))
            .count();
        // Behind it is what tells the crate's build apart.
        let name = name.split("__fixture_").next().unwrap();
        let twice = helpers.insert(name.to_owned(), calls);
        assert_eq!(twice, None, "{name} is there twice");
    }
    helpers
}
