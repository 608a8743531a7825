//! One Markdown file: what it links to, and what can be linked to in it.
//!
//! Not here: whether a link leads anywhere.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A page.
pub struct Page {
    /// Its headings, as GitHub and mdBook name them in addresses.
    pub anchors: BTreeSet<String>,
    /// Its links and pictures, in order.
    pub links: Vec<Link>,
}

/// A link or a picture.
pub struct Link {
    /// Where it leads, as it is written.
    pub target: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Page {
    /// Reads a page.
    pub fn read(text: &str) -> Page {
        let mut page = Page {
            anchors: BTreeSet::new(),
            links: Vec::new(),
        };
        let mut heading: Option<String> = None;
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            let line = text[..range.start].matches('\n').count() + 1;
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let heading = heading.take().unwrap_or_default();
                    page.add_anchor(&anchor(&heading));
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let target = dest_url.into_string();
                    page.links.push(Link { target, line });
                }
                Event::Html(html) | Event::InlineHtml(html) => page.add_html(&html, line),
                _ => {}
            }
        }
        page
    }

    /// A heading that is there twice gets a number.
    fn add_anchor(&mut self, anchor: &str) {
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let mut names = std::iter::once(anchor.to_owned()).chain(numbered);
        let free = names.find(|name| !self.anchors.contains(name));
        self.anchors.extend(free);
    }

    /// What HTML in the page leads to.
    fn add_html(&mut self, html: &str, line: usize) {
        for attribute in ["href=\"", "src=\"", "srcset=\""] {
            for part in html.split(attribute).skip(1) {
                let target = part.split('"').next().unwrap_or_default().to_owned();
                self.links.push(Link { target, line });
            }
        }
    }
}

/// What a heading is called in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        _ if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_named_as_github_names_them() {
        let page = Page::read(
            "# What `-Clinker-plugin-lto` does\n\n## A, b & c_d\n\n## Again\n\n## Again\n",
        );
        let anchors: Vec<&str> = page.anchors.iter().map(String::as_str).collect();
        assert_eq!(
            anchors,
            [
                "a-b--c_d",
                "again",
                "again-1",
                "what--clinker-plugin-lto-does"
            ]
        );
    }
}
