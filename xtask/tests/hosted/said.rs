//! What `dist` says: for people, for machines, or nothing.
//!
//! Not here: what it makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
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

/// The commands that it shows.
fn shown(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines.filter_map(|line| line.strip_prefix("+ ")).collect()
}

/// Has a shell run a command, which must succeed, and gives what it prints.
fn paste(command: &str) -> String {
    let ran = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(ran.status.success(), "{command}: {ran:?}");
    String::from_utf8(ran.stdout).unwrap()
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
    let is_build = |line: &&str| line.contains(" build --message-format");
    let build = shown(&text).into_iter().find(is_build);
    let messages = paste(build.unwrap_or_else(|| panic!("{text}")));
    assert!(messages.contains("\"reason\":\"build-finished\",\"success\":true"));
    // Those of a link too, which name what was made on the way.
    let object = hosted.output("hosted-app");
    fs::remove_file(&object).unwrap();
    let (_, text) = said(&hosted, &["--verbose"]);
    let is_child = |line: &&str| line.contains("--helper-inline-link-child < ");
    assert!(shown(&text).iter().any(is_child), "{text}");
    for command in shown(&text) {
        paste(command);
    }

    let (_, text) = said(&hosted, &[]);
    assert!(!text.lines().any(|line| line.starts_with("+ ")), "{text}");
}

/// Jobs run in places that are gone afterwards, and are shown where their files stay.
#[test]
fn the_jobs_of_a_thin_link_make_the_same_again() {
    let hosted = Hosted::new();
    let ours = env!("CARGO_BIN_EXE_xtask");
    for distributor in [
        &[][..],
        &["--distributor", ours, "--distributor-arg=distribute"],
    ] {
        // Nothing is to be there already, and none of it in the cache.
        hosted.forget_units();
        let arguments = [&["--lto", "thin", "--verbose"], distributor].concat();
        let (_, text) = said(&hosted, &arguments);
        let is_sent = |line: &&str| line.contains(" distribute ");
        let sent = shown(&text).iter().any(is_sent);
        assert_eq!(sent, !distributor.is_empty(), "{text}");
        let objects = hosted.objects("hosted-app");
        let read = || -> BTreeMap<PathBuf, Vec<u8>> {
            let files = fs::read_dir(&objects)
                .unwrap()
                .map(|file| file.unwrap().path());
            files
                .map(|file| (file.clone(), fs::read(file).unwrap()))
                .collect()
        };
        let made = read();
        assert!(made.len() > 4, "{:?}", made.keys());
        for object in made.keys() {
            fs::remove_file(object).unwrap();
        }
        for command in shown(&text) {
            // What a program is, by which is decided what the cache has of it.
            if !command.ends_with(" --version") {
                paste(command);
            }
        }
        assert!(read() == made, "{text}");
        fs::remove_file(hosted.output("hosted-app")).unwrap();
    }
}
