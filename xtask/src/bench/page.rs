//! The pictures of `docs/report.md`: the page of the sample module, light and dark.
//!
//! Not here: whether the page is right (the suite "report page").

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::browser::View;
use crate::failure::Outcome;
use crate::test::page;

/// A picture: its name, what of the page is in it (all when that is empty), and its
/// height.
const PICTURES: [(&str, &[&str], u32); 3] = [
    ("report", &[], 820),
    ("report-code", &["size", "picture"], 1290),
    ("report-call", &["assembly"], 960),
];

/// The helper whose first call is shown with its assembly.
const HELPER: &str = "refcount_dec_and_test";

/// Makes the page and draws it.
pub fn run(root: &Path) -> Outcome {
    let made = page::make(root)?;
    let module = made.iter().find(|module| {
        module.report.module == "sample_kmod" && module.report.target.starts_with("x86_64")
    });
    let module = module.context("no sample was made for x86_64")?;
    let html = std::fs::read_to_string(&module.page_path).context("reading the page")?;
    let number = number_of(HELPER, &html)?;
    let scratch = tempfile::tempdir().context("making a directory for parts of the page")?;
    for (name, sections, height) in PICTURES {
        let part = scratch.path().join("part.html");
        std::fs::write(&part, only(&html, sections)).context("writing a part of the page")?;
        for (scheme, dark) in [("light", false), ("dark", true)] {
            let picture = root.join(format!("docs/{name}-{scheme}.png"));
            let view = View {
                height,
                dark,
                ..View::default()
            };
            let call = match sections {
                [] => String::new(),
                _ => format!("#call-{number}"),
            };
            view.draw(&part, &call, &picture)?;
            eprintln!("written to {}", picture.display());
        }
    }
    Ok(())
}

/// A page with some of its sections alone.
fn only(html: &str, sections: &[&str]) -> String {
    if sections.is_empty() {
        return html.to_owned();
    }
    let shown: Vec<String> = sections.iter().map(|id| format!("#{id}")).collect();
    let style = format!(
        "<style>header, nav, footer, .verdict, .figures, main > section:not({}) {{ display: none }} \
         html {{ scroll-padding-top: 10rem }} main > section {{ margin: 0 0 2rem }}</style></head>",
        shown.join(", ")
    );
    html.replacen("</head>", &style, 1)
}

/// The number of a helper's first call in a page.
fn number_of(helper: &str, html: &str) -> Result<u32> {
    let label = format!(" call of {helper}\"");
    let mut links = html.split("href=\"#call-").skip(1);
    let link = links.find(|link| {
        link.split('>')
            .next()
            .is_some_and(|tag| tag.contains(&label))
    });
    let number = link.and_then(|link| link.split('"').next());
    let number = number.with_context(|| format!("the sample does not call {helper}"))?;
    Ok(number.parse()?)
}
