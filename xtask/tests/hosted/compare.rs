//! A program beside its out-of-line twin: `dist --compare`.
//!
//! Not here: modules, whose page a browser shows in the suite "report page".

use std::fs;

use helper_inline_build::prove::{ComparisonReport, Report};

use crate::support::{Hosted, PRINTED};

fn comparison(report: &Report) -> &ComparisonReport {
    report.comparison.as_ref().expect("it was asked for")
}

#[test]
fn each_call_is_set_beside_itself_out_of_line() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &["--compare"]);
    assert_eq!(hosted.run("hosted-app"), PRINTED);
    let report = hosted.report("report.json");
    let compared = comparison(&report);
    assert!(compared.same_code);
    assert_eq!(compared.text_bytes_after, report.object.text_bytes);
    // What is called is there once, and is a function of its own.
    for helper in ["count", "bits", "rotate"].map(|name| format!("rust_helper_{name}")) {
        let change = compared.functions.iter().find(|f| f.symbol == helper);
        let change = change.unwrap_or_else(|| panic!("{helper}: {:?}", compared.functions));
        assert!(
            change.before > Some(0) && change.after.is_none(),
            "{change:?}"
        );
        let calls: Vec<_> = compared
            .calls
            .iter()
            .filter(|c| c.helper == helper)
            .collect();
        assert!(!calls.is_empty(), "{helper}");
        for call in calls {
            assert_eq!(call.left, 0, "{call:?}");
            let place = call.location.as_deref().expect("line tables are there");
            assert!(place.contains(".rs:"), "{call:?}");
        }
    }
    let call = compared.calls.iter().find(|call| {
        let place = call.location.as_deref().unwrap_or_default();
        call.helper == "rust_helper_count" && place.contains("counter/src/lib.rs:13:")
    });
    let call = call.unwrap_or_else(|| panic!("{:?}", compared.calls));
    assert!(call.called > 0 && call.bytes > 0, "{call:?}");
    assert!(call.caller.contains("next"), "{call:?}");
    let of_helpers: u64 = compared.functions.iter().map(|f| f.helper_bytes).sum();
    assert!(of_helpers >= call.bytes);

    // The page has the source's line and both sides of it.
    let page = fs::read_to_string(hosted.output("report.html")).unwrap();
    for words in [
        "unsafe { bindings::count() }",
        "rust_helper_count",
        "Out of line",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let again = hosted.make("hosted-app", &["--compare"]);
    assert!(again.contains("nothing changed"), "{again}");
    // Without its page it is not whole.
    fs::remove_file(hosted.output("report.html")).unwrap();
    let mended = hosted.make("hosted-app", &["--compare"]);
    assert!(!mended.contains("nothing changed"), "{mended}");
    assert!(hosted.output("report.html").is_file());
    // It is another report.
    hosted.make("hosted-app", &[]);
    assert!(hosted.report("report.json").comparison.is_none());
}

#[test]
fn a_module_of_many_units_is_told_from_its_twins() {
    let hosted = Hosted::new();
    hosted.make("hosted-app", &["--compare", "--lto", "thin"]);
    let report = hosted.report("report.json");
    assert!(!comparison(&report).same_code);
    assert!(comparison(&report).calls.iter().all(|call| call.left == 0));
}

#[test]
fn with_inlining_off_there_is_nothing_to_compare() {
    let hosted = Hosted::new();
    let (code, text) = hosted.dist("hosted-app", &["--compare", "--inline", "off"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("leave one of the two out"), "{text}");
}
