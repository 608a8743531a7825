//! What `dist` says: for people, for machines, or nothing.
//!
//! Not here: what it makes.

use std::fs;
use std::process::{Command, Output};

use crate::support::Hosted;

fn said(hosted: &Hosted, more: &[&str]) -> (String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = hosted.command("hosted-app", more).output().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(status.success(), "{stderr}");
    (stdout, stderr)
}

#[test]
fn it_says_as_much_as_is_asked_for() {
    let hosted = Hosted::new();
    assert_eq!(said(&hosted, &["--quiet"]), (String::new(), String::new()));

    let (text, _) = said(&hosted, &["--json"]);
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let made = &all.as_array().unwrap()[0];
    assert_eq!(made["unchanged"], true);
    assert_eq!(
        made["module"],
        hosted.output("hosted-app").to_str().unwrap()
    );
    assert_eq!(made["report"]["summary"]["outlined"], 0);

    // Each command is one that a shell takes; that of cargo finds nothing to do.
    let (_, text) = said(&hosted, &["--verbose"]);
    let mut commands = text.lines().filter_map(|line| line.strip_prefix("+ "));
    let build = commands.find(|line| line.contains(" build --message-format"));
    let build = build.unwrap_or_else(|| panic!("{text}"));
    let again = Command::new("sh").args(["-c", build]).output().unwrap();
    let messages = String::from_utf8(again.stdout).unwrap();
    assert!(again.status.success(), "{build}: {messages}");
    assert!(messages.contains("\"reason\":\"build-finished\",\"success\":true"));
    // Those of a link too, which name what was made on the way.
    let object = hosted.output("hosted-app");
    fs::remove_file(&object).unwrap();
    let (_, text) = said(&hosted, &["--verbose"]);
    let commands: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("+ ")).collect();
    let is_child = |line: &&str| line.contains("--helper-inline-link-child < ");
    assert!(commands.iter().any(is_child), "{text}");
    for command in commands {
        let again = Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(again.status.success(), "{command}: {again:?}");
    }

    let (_, text) = said(&hosted, &[]);
    assert!(!text.lines().any(|line| line.starts_with("+ ")), "{text}");
}
