//! Warnings and errors in the form that cargo asked rustc for, so that cargo shows
//! them, and shows them again when nothing is rebuilt.
//!
//! Not here: what they say.

use crate::invocation::Invocation;
use serde_json::json;

pub(super) fn warning(invocation: &Invocation, message: &str) {
    print(invocation, "warning", message);
}

pub(super) fn error(invocation: &Invocation, message: &str) {
    print(invocation, "error", message);
}

fn print(invocation: &Invocation, level: &str, message: &str) {
    eprintln!("{}", text(invocation.json, level, message));
}

fn text(json: bool, level: &str, message: &str) -> String {
    let rendered = format!("{level}: {message}\n");
    if !json {
        return rendered;
    }
    json!({
        "$message_type": "diagnostic",
        "message": message,
        "code": null,
        "level": level,
        "spans": [],
        "children": [],
        "rendered": format!("{rendered}\n"),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn cargo_gets_one_line_of_json() {
        let text = super::text(true, "warning", "two\nlines");
        assert_eq!(text.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["rendered"], "warning: two\nlines\n\n");
        assert_eq!(super::text(false, "error", "one"), "error: one\n");
    }
}
