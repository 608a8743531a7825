//! That the listings of public items in docs/api are what the sources say: a change of
//! what users lean on is then seen in review.
//!
//! Read from the sources, so that they are the same under every rustc. `UPDATE_EXPECT=1`
//! writes them anew. Not here: whether a change is one that semver allows, which is for
//! people (and `cargo semver-checks`) to say.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::test::package::PUBLISHED;

mod impls;
mod items;
mod seen;

/// Checks, or writes, the listings of the workspace at `root`.
pub fn check(root: &Path) -> Result<()> {
    for name in PUBLISHED {
        let listing = items::list(&root.join(name).join("src"))
            .with_context(|| format!("listing the public items of {name}"))?;
        let path = root.join("docs/api").join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
            fs::write(&path, &listing)?;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if kept != listing {
            bail!(
                "public items of {name} have changed:\n{}\nif that is meant, `UPDATE_EXPECT=1 \
                 cargo xtask test --suite docs` writes {} anew; CHANGELOG.md tells users",
                difference(&kept, &listing),
                path.display()
            );
        }
        println!(
            "{name}: {} lines of public items, as listed",
            listing.lines().count()
        );
    }
    Ok(())
}

/// Lines that only one of two listings has.
fn difference(old: &str, new: &str) -> String {
    let only = |text: &str, other: &str, sign: &str| {
        let other: Vec<&str> = other.lines().collect();
        let lines = text.lines().filter(|line| !other.contains(line));
        lines
            .map(|line| format!("{sign} {line}\n"))
            .collect::<String>()
    };
    only(old, new, "-") + &only(new, old, "+")
}
