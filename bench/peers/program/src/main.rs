//! A program with an ordinary tree of dependencies, which hashes the words of a JSON
//! document that match an expression. What is measured is building it.

use clap::Parser;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value = "[a-z]+")]
    expression: String,
    #[arg(long, default_value = r#"{"title":"t","lines":["one two","three"]}"#)]
    document: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    title: String,
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Summary {
    title: String,
    digests: BTreeMap<String, u64>,
}

fn digest(word: &str) -> u64 {
    // SAFETY: pointer and length are those of the word.
    unsafe { peers_sys::XXH64(word.as_ptr().cast(), word.len(), 0) }
}

fn summary(arguments: &Arguments) -> Result<Summary, Box<dyn std::error::Error>> {
    let expression = regex::Regex::new(&arguments.expression)?;
    let document: Document = serde_json::from_str(&arguments.document)?;
    let words = document
        .lines
        .iter()
        .flat_map(|line| expression.find_iter(line));
    let digests = words.map(|word| (word.as_str().to_owned(), digest(word.as_str())));
    Ok(Summary {
        title: document.title,
        digests: digests.collect(),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let summary = summary(&Arguments::parse())?;
    println!("{}", serde_json::to_string_pretty(&summary)?);
    Ok(())
}
