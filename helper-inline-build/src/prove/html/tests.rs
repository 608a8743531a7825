//! The page of a report with everything in it: escaped, well-formed, whole in itself, the
//! same each time, and in the words that are expected.

use super::page;
use crate::prove::listing::{Line, Listing, Listings, Part, Side, SourceLine};
use crate::prove::report::example::report;
use crate::prove::{ComparedCall, HelperReport, HelperState, Report, Summary};
use regex::Regex;
use std::collections::BTreeSet;

/// What would be markup if it were not escaped.
const HOSTILE: &str = "<script>alert('&\"')</script>";

fn listings() -> Listings {
    let line = |offset, text: &str, part, after_gap| Line {
        offset,
        text: text.into(),
        part,
        after_gap,
    };
    let side = |lines| Side {
        symbol: "m_f".into(),
        function: "m::f".into(),
        others: 1,
        bytes: 9,
        lines,
        left_out: 2,
    };
    Listings {
        calls: vec![
            Listing {
                helper: "rust_helper_f".into(),
                caller: "m::f".into(),
                location: Some("a.rs:1:2".into()),
                source: vec![SourceLine {
                    number: 1,
                    text: "f(p)".into(),
                    is_call: true,
                }],
                before: Some(side(vec![
                    line(0, "movl $1, %edi", Part::Caller, false),
                    line(5, "callq rust_helper_f", Part::Call, false),
                ])),
                after: Some(side(vec![line(16, "incl (%rdi)", Part::Helper, true)])),
            },
            Listing {
                helper: "rust_helper_g".into(),
                caller: HOSTILE.into(),
                location: None,
                source: vec![],
                before: None,
                after: None,
            },
        ],
        total: 3,
        helpers: [(
            "rust_helper_f".to_owned(),
            side(vec![line(0, "incl (%rdi)", Part::Helper, false)]),
        )]
        .into(),
    }
}

fn text(html: &str) -> String {
    let hidden = Regex::new(r"(?s)<(style|script)>.*?</(style|script)>").unwrap();
    let shown = hidden.replace_all(html, "");
    let blocks =
        Regex::new(r"</?(p|tr|h\d|li|div|caption|summary|pre|dt|section|figcaption|title)\b[^>]*>")
            .unwrap();
    let shown = blocks.replace_all(&shown, "\n");
    let cells = Regex::new(r"</(td|th|dd)>|<br>").unwrap();
    let shown = cells.replace_all(&shown, " | ");
    let tags = Regex::new(r"<[^>]*>").unwrap();
    let shown = tags.replace_all(&shown, "");
    let lines = shown
        .lines()
        .map(|line| line.trim().trim_end_matches(" |").trim());
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}

/// Every tag, with whether it ends something.
fn tags(html: &str) -> Vec<(bool, String)> {
    let hidden = Regex::new(r"(?s)<(style|script)>.*?</(style|script)>").unwrap();
    let html = hidden.replace_all(html, "").into_owned();
    let tag = Regex::new(r"<(/?)([A-Za-z][A-Za-z0-9]*)").unwrap();
    tag.captures_iter(&html)
        .map(|found| (!found[1].is_empty(), found[2].to_owned()))
        .collect()
}

fn attribute(html: &str, name: &str) -> Vec<String> {
    let pattern = Regex::new(&format!(" {name}=\"([^\"]*)\"")).unwrap();
    let found = pattern.captures_iter(html);
    found.map(|found| found[1].to_owned()).collect()
}

#[test]
fn each_part_says_what_it_is_to() {
    expect_test::expect_file!["tests/whole.txt"]
        .assert_eq(&text(&page(&report(), Some(&listings()))));
}

#[test]
fn without_debug_and_comparison_it_says_what_gives_them() {
    let mut report = report();
    report.sites = None;
    report.comparison = None;
    report.thin = None;
    let shown = text(&page(&report, None));
    for option in ["dist --debug adds it", "dist --compare adds it"] {
        assert!(shown.contains(option), "{shown}");
    }
    expect_test::expect_file!["tests/bare.txt"].assert_eq(&shown);
}

#[test]
fn the_answer_comes_first() {
    let helper = |state, call_sites, inlined| HelperReport {
        name: "rust_helper_f".into(),
        package: None,
        state,
        call_sites,
        inlined,
        remaining: vec![],
    };
    let answer = |helpers: Vec<HelperReport>| {
        let mut report = report();
        report.summary = Summary::of(&helpers);
        report.helpers = helpers;
        let page = text(&page(&report, None));
        let line = page.lines().find(|line| line.starts_with(['✓', '✗', '○']));
        line.unwrap().to_owned()
    };
    assert_eq!(
        answer(vec![helper(HelperState::Inlined, 2, 2)]),
        "✓ Every call is inlined: 2 calls of 1 helper, none left."
    );
    assert_eq!(
        answer(vec![
            helper(HelperState::Outlined, 3, 2),
            helper(HelperState::Exempt, 3, 2)
        ]),
        "✗ 1 call of 6 stayed out of line, of 1 helper."
    );
    assert_eq!(
        answer(vec![helper(HelperState::Exempt, 3, 1)]),
        "✓ Everything is inlined but 2 calls that may stay out of line."
    );
}

/// A report in which every text is hostile.
fn hostile() -> Report {
    let json = serde_json::to_value(report()).unwrap();
    fn spoil(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => text.push_str(HOSTILE),
            serde_json::Value::Array(values) => values.iter_mut().for_each(spoil),
            serde_json::Value::Object(fields) => {
                // These are words of the form, not texts.
                let is_word = |key: &str| {
                    ["state", "cause", "recoverable", "place", "refused"].contains(&key)
                };
                let texts = fields.iter_mut().filter(|(key, _)| !is_word(key));
                texts.for_each(|(_, value)| spoil(value));
            }
            _ => {}
        }
    }
    let mut json = json;
    spoil(&mut json);
    serde_json::from_value(json).unwrap()
}

#[test]
fn nothing_of_a_report_is_markup() {
    let mut listings = listings();
    for listing in &mut listings.calls {
        listing.helper.push_str(HOSTILE);
        listing
            .source
            .iter_mut()
            .for_each(|line| line.text.push_str(HOSTILE));
        for side in listing.before.iter_mut().chain(&mut listing.after) {
            side.function.push_str(HOSTILE);
            side.symbol.push_str(HOSTILE);
            side.lines
                .iter_mut()
                .for_each(|line| line.text.push_str(HOSTILE));
        }
    }
    let spoilt = page(&hostile(), Some(&listings));
    assert!(!spoilt.contains("<script>alert"));
    assert!(
        spoilt
            .matches("&lt;script&gt;alert('&amp;&quot;')&lt;/script&gt;")
            .count()
            > 50
    );
    let known: BTreeSet<String> = tags(&page(&report(), Some(&self::listings())))
        .into_iter()
        .map(|t| t.1)
        .collect();
    let unknown: Vec<_> = tags(&spoilt)
        .into_iter()
        .filter(|(_, tag)| !known.contains(tag))
        .collect();
    assert_eq!(unknown, []);
}

#[test]
fn every_tag_is_closed() {
    const VOID: [&str; 5] = ["meta", "input", "br", "link", "img"];
    for listings in [None, Some(&listings())] {
        let mut open = Vec::new();
        for (ends, tag) in tags(&page(&report(), listings)) {
            match ends {
                _ if VOID.contains(&tag.as_str()) => {}
                true => assert_eq!(open.pop().as_ref(), Some(&tag), "{open:?}"),
                false => open.push(tag),
            }
        }
        assert_eq!(open, [""; 0]);
    }
}

#[test]
fn it_needs_nothing_from_elsewhere() {
    let page = page(&report(), Some(&listings()));
    for word in [
        "http:", "https:", "//www", "@import", " src=", "<link", "<iframe", "<img", "fetch(",
        "XMLHttp",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    let urls = Regex::new(r"url\(([^)]*)\)").unwrap();
    let urls: BTreeSet<&str> = urls
        .captures_iter(&page)
        .map(|u| u.get(1).unwrap().as_str())
        .collect();
    assert_eq!(urls, ["#hatch"].into());
}

#[test]
fn each_link_leads_somewhere_in_it() {
    let mut report = report();
    // As the listings have it.
    report
        .comparison
        .as_mut()
        .unwrap()
        .calls
        .push(ComparedCall {
            helper: "rust_helper_g".into(),
            caller: HOSTILE.into(),
            location: None,
            called: 0,
            left: 0,
            inlined_into: vec![],
            bytes: 0,
        });
    let page = page(&report, Some(&listings()));
    let ids = attribute(&page, "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let links = attribute(&page, "href");
    assert!(links.len() > 10);
    for link in links {
        let id = link.strip_prefix('#').unwrap_or_else(|| panic!("{link}"));
        assert!(unique.contains(&id.to_owned()), "{link} in {ids:?}");
    }
    let labels = attribute(&page, "aria-labelledby");
    assert!(
        labels.iter().all(|label| unique.contains(label)),
        "{labels:?}"
    );
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let once = page(&report(), Some(&listings()));
    assert!(once == page(&report(), Some(&listings())));
}
