//! Random damage to JSON that knows its structure: wrong types, odd numbers and
//! strings, keys that are missing, there twice or swapped.
//!
//! Not here: what the keys mean.

use super::bytes;
use fastrand::Rng;
use serde_json::Value;

/// Put where a value was, as JSON text.
const ODD: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "2",
    "4294967296",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "1e400",
    "0.5",
    "[]",
    "{}",
    "[null]",
    "[[[]]]",
    r#"{"version":1}"#,
    r#""""#,
    r#"".""#,
    r#""..""#,
    r#""no/such/file""#,
    r#""\u0000""#,
    r#""a\u0000b""#,
    r#""\ud800""#,
    r#""\ud83d\ude00""#,
    r#""rust_""#,
];

/// Stands for a value until the text is made; no document has it.
const HOLE: &str = "<hole>";

/// Damages a document. `strings` are put where values were, beside odd ones.
pub fn damage(rng: &mut Rng, document: &Value, strings: &[String]) -> Vec<u8> {
    let text = serde_json::to_string_pretty(document).expect("it is plain data");
    let mut places = Vec::new();
    pointers(document, String::new(), &mut places);
    let place = &places[rng.usize(0..places.len())];
    match rng.u32(0..16) {
        0..4 => {
            let mut bytes = text.into_bytes();
            let other = bytes.clone();
            bytes::damage(rng, &mut bytes, &other);
            bytes
        }
        4 => {
            // Not UTF-8.
            let mut bytes = text.into_bytes();
            bytes.insert(rng.usize(0..=bytes.len()), rng.u8(0x80..));
            bytes
        }
        5 => with(document, place, &"[".repeat(rng.usize(1..100_000))),
        6 => {
            let long = rng.usize(1..1_000_000);
            with(document, place, &format!("\"{}\"", "x".repeat(long)))
        }
        7 => without(document, place).into_bytes(),
        8 => key_twice(rng, &text).into_bytes(),
        9 | 10 => {
            let other = &places[rng.usize(0..places.len())];
            swapped(document, place, other).into_bytes()
        }
        11 | 12 if !strings.is_empty() => {
            let string = Value::from(strings[rng.usize(0..strings.len())].as_str());
            with(document, place, &string.to_string())
        }
        _ => with(document, place, ODD[rng.usize(0..ODD.len())]),
    }
}

/// The document with one of its keys also at its beginning.
fn key_twice(rng: &mut Rng, text: &str) -> String {
    let keys: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once("\": ")?.0))
        .collect();
    let (key, value) = (keys[rng.usize(0..keys.len())], ODD[rng.usize(0..ODD.len())]);
    text.replacen('{', &format!("{{{key}\": {value},"), 1)
}

/// The document with some text where a value was.
fn with(document: &Value, place: &str, text: &str) -> Vec<u8> {
    let mut document = document.clone();
    if let Some(value) = document.pointer_mut(place) {
        *value = HOLE.into();
    }
    let whole = serde_json::to_string_pretty(&document).expect("it is plain data");
    whole.replace(&format!("\"{HOLE}\""), text).into_bytes()
}

fn without(document: &Value, place: &str) -> String {
    let mut document = document.clone();
    if let Some((parent, key)) = place.rsplit_once('/') {
        match document.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(key)),
            Some(Value::Array(items)) => items.clear(),
            _ => {}
        }
    }
    document.to_string()
}

fn swapped(document: &Value, place: &str, other: &str) -> String {
    let (one, two) = (document.pointer(place), document.pointer(other));
    let (one, two) = (one.cloned(), two.cloned());
    let mut document = document.clone();
    for (place, value) in [(place, two), (other, one)] {
        // One may have been inside the other.
        if let (Some(slot), Some(value)) = (document.pointer_mut(place), value) {
            *slot = value;
        }
    }
    document.to_string()
}

/// The JSON pointer of every value.
fn pointers(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                pointers(value, format!("{here}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                pointers(value, format!("{here}/{at}"), found);
            }
        }
        _ => {}
    }
    found.push(here);
}

#[cfg(test)]
mod tests {
    use super::damage;
    use fastrand::Rng;
    use serde_json::{Value, json};

    #[test]
    fn documents_stay_json_or_not_but_seldom_the_same() {
        let document = json!({"version": 1, "helpers": ["a", "b"], "clang": {"llvm": 22}});
        let (mut json, mut same) = (0, 0);
        for seed in 0..500 {
            let strings = ["elsewhere".to_owned()];
            let damaged = damage(&mut Rng::with_seed(seed), &document, &strings);
            let value = serde_json::from_slice::<Value>(&damaged);
            json += u32::from(value.is_ok());
            same += u32::from(value.is_ok_and(|value| value == document));
        }
        assert!((150..450).contains(&json), "{json}");
        assert!(same < 75, "{same}");
    }
}
