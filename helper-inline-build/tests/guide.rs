//! That the guide's page of causes says what the program says, and has them all.
//! `UPDATE_EXPECT=1 cargo test -p helper-inline-build --features link --test guide`
//! writes it anew.

use helper_inline_build::link::job::Cause;
use helper_inline_build::prove::explain;
use std::fmt::Write as _;

/// What stands before the causes.
const BEGINNING: &str = "\
# Why a call stayed, and the cure

Written by a test (`helper-inline-build/tests/guide.rs`) from
[`explain.rs`](../../helper-inline-build/src/prove/explain.rs), which
`cargo helper-inline explain CAUSE` shows too; edit nothing here by hand.

For a call that stayed, `report.json` has the caller, `file:line:column`, one of these
causes, and in `attribute` what there is to be said of it. `dist` prints the same. Lines
are named where the code has line tables: `debug = \"line-tables-only\"` in cargo's profile.
";

/// A text as lines of the guide's width.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    // Code is one word, spaces or not.
    let mut in_code = false;
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one");
        if !in_code && !last.is_empty() && last.len() + word.len() >= WIDTH {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
        in_code ^= word.matches('`').count() % 2 == 1;
    }
    lines.join("\n")
}

#[test]
fn the_page_of_causes_says_what_explain_says() {
    let mut page = BEGINNING.to_owned();
    for &cause in Cause::ALL {
        let explanation = explain(cause);
        writeln!(
            page,
            "\n## {}\n\n{}\n\n{}\n\n{}",
            cause.name(),
            wrapped(explanation.what),
            wrapped(&format!("**See it.** {}", explanation.see)),
            wrapped(&format!("**Cure.** {}", explanation.cure)),
        )
        .expect("a String takes all");
    }
    expect_test::expect_file!["../../docs/guide/causes.md"].assert_eq(&page);
}

#[test]
fn no_cause_is_left_out() {
    // serde itself lists what the enum has.
    let error = serde_json::from_str::<Cause>("\"?\"").unwrap_err();
    let mut names: Vec<String> = Cause::ALL
        .iter()
        .map(|c| format!("`{}`", c.name()))
        .collect();
    let text = error.to_string();
    let listed = text
        .split("expected one of ")
        .nth(1)
        .expect("it lists them");
    let listed = listed.split(" at line").next().unwrap_or_default();
    let mut listed: Vec<&str> = listed.split(", ").collect();
    names.sort();
    listed.sort_unstable();
    assert_eq!(listed, names);
}
