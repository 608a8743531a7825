use super::Report;
use super::example::report;

/// What `jsonschema`, the program, has against it.
fn against_the_schema(report: &serde_json::Value) -> String {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report.schema.json");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(&mut file, report).unwrap();
    let output = std::process::Command::new("jsonschema")
        .arg("--instance")
        .args([file.path(), schema.as_ref()])
        // Newer ones say that they will be replaced.
        .env("PYTHONWARNINGS", "ignore")
        .output()
        .expect("starting jsonschema, which is in Debian's python3-jsonschema");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), text.is_empty(), "{text}");
    text
}

#[test]
fn every_report_is_of_the_published_form() {
    let value: serde_json::Value = serde_json::from_str(&report().to_json()).unwrap();
    assert_eq!(against_the_schema(&value), "");

    // The control: the schema does refuse.
    for (pointer, wrong, why) in [
        ("/schema", serde_json::json!(2), "1 was expected"),
        (
            "/helpers/0/state",
            serde_json::json!("gone"),
            "'gone' is not one of",
        ),
        (
            "/summary/inlined",
            serde_json::json!(-1),
            "-1 is less than the minimum",
        ),
    ] {
        let mut value = value.clone();
        *value.pointer_mut(pointer).unwrap() = wrong;
        let text = against_the_schema(&value);
        assert!(text.contains(why), "{pointer}: {text}");
    }
}

#[test]
fn a_report_survives_its_json() {
    let report = report();
    let back: Report = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(back, report);
}
