//! That each crate we build with has a licence that deny.toml allows, and comes from
//! crates.io: what of `cargo deny check` needs no network.
//!
//! Not here: advisories, whose database is elsewhere (`release_check`).

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::none;
use crate::command;

/// Our settings, and what cargo calls crates.io.
const SETTINGS: &str = "deny.toml";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks the workspace at `root`.
pub fn check(root: &Path) -> Result<()> {
    let text =
        fs::read_to_string(root.join(SETTINGS)).with_context(|| format!("reading {SETTINGS}"))?;
    let allowed = allowed(&text)?;
    let mut cargo = command::cargo();
    let arguments = [
        "metadata",
        "--locked",
        "--format-version=1",
        "--all-features",
    ];
    let text = command::output(cargo.current_dir(root).args(arguments))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    ensure!(packages.len() > 50, "cargo lists no dependencies");
    let problems: Vec<String> = packages
        .iter()
        .filter_map(|p| problem(p, &allowed))
        .collect();
    none(
        "licences or sources that deny.toml does not allow",
        &problems,
    )?;
    println!(
        "{} crates have licences that {SETTINGS} allows",
        packages.len()
    );
    Ok(())
}

/// The licences that `deny.toml` allows.
fn allowed(settings: &str) -> Result<Vec<String>> {
    let settings: toml::Table = settings
        .parse()
        .with_context(|| format!("reading {SETTINGS}"))?;
    let list = settings
        .get("licenses")
        .and_then(|table| table.get("allow"));
    let list = list.and_then(toml::Value::as_array);
    let list = list.with_context(|| format!("{SETTINGS} has no `licenses.allow`"))?;
    let names = list.iter().filter_map(toml::Value::as_str);
    Ok(names.map(str::to_owned).collect())
}

/// What is wrong with a package, if anything.
fn problem(package: &Value, allowed: &[String]) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    // Our own have none.
    let source = package["source"].as_str()?;
    if source != REGISTRY {
        return Some(format!("{name} comes from {source}"));
    }
    let Some(text) = package["license"].as_str() else {
        return Some(format!("{name} names no licence"));
    };
    // `MIT/Apache-2.0` is how it was written once.
    let expression = match spdx::Expression::parse_mode(text, spdx::ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => return Some(format!("{name}: `{text}` is no licence: {error}")),
    };
    let is_allowed = expression.evaluate(|requirement| allowed.contains(&requirement.to_string()));
    (!is_allowed).then(|| format!("{name} is under {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_must_be_allowed() {
        let allowed =
            allowed("[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n");
        let allowed = allowed.unwrap();
        for (licence, source, told) in [
            ("MIT OR Unlicense", REGISTRY, None),
            ("MIT/Apache-2.0", REGISTRY, None),
            ("Apache-2.0 WITH LLVM-exception", REGISTRY, None),
            (
                "MIT AND MPL-2.0",
                REGISTRY,
                Some("c is under MIT AND MPL-2.0"),
            ),
            ("Apache-2.0", REGISTRY, Some("c is under Apache-2.0")),
            (
                "MIT",
                "git+https://a.b",
                Some("c comes from git+https://a.b"),
            ),
        ] {
            let package = serde_json::json!({ "name": "c", "license": licence, "source": source });
            assert_eq!(problem(&package, &allowed).as_deref(), told, "{licence}");
        }
        let ours = serde_json::json!({ "name": "c", "source": null });
        assert_eq!(problem(&ours, &allowed), None);
        let bare = serde_json::json!({ "name": "c", "source": REGISTRY, "license": null });
        assert_eq!(problem(&bare, &allowed).unwrap(), "c names no licence");
    }
}
